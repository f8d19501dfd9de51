"""The app in the playground, by each transport and on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state


@pytest.fixture
def is_seeded() -> bool:
    """Return whether there is sample data; a module may override it."""
    return True


@pytest.fixture
def each_harness(database_url: str, is_seeded: bool) -> Iterator[AppHarness]:
    """Return the app on each database, and by each transport on one of them.

    Neither knows of the other, so that the other two pairs would find nothing more.
    """
    transport = "socket" if database_url.startswith("sqlite") else "http"
    with run_app(database_url, transport, is_seeded=is_seeded) as harness:
        if not is_seeded:
            harness.create_seed_data()
        yield harness
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)


@pytest.fixture
def harness(sqlite_url: str, is_seeded: bool) -> Iterator[AppHarness]:
    """Return the app in Socket Mode on SQLite."""
    with run_app(sqlite_url, is_seeded=is_seeded) as harness:
        if not is_seeded:
            harness.create_seed_data()
        yield harness
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)

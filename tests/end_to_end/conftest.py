"""The stages that the roads are played on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.database import Database
from tests.conftest import empty
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> str:
    """Both ways in which Slack delivers."""
    return str(request.param)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, empty."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    if request.param == "postgres":
        with closing(Database.open(url)) as database:
            empty(database)
    return url


@pytest.fixture
def met() -> bool:
    """Whether the app knows everybody from the seed; a module may also start where it has met nobody."""
    return True


@pytest.fixture
def everywhere(database_url: str, transport: str, met: bool) -> Iterator[AppHarness]:
    """The app by each transport on each database."""
    with run_app(database_url, transport, is_seeded=met) as stage:
        if not met:
            stage.create_seed_data()
        yield stage
        stage.drain_outbox()
        assert_replay_gives_state(stage.app.database)


@pytest.fixture
def stage(sqlite_url: str, met: bool) -> Iterator[AppHarness]:
    """The app in Socket Mode on SQLite."""
    with run_app(sqlite_url, is_seeded=met) as stage:
        if not met:
            stage.create_seed_data()
        yield stage
        stage.drain_outbox()
        assert_replay_gives_state(stage.app.database)

"""The stages that the roads are played on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.database import Database
from tests.conftest import empty
from tests.support.app_harness import Stage, staged
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
def everywhere(database_url: str, transport: str, met: bool) -> Iterator[Stage]:
    """The app by each transport on each database."""
    with staged(database_url, transport, met=met) as stage:
        if not met:
            stage.begins()
        yield stage
        stage.settle()
        assert_replay_gives_state(stage.house.database)


@pytest.fixture
def stage(sqlite_url: str, met: bool) -> Iterator[Stage]:
    """The app in Socket Mode on SQLite."""
    with staged(sqlite_url, met=met) as stage:
        if not met:
            stage.begins()
        yield stage
        stage.settle()
        assert_replay_gives_state(stage.house.database)

"""Each test finds its database empty, whatever ran before it."""

from __future__ import annotations

from contextlib import closing

import pytest

from storage.database import Database
from tests.support.builders import Scenario

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.mark.parametrize("repetition", [1, 2])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_database_is_empty_after_a_test_that_filled_it(
    backend: str, repetition: int, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    with closing(Database.open(url)) as database:
        world = Scenario(database)
        assert len(world.list_recorded_events()) == 1  # the installation
        world.create_company()

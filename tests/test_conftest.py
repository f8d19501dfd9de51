"""Each test finds its database empty, whatever ran before it."""

from __future__ import annotations

from contextlib import closing

import pytest

from storage.database import Database
from tests.support.builders import Scenario


@pytest.mark.parametrize("repetition", [1, 2])
def test_a_database_is_empty_after_a_test_that_filled_it(
    database_url: str, repetition: int
) -> None:
    with closing(Database.open(database_url)) as database:
        world = Scenario(database)
        assert len(world.list_recorded_events()) == 1  # the installation
        world.create_company()

"""Several reads as one statement give what each gives alone."""

from __future__ import annotations

import pytest

from collab.home import ShowHome
from storage.database import Database
from storage.unit_of_work import StoredRepositories
from tests.support.builders import Scenario


def test_what_is_read_together_is_what_is_read_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Scenario(database)
    world.create_company()
    world.register_people("bo", "carl")
    world.create_resource("team", "Crew")
    world.create_resource("app", "Shop", "acme")
    world.add_member("bo", "developer", "shop")
    world.send_invitation("carl", "admin", "acme")
    world.request_access("bo", "manager", "shop")
    together = {
        who: world.bus.query(ShowHome(world.caller_for(who)), world.at)
        for who in ("ada", "bo", "carl")
    }
    monkeypatch.setattr(StoredRepositories, "read_together", lambda _self, _reads: None)
    for who, home in together.items():
        assert world.bus.query(ShowHome(world.caller_for(who)), world.at) == home
    assert together["ada"].pending_items
    assert together["ada"].sent
    assert together["carl"].pending_items

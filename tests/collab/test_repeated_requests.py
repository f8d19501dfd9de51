"""A repeated request has one effect; another command or person with the same key has its own."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from collab.events import InvitationSent, ResourceCreated
from collab.invitations.commands import InviteToResource
from collab.resources import CreateResource, DescribeResource, RenameResource
from storage.database import Database
from tests.support.builders import Scenario

KINDS = ("create", "rename", "describe", "invite")


@pytest.fixture
def office(database: Database) -> Scenario:
    """Acme, of which Ada and Bo are owners."""
    world = Scenario(database)
    world.create_company()
    world.register_people("bo")
    world.add_member("bo", "owner")
    return world


def act(world: Scenario, kind: str, who: str, delivery: str) -> Any:
    by = world.caller_for(who, idempotency_key=delivery)
    return {
        "create": CreateResource(by, "app", f"By {who}", "acme"),
        "rename": RenameResource(by, "acme", f"Of {who}"),
        "describe": DescribeResource(by, "acme", f"As {who} says"),
        "invite": InviteToResource(by, world.account_of(f"new-{who}"), "admin", "acme"),
    }[kind]


def test_requests_are_forgotten_after_a_day(office: Scenario) -> None:
    command = act(office, "rename", "ada", "command:1")
    office.execute(command)
    before = office.at

    assert office.database.delete_expired_rows(before + timedelta(days=1)) == 0
    assert office.execute(command).is_repeated
    later = before + timedelta(days=1, seconds=1)
    assert office.database.delete_expired_rows(later) == 1
    assert office.database.delete_expired_rows(later) == 0


@pytest.mark.parametrize(
    "delivery", ["command:1.2.abc", "view:V1:" + "h" * 300], ids=["short", "long"]
)
def test_each_act_of_each_person_under_one_delivery_is_done_once(
    office: Scenario, delivery: str
) -> None:
    for who in ("ada", "bo"):
        for kind in KINDS:
            outcome = office.execute(act(office, kind, who, delivery))
            assert (outcome.is_repeated, len(outcome.recorded) > 0) == (False, True), (
                who,
                kind,
            )
    events = len(office.list_recorded_events())

    for kind, who in [(kind, who) for kind in KINDS for who in ("bo", "ada")]:
        again = office.execute(act(office, kind, who, delivery))
        assert again.is_repeated
        assert {r.actor for r in again.recorded} == {office.person_id_of(who)}

    assert len(office.list_recorded_events()) == events


def test_no_act_is_answered_with_another_acts_events(office: Scenario) -> None:
    for number, (first, second) in enumerate(permutations(("create", "invite"), 2)):
        delivery = f"command:{number}"
        office.execute(act(office, first, "ada", delivery))
        outcome = office.execute(act(office, second, "bo", delivery))
        kind = ResourceCreated if second == "create" else InvitationSent
        assert outcome.find_event(kind)

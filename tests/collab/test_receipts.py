"""A delivery that comes again does one thing; another act, or another person's, under the same delivery is its own."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from collab.events import InvitationSent, ResourceCreated
from collab.invitations import Invite
from collab.resources import Create, Describe, Rename
from storage.database import Database
from tests.support.builders import World

KINDS = ("create", "rename", "describe", "invite")


@pytest.fixture
def office(database: Database) -> World:
    """Acme, of which Ada and Bo are owners."""
    world = World(database)
    world.company()
    world.knows("bo")
    world.member("bo", "owner")
    return world


def act(world: World, kind: str, who: str, delivery: str) -> Any:
    by = world.by(who, delivery=delivery)
    return {
        "create": Create(by, "app", f"By {who}", "acme"),
        "rename": Rename(by, "acme", f"Of {who}"),
        "describe": Describe(by, "acme", f"As {who} says"),
        "invite": Invite(by, world.account(f"new-{who}"), "admin", "acme"),
    }[kind]


@pytest.mark.parametrize("delivery", ["command:1.2.abc", "view:V1:" + "h" * 300], ids=["short", "long"])
def test_each_act_of_each_person_under_one_delivery_is_done_once(office: World, delivery: str) -> None:
    for who in ("ada", "bo"):
        for kind in KINDS:
            outcome = office.do(act(office, kind, who, delivery))
            assert (outcome.repeated, len(outcome.recorded) > 0) == (False, True), (who, kind)
    events = len(office.history())

    for kind, who in [(kind, who) for kind in KINDS for who in ("bo", "ada")]:
        again = office.do(act(office, kind, who, delivery))
        assert again.repeated
        assert {r.actor for r in again.recorded} == {office.id_of(who)}

    assert len(office.history()) == events


def test_no_act_is_answered_with_another_acts_events(office: World) -> None:
    for number, (first, second) in enumerate(permutations(("create", "invite"), 2)):
        delivery = f"command:{number}"
        office.do(act(office, first, "ada", delivery))
        outcome = office.do(act(office, second, "bo", delivery))
        kind = ResourceCreated if second == "create" else InvitationSent
        assert outcome.first(kind)

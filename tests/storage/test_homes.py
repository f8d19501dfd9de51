"""Homes on both databases: only what was opened is brought up to date, and once for all that waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab.home import FIRST
from collab.notices import HOME, Delivery, home_target
from storage.database import Database
from tests.support.builders import World

MINUTE = timedelta(seconds=60)


@pytest.fixture
def opened(database: Database) -> World:
    """Ada owns Acme and has opened Home; Carl is known and has not."""
    world = World(database)
    world.company()
    world.knows("carl")
    drained(world)
    database.outbox.show_home(world.workspace, person(world, "ada"), FIRST)
    drained(world)
    return world


def person(world: World, name: str) -> str:
    with world.database.units.look(world.workspace) as facts:
        found = facts.person_by_account(world.account(name))
    assert found
    return found.id


def claim(world: World) -> list[Delivery]:
    return [d for d in world.database.outbox.claim(100, MINUTE) if d.message == HOME]


def drained(world: World) -> list[Delivery]:
    """All that waits is sent; gives the Homes among it."""
    found: list[Delivery] = []
    while claimed := world.database.outbox.claim(100, MINUTE):
        for delivery in claimed:
            world.database.outbox.sent(delivery)
        found += [d for d in claimed if d.message == HOME]
    return found


def test_an_act_brings_up_to_date_the_homes_that_were_opened_of_those_whom_it_concerns(opened: World) -> None:
    invitation = opened.invite("carl")
    assert [d.target for d in drained(opened)] == [home_target(person(opened, "ada"))]
    opened.database.outbox.show_home(opened.workspace, person(opened, "carl"), FIRST)
    drained(opened)
    opened.accept("carl", invitation)
    assert {d.target for d in drained(opened)} == {home_target(person(opened, name)) for name in ("ada", "carl")}


def test_a_home_that_waits_already_does_not_wait_twice(opened: World) -> None:
    opened.invite("carl")
    opened.invite("devi")
    assert len(drained(opened)) == 1


def test_a_home_that_is_being_made_is_made_again_after_another_act(opened: World) -> None:
    opened.invite("carl")
    [being_made] = claim(opened)
    opened.invite("devi")
    opened.invite("bo")
    opened.database.outbox.sent(being_made)
    assert len(claim(opened)) == 1


def test_a_home_waits_behind_no_message(opened: World) -> None:
    opened.invite("carl")
    assert {d.target.partition(":")[0] for d in opened.database.outbox.claim(100, MINUTE)} == {"person", "home"}


def test_pages_are_kept_until_they_are_turned(opened: World) -> None:
    outbox, ada = opened.database.outbox, person(opened, "ada")
    assert outbox.home_pages(opened.workspace, ada) == [0, 0, 0]
    outbox.show_home(opened.workspace, ada, (0, 2, 11))
    outbox.show_home(opened.workspace, ada)
    assert outbox.home_pages(opened.workspace, ada) == [0, 2, 11]
    assert outbox.home_pages(opened.workspace, person(opened, "carl")) == []
    assert len(drained(opened)) == 1


def test_what_is_given_up_shows_in_the_homes_of_who_answers_for_it_and_of_whom_it_is_for(opened: World) -> None:
    opened.database.outbox.show_home(opened.workspace, person(opened, "carl"), FIRST)
    drained(opened)
    opened.invite("carl")
    claimed = opened.database.outbox.claim(100, MINUTE)
    [asked] = [d for d in claimed if d.message == "invitation"]
    for delivery in claimed:
        if delivery is not asked:
            opened.database.outbox.sent(delivery)
    drained(opened)
    opened.database.outbox.dead(asked, "user_disabled")
    assert {d.target for d in drained(opened)} == {home_target(person(opened, name)) for name in ("ada", "carl")}

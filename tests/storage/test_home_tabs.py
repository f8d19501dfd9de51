"""Home tabs on both databases: only opened ones are updated, and once for all queued changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab.home import FIRST_PAGES
from collab.model import Delivery, PersonId
from collab.notifications.messages import HOME
from collab.notifications.targets import format_home_target
from storage.database import Database
from tests.support.builders import Scenario

MINUTE = timedelta(seconds=60)


@pytest.fixture
def opened(database: Database) -> Scenario:
    """Ada owns Acme and has opened Home; Carl is known and has not."""
    world = Scenario(database)
    world.create_company()
    world.register_people("carl")
    drained(world)
    database.outbox.enqueue_home_update(
        world.workspace, person(world, "ada"), FIRST_PAGES
    )
    drained(world)
    return world


def person(world: Scenario, name: str) -> PersonId:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = facts.people.find_person_by_account(world.account_of(name))
    assert found
    return found.id


def claim(world: Scenario) -> list[Delivery]:
    return [
        d
        for d in world.database.outbox.claim_deliveries(100, MINUTE)
        if d.message == HOME
    ]


def drained(world: Scenario) -> list[Delivery]:
    """All that waits is sent; gives the Homes among it."""
    found: list[Delivery] = []
    while claimed := world.database.outbox.claim_deliveries(100, MINUTE):
        for delivery in claimed:
            world.database.outbox.mark_sent(delivery)
        found += [d for d in claimed if d.message == HOME]
    return found


def test_an_act_brings_up_to_date_the_homes_that_were_opened_of_those_whom_it_concerns(
    opened: Scenario,
) -> None:
    invitation = opened.send_invitation("carl")
    assert [d.target for d in drained(opened)] == [
        format_home_target(person(opened, "ada"))
    ]
    opened.database.outbox.enqueue_home_update(
        opened.workspace, person(opened, "carl"), FIRST_PAGES
    )
    drained(opened)
    opened.accept_invitation("carl", invitation)
    assert {d.target for d in drained(opened)} == {
        format_home_target(person(opened, name)) for name in ("ada", "carl")
    }


def test_a_home_that_waits_already_does_not_wait_twice(opened: Scenario) -> None:
    opened.send_invitation("carl")
    opened.send_invitation("devi")
    assert len(drained(opened)) == 1


def test_a_home_that_is_being_made_is_made_again_after_another_act(
    opened: Scenario,
) -> None:
    opened.send_invitation("carl")
    [being_made] = claim(opened)
    opened.send_invitation("devi")
    opened.send_invitation("bo")
    opened.database.outbox.mark_sent(being_made)
    assert len(claim(opened)) == 1


def test_a_home_waits_behind_no_message(opened: Scenario) -> None:
    opened.send_invitation("carl")
    assert {
        d.target.partition(":")[0]
        for d in opened.database.outbox.claim_deliveries(100, MINUTE)
    } == {"person", "home"}


def test_pages_are_kept_until_they_are_turned(opened: Scenario) -> None:
    outbox, ada = opened.database.outbox, person(opened, "ada")
    assert outbox.get_home_pages(opened.workspace, ada) == [0, 0, 0]
    outbox.enqueue_home_update(opened.workspace, ada, (0, 2, 11))
    outbox.enqueue_home_update(opened.workspace, ada)
    assert outbox.get_home_pages(opened.workspace, ada) == [0, 2, 11]
    assert outbox.get_home_pages(opened.workspace, person(opened, "carl")) == []
    assert len(drained(opened)) == 1


def test_what_is_given_up_shows_in_the_homes_of_who_answers_for_it_and_of_whom_it_is_for(
    opened: Scenario,
) -> None:
    opened.database.outbox.enqueue_home_update(
        opened.workspace, person(opened, "carl"), FIRST_PAGES
    )
    drained(opened)
    opened.send_invitation("carl")
    claimed = opened.database.outbox.claim_deliveries(100, MINUTE)
    [asked] = [d for d in claimed if d.message == "invitation"]
    for delivery in claimed:
        if delivery is not asked:
            opened.database.outbox.mark_sent(delivery)
    drained(opened)
    opened.database.outbox.mark_failed(asked, "user_disabled")
    assert {d.target for d in drained(opened)} == {
        format_home_target(person(opened, name)) for name in ("ada", "carl")
    }

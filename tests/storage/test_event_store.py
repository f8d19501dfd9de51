"""The newest events of some resources, on both databases, compared with a search through all events."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest

from collab.event_repository import EventFilter
from collab.events import (
    Event,
    InvitationSent,
    MemberRemoved,
    PersonProfiled,
    RecordedEvent,
    get_event_name,
    list_resource_ids,
)
from collab.model import InvitationId, PersonId, ResourceId
from storage.database import Database
from tests.support.builders import Scenario
from tests.support.load import LoadProfile, append_events

pytestmark = pytest.mark.pooled

CROWD = LoadProfile(members=6, apps=5, invitations=120)
PEOPLE = [PersonId(f"PCROWD{n:04}") for n in range(CROWD.members)]
THINGS = [ResourceId(f"RCROWD{n:04}") for n in range(CROWD.apps)]
HOUR = timedelta(hours=1)


def some_event(dice: random.Random, n: int, at: datetime) -> Event:
    """Something that concerns nothing, one thing or several."""
    person, (place, *also) = (
        dice.choice(PEOPLE),
        dice.sample(THINGS, dice.randint(1, 3)),
    )
    if dice.random() < 0.3:
        return PersonProfiled(
            person,
            "T0ACME0HQ",
            "Somebody",
            None,
            "UTC",
            None,
            False,
            False,
            True,
        )
    if dice.random() < 0.5:
        return MemberRemoved(place, person, "developer")
    ends = at + timedelta(days=7)
    return InvitationSent(
        InvitationId(f"I{n}"),
        place,
        PersonId(f"PCROWD{CROWD.members + n:04}"),
        person,
        "developer",
        None,
        None,
        None,
        ends,
        ends,
        tuple(also),
    )


def concerning(
    record: Collection[RecordedEvent],
    things: Collection[str],
    choice: EventFilter,
    before: int | None,
    most: int,
) -> list[RecordedEvent]:
    """The same by looking at every event."""
    found = [
        r
        for r in record
        if not set(list_resource_ids(r.event)).isdisjoint(things)
        and (before is None or r.seq < before)
        and (choice.actor is None or r.actor == choice.actor)
        and (choice.person is None or getattr(r.event, "person", None) == choice.person)
        and (choice.since is None or r.at >= choice.since)
        and (
            not choice.names
            or any(
                fnmatchcase(get_event_name(r.event), p.replace("%", "*"))
                for p in choice.name_patterns
            )
        )
    ]
    return sorted(found, key=lambda r: -r.seq)[:most]


@pytest.fixture
def record(database: Database) -> Scenario:
    """Acme with a few apps, on which this and that has happened, by two people."""
    world = Scenario(database)
    acme, at, dice = world.create_company(), world.at, random.Random(5)
    append_events(
        database,
        world.workspace,
        PEOPLE[0],
        at,
        CROWD.build_events(acme, PEOPLE[0], at),
    )
    for n in range(CROWD.invitations):
        append_events(
            database,
            world.workspace,
            dice.choice(PEOPLE[:2]),
            at + n * HOUR,
            [some_event(dice, n, at)],
        )
    return world


def test_the_newest_events_of_some_resources_are_found(record: Scenario) -> None:
    dice = random.Random(7)
    with record.database.unit_of_work_factory.read(record.workspace) as facts:
        every = facts.events.list_events_from(1, 10_000)
        for _ in range(150):
            choice = EventFilter(
                dice.choice([None, None, *PEOPLE[:2]]),
                dice.choice([None, None, None, *PEOPLE]),
                dice.choice([(), (), ("member",), ("invitation.sent", "resource")]),
                dice.choice([None, None, record.at + 50 * HOUR]),
            )
            things = dice.sample(
                [*THINGS, ResourceId("RNOWHERE")], dice.randint(0, len(THINGS))
            )
            before, most = (
                dice.choice([None, dice.randint(1, every[-1].seq)]),
                dice.choice([1, 3, 20, 1000]),
            )
            found = facts.events.list_events_on(things, choice, before, most)
            assert found == concerning(every, things, choice, before, most)


def test_the_ends_of_the_calendar_and_of_the_numbers_can_be_asked_for(
    database: Database,
) -> None:
    world = Scenario(database)
    world.create_company()
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    found = [
        bool(world.list_events(since=since, before=before))
        for since in ends
        for before in (1, 2**63 - 1)
    ]
    assert found == [False, True, False, False]

"""Keys to rotate, after people lost access to the code of a resource (MEM-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import ClassVar

from collab import accessible_resources, errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import Event, KeysRotated
from collab.merged_records import get_present_people
from collab.model import NOBODY, Person, PersonId, Resource, ResourceId, StaleKey
from collab.resource_lookup import resolve_with_capability


@dataclass(frozen=True, slots=True)
class MarkKeysRotated(Command):
    """Record that the passwords and deploy keys of a resource were renewed."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def decide(self, context: Context) -> list[Event]:
        """Reject an actor who may not work with the code, or keys that are not stale."""
        resource = resolve_with_capability(context, self.what, "code")
        if resource.id not in context.key_rotation.list_stale_keys([resource.id]):
            raise errors.NothingToRotate(resource.title)
        return [KeysRotated(resource.id)]


@dataclass(frozen=True, slots=True)
class StaleKeys:
    """Resources with stale keys and since when, oldest first.

    `lost` are the people who lost access, `owners` who is to rotate the keys, by the id
    of the resource.
    """

    found: Sequence[tuple[Resource, datetime]]
    lost: Mapping[ResourceId, Sequence[LostAccess]] = field(default_factory=dict)
    owners: Mapping[ResourceId, KeyOwner] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListStaleKeys(Query[StaleKeys]):
    """List the resources whose keys the actor should rotate."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> StaleKeys:
        """Return those whose code the actor may work with."""
        stale = context.key_rotation.list_stale_keys(
            list(
                accessible_resources.list_resource_ids_with_capability(
                    context, context.actor.id, "code"
                )
            )
        )
        known = context.resources.get_resources(stale)
        people = get_present_people(
            context,
            {
                person_id
                for keys in stale.values()
                for key in keys
                for person_id in (key.person, key.owner)
                if person_id
            },
        )
        mine = [(known[place], keys[0].since) for place, keys in stale.items()]
        owners = {
            place: owner
            for place, keys in stale.items()
            if (owner := _find_owner(keys, people, context.at))
        }
        return StaleKeys(
            sorted(mine, key=lambda found: (found[1], found[0].title)),
            {place: _group_by_day(keys, people) for place, keys in stale.items()},
            owners,
        )


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who is to rotate the keys of a resource, until when, and if that has passed."""

    person: Person
    due: datetime
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class LostAccess:
    """People who lost access to the code of a resource on one day, from `at` on."""

    people: Sequence[Person]
    at: datetime


def _group_by_day(
    keys: Sequence[StaleKey], people: Mapping[PersonId, Person]
) -> list[LostAccess]:
    """Group people who lost access, in order of time, by the day (UTC)."""
    days = [list(day) for _, day in groupby(keys, key=lambda key: key.since.date())]
    return [
        LostAccess([people.get(key.person, NOBODY) for key in day], day[0].since)
        for day in days
    ]


def _find_owner(
    keys: Sequence[StaleKey], people: Mapping[PersonId, Person], at: datetime
) -> KeyOwner | None:
    """Return who is to rotate the keys first."""
    owned = [(key.due, key.owner) for key in keys if key.due and key.owner]
    if not owned:
        return None
    due, owner_id = min(owned)
    return KeyOwner(people.get(owner_id, NOBODY), due, is_overdue=at >= due)

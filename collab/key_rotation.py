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
from collab.model import NOBODY, Person, PersonId, Resource, ResourceId
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

    `lost` are the people who lost access, by the id of the resource.
    """

    found: Sequence[tuple[Resource, datetime]]
    lost: Mapping[ResourceId, Sequence[LostAccess]] = field(default_factory=dict)


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
        people = context.people.get_people(
            {person for gone in stale.values() for person, _ in gone}
        )
        mine = [(known[place], gone[0][1]) for place, gone in stale.items()]
        lost = {place: _group_by_day(gone, people) for place, gone in stale.items()}
        return StaleKeys(
            sorted(mine, key=lambda found: (found[1], found[0].title)), lost
        )


@dataclass(frozen=True, slots=True)
class LostAccess:
    """People who lost access to the code of a resource on one day, from `at` on."""

    people: Sequence[Person]
    at: datetime


def _group_by_day(
    gone: Sequence[tuple[PersonId, datetime]], people: Mapping[PersonId, Person]
) -> list[LostAccess]:
    """Group people who lost access, in order of time, by the day (UTC)."""
    days = [list(day) for _, day in groupby(gone, key=lambda one: one[1].date())]
    return [
        LostAccess([people.get(person, NOBODY) for person, _ in day], day[0][1])
        for day in days
    ]

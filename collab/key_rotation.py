"""Keys: what is to be rotated because somebody who could reach its code went (MEM-07)."""

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
from collab.model import NOBODY, Person, Resource
from collab.resource_lookup import resolve_with_capability


@dataclass(frozen=True, slots=True)
class MarkKeysRotated(Command):
    """Say that the service passwords and deploy keys of a resource are new."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever may work with its code may say that its keys are new."""
        resource = resolve_with_capability(context, self.what, "code")
        if resource.id not in context.key_rotation.list_stale_keys([resource.id]):
            raise errors.NothingToRotate(resource.title)
        return [KeysRotated(resource.id)]


@dataclass(frozen=True, slots=True)
class StaleKeys:
    """What is to be rotated, the longest first, and since when; `lost` are those who lost access to each, by id."""

    found: Sequence[tuple[Resource, datetime]]
    lost: Mapping[str, Sequence[LostAccess]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListStaleKeys(Query[StaleKeys]):
    """What of mine is to be rotated."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> StaleKeys:
        """Whoever may work with the code of a thing sees that its keys are to be rotated."""
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
    """People who lost access to the code of a resource on one day, and the first moment of it."""

    people: Sequence[Person]
    at: datetime


def _group_by_day(
    gone: Sequence[tuple[str, datetime]], people: Mapping[str, Person]
) -> list[LostAccess]:
    """Group people who lost access, in order of time, by the day (UTC)."""
    days = [list(day) for _, day in groupby(gone, key=lambda one: one[1].date())]
    return [
        LostAccess([people.get(person, NOBODY) for person, _ in day], day[0][1])
        for day in days
    ]

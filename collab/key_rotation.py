"""Keys: what is to be rotated because somebody who could reach its code went (MEM-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.events import Event, KeysRotated
from collab.people import NOBODY, Caller, Person
from collab.resources import Resource, resolve_with_capability

if TYPE_CHECKING:
    from collab.context import Context


@dataclass(frozen=True, slots=True)
class MarkKeysRotated:
    """Say that the service passwords and deploy keys of a resource are new."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class ListStaleKeys:
    """What of mine is to be rotated."""

    by: Caller


@dataclass(frozen=True, slots=True)
class StaleKeys:
    """What is to be rotated, the longest first, and since when; `lost` are those who lost access to each, by id."""

    found: Sequence[tuple[Resource, datetime]]
    lost: Mapping[str, Sequence[LostAccess]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LostAccess:
    """People who lost access to the code of a resource on one day, and the first moment of it."""

    people: Sequence[Person]
    at: datetime


def mark_keys_rotated(act: MarkKeysRotated, case: Context) -> list[Event]:
    """Whoever may work with its code may say that its keys are new."""
    resource = resolve_with_capability(case, act.what, "code")
    if resource.id not in case.repositories.list_stale_keys([resource.id]):
        raise errors.NothingToRotate(resource.title)
    return [KeysRotated(resource.id)]


def list_stale_keys(ask: ListStaleKeys, case: Context) -> StaleKeys:  # noqa: ARG001 - every question has this form
    """Whoever may work with the code of a thing sees that its keys are to be rotated."""
    stale = case.repositories.list_stale_keys(
        list(
            authorization.list_resource_ids_with_capability(case, case.actor.id, "code")
        )
    )
    known = case.repositories.get_resources(stale)
    people = case.repositories.get_people(
        {person for gone in stale.values() for person, _ in gone}
    )
    mine = [(known[place], gone[0][1]) for place, gone in stale.items()]
    lost = {place: _group_by_day(gone, people) for place, gone in stale.items()}
    return StaleKeys(sorted(mine, key=lambda found: (found[1], found[0].title)), lost)


def _group_by_day(
    gone: Sequence[tuple[str, datetime]], people: Mapping[str, Person]
) -> list[LostAccess]:
    """Group people who lost access, in order of time, by the day (UTC)."""
    days = [list(day) for _, day in groupby(gone, key=lambda one: one[1].date())]
    return [
        LostAccess([people.get(person, NOBODY) for person, _ in day], day[0][1])
        for day in days
    ]

"""What a person who was deactivated finds when they return (MEM-09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab.context import Context
from collab.event_repository import EventFilter
from collab.events import (
    MemberEnded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    PersonReturned,
    SuccessionSettled,
)
from collab.model import Person, PersonId, Resource, ResourceId

MAX_SETTLED = 100  # successions that are looked at
MEMBERSHIP_CHANGES = (MemberRoleChanged, MemberLeft, MemberRemoved, MemberEnded)


@dataclass(frozen=True, slots=True)
class ChangedRole:
    """A direct role that changed or ended meanwhile; `role` is the present one, if any.

    `successor` is who was chosen to take it over, as `successor_role`.
    """

    resource: Resource
    before: str
    role: str | None
    successor: Person | None = None
    successor_role: str = ""


@dataclass(frozen=True, slots=True)
class ReturnView:
    """The direct roles that a person still has, and those that changed meanwhile."""

    kept: Sequence[tuple[Resource, str]] = ()
    changed: Sequence[ChangedRole] = ()


def build_return_view(context: Context, event: PersonReturned) -> ReturnView:
    """Return what a person has, and what changed since they were deactivated."""
    memberships = context.memberships.list_memberships_of(event.person, context.at)
    present = {each.resource: each.role for each in memberships}
    before = _list_roles_before(context, event)
    successions = _list_successions(context, event, {*present, *before})
    kept: list[tuple[Resource, str]] = []
    changed: list[ChangedRole] = []
    resources = context.resources.get_resources({*present, *before})
    for resource in sorted(resources.values(), key=lambda each: each.title):
        role = present.get(resource.id)
        former = before.get(resource.id, role or "")
        if resource.id in successions or role != former:
            successor, successor_role = successions.get(resource.id, (None, ""))
            changed.append(
                ChangedRole(resource, former, role, successor, successor_role)
            )
        elif role:
            kept.append((resource, role))
    return ReturnView(kept, changed)


def _list_roles_before(
    context: Context, event: PersonReturned
) -> dict[ResourceId, str]:
    """Return the role that each first change of a membership found."""
    before: dict[ResourceId, str] = {}
    recorded_events = context.events.list_events_about(
        event.person, MEMBERSHIP_CHANGES, event.since
    )
    for recorded in recorded_events:
        change = recorded.event
        if isinstance(change, MemberRoleChanged):
            before.setdefault(change.resource, change.before)
        elif isinstance(change, MemberLeft | MemberRemoved | MemberEnded):
            before.setdefault(change.resource, change.role)
    return before


def _list_successions(
    context: Context, event: PersonReturned, resource_ids: set[ResourceId]
) -> dict[ResourceId, tuple[Person | None, str]]:
    """Return who was chosen to replace the person, and in which role, by resource."""
    settled = context.events.list_events_on(
        resource_ids,
        EventFilter(names=(SuccessionSettled.name,), since=event.since),
        None,
        MAX_SETTLED,
    )
    successors: dict[ResourceId, tuple[Person | None, str]] = {}
    for recorded in settled:
        if not isinstance(recorded.event, SuccessionSettled):
            continue
        succession = context.successions.get_succession(recorded.event.succession)
        if succession and succession.person == event.person:
            chosen = context.people.get_person(PersonId(recorded.event.person))
            successors.setdefault(
                recorded.event.resource, (chosen, recorded.event.role)
            )
    return successors

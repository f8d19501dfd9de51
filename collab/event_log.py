"""The event log: what happened, as far as the caller may view what it happened to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from collab import accessible_resources
from collab.command import Query
from collab.context import Context
from collab.errors import UnknownEvent
from collab.event_repository import EventFilter
from collab.events import (
    EVENTS,
    InvitationDeclined,
    RecordedEvent,
    RequestDeclined,
    list_subject_resource_ids,
)
from collab.memberships.queries import hide_address
from collab.model import (
    NOBODY,
    Account,
    Address,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.people import get_or_register_person
from collab.repositories import Repositories
from collab.resource_lookup import resolve_resource
from collab.role_derivation import RolesByResource

PAGE_SIZE = 20
MAX_EVENTS = 100_000


# What mere members do not read of each other: who said no, and who asks for more.
CONFIDENTIAL = frozenset(
    {
        "invitation.declined",
        "request.sent",
        "request.granted",
        "request.declined",
        "request.ended",
    }
)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event with what its text needs.

    `others` are the resources of events that differ in nothing else.
    """

    recorded: RecordedEvent
    actor: Person
    person: Person | None
    resource: Resource | None
    team: Resource | None = None
    others: tuple[Resource, ...] = ()

    def join(self, line: EventLine) -> EventLine:
        """Return the line of both events."""
        if line.resource is None:
            return self
        return replace(self, others=(line.resource, *self.others))


@dataclass(frozen=True, slots=True)
class AppliedFilters:
    """The filters of a list of events: actor, person, event names, start."""

    by: Person | None = None
    about: Person | None = None
    names: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventList:
    """Events, newest first; without a resource, of all that the caller may view.

    `next_before` is the sequence number before which the next page starts.
    """

    resource: Resource | None
    lines: Sequence[EventLine]
    next_before: int | None
    filters: AppliedFilters = field(default_factory=AppliedFilters)


@dataclass(frozen=True, slots=True)
class ListEvents(Query[EventList]):
    """List the events of a resource and its contents, or of all, by some filters."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str | None = None
    who: Account | Address | None = None
    since: datetime | None = None
    before: int | None = None
    about: Account | Address | None = None
    names: tuple[str, ...] = ()
    limit: int = PAGE_SIZE

    def answer(self, context: Context) -> EventList:
        """Return the events of a resource and its contents that the caller may view (EVT-03)."""
        # Asked first, what they reach also says what the name means to them.
        visible_ids = accessible_resources.list_viewable_resource_ids(
            context, context.actor.id
        )
        resource = resolve_resource(context, self.what) if self.what else None
        within = (
            _select_resources_within(context, visible_ids, resource)
            if resource
            else visible_ids
        )
        choice = _build_filter(self, context)
        found = _list_visible_events(
            context, visible_ids, within, choice, self.before, self.limit + 1
        )
        lines = _build_event_lines(context, found[: self.limit], visible_ids)
        by, about = (
            get_or_register_person(context, who)[0] if who else None
            for who in (self.who, self.about)
        )
        filters = AppliedFilters(by, about, choice.names, choice.since)
        return EventList(
            resource,
            lines,
            found[self.limit - 1].seq if len(found) > self.limit else None,
            filters,
        )


def _hide_reason(recorded: RecordedEvent) -> RecordedEvent:
    """Remove the reason of a decline, which only one person reads (INV-06, MEM-12)."""
    event = recorded.event
    if isinstance(event, InvitationDeclined | RequestDeclined) and event.reason:
        return replace(recorded, event=replace(event, reason=None))
    return recorded


def _build_event_lines(
    context: Context, found: Sequence[RecordedEvent], visible_ids: frozenset[ResourceId]
) -> list[EventLine]:
    """Build the lines of events, with all their people loaded at once."""
    concerned = {
        person
        for r in found
        for person in (r.actor, getattr(r.event, "person", None))
        if person
    }
    context.people.get_people(concerned)
    lines = [
        build_event_line(context.repositories, _hide_reason(recorded), visible_ids)
        for recorded in found
    ]
    return [hide_line_addresses(context, line) for line in lines]


def hide_line_addresses(context: Context, line: EventLine) -> EventLine:
    """Return a line without the addresses that the actor may not see (MEM-13)."""
    people = [person for person in (line.actor, line.person) if person]
    if all(hide_address(person) is person for person in people):
        return line
    if _may_see_addresses(context, line.recorded):
        return line
    person = hide_address(line.person) if line.person else None
    return replace(line, actor=hide_address(line.actor), person=person)


def _may_see_addresses(context: Context, recorded: RecordedEvent) -> bool:
    """Return whether the actor took part in an event or may assign a role there."""
    actor_id = context.actor.id
    if actor_id in _get_concerned_people(recorded):
        return True
    roles_by_resource = accessible_resources.list_effective_roles_by_resource(
        context, actor_id
    )
    return _may_assign_roles_there(context, roles_by_resource, recorded)


def build_event_line(
    repositories: Repositories,
    recorded: RecordedEvent,
    visible_ids: Collection[ResourceId] | None = None,
) -> EventLine:
    """Build an event's line with what its text needs.

    Of several subjects, the first that the reader may view is shown.
    """
    event = recorded.event
    actor = repositories.people.get_person(recorded.actor) if recorded.actor else None
    person = getattr(event, "person", None)
    places = [
        place
        for place in list_subject_resource_ids(event)
        if visible_ids is None or place in visible_ids
    ]
    first, team = next(iter(places), None), getattr(event, "team", None)
    if (
        event.name.startswith("team.")
        and visible_ids is not None
        and team not in visible_ids
    ):
        team = None  # the reader may not view it
    return EventLine(
        recorded,
        actor or NOBODY,
        repositories.people.get_person(person) if person else None,
        repositories.resources.get_resource(first) if first else None,
        repositories.resources.get_resource(team)
        if team and "team" in event.resource_fields
        else None,
    )


def list_event_sources() -> tuple[str, ...]:
    """Return the sources of events by which they can be filtered."""
    return tuple(sorted({name.partition(".")[0] for name in EVENTS} - {"*"}))


def _select_resources_within(
    context: Context, visible_ids: frozenset[ResourceId], outer: Resource
) -> frozenset[ResourceId]:
    """Return a resource and its contents, as far as the caller may view them."""
    reached = accessible_resources.load_reachable_graph(
        context, context.actor.id
    ).resources
    return frozenset(
        place for place in visible_ids if _is_inside(reached, place, outer.id)
    ) | {outer.id}


def _is_inside(
    reached: Mapping[ResourceId, Resource], place: ResourceId | None, outer: ResourceId
) -> bool:
    while place is not None and place != outer:
        found = reached.get(place)
        place = found.parent if found else None
    return place == outer


def _list_visible_events(
    context: Context,
    visible_ids: frozenset[ResourceId],
    within: frozenset[ResourceId],
    choice: EventFilter,
    before: int | None,
    most: int,
) -> list[RecordedEvent]:
    """List the events that match the filter and whose subject the reader may view."""
    shown: list[RecordedEvent] = []
    while len(shown) < most:
        found = context.events.list_events_on(within, choice, before, most)
        visible = [
            r
            for r in found
            if not visible_ids.isdisjoint(list_subject_resource_ids(r.event))
        ]
        shown += _drop_confidential(context, visible)
        if len(found) < most:
            break
        before = found[-1].seq
    return shown[:most]


def _drop_confidential(
    context: Context, found: Sequence[RecordedEvent]
) -> list[RecordedEvent]:
    """Remove others' declines and requests where the caller may assign no role."""
    actor_id = context.actor.id
    foreign = {
        r.seq
        for r in found
        if r.event.name in CONFIDENTIAL and actor_id not in _get_concerned_people(r)
    }
    if not foreign or not actor_id:
        return list(found)
    roles_by_resource = accessible_resources.list_effective_roles_by_resource(
        context, actor_id
    )
    return [
        r
        for r in found
        if r.seq not in foreign
        or _may_assign_roles_there(context, roles_by_resource, r)
    ]


def _get_concerned_people(recorded: RecordedEvent) -> set[PersonId | None]:
    event = recorded.event
    return {
        recorded.actor,
        getattr(event, "person", None),
        getattr(event, "inviter", None),
    }


def _may_assign_roles_there(
    context: Context, roles_by_resource: RolesByResource, recorded: RecordedEvent
) -> bool:
    """Return whether the caller may assign a role on a subject of the event."""
    for place in list_subject_resource_ids(recorded.event):
        resource = context.resources.get_resource(place)
        roles = {held.role for held in roles_by_resource.get(place, ())}
        if resource and any(
            role.grants
            for role in context.roles[resource.kind].roles
            if role.name in roles
        ):
            return True
    return False


def _build_filter(ask: ListEvents, context: Context) -> EventFilter:
    for name in ask.names:
        if not any(
            name in {known, known.partition(".")[0]}
            for known in _list_event_names(context)
        ):
            raise UnknownEvent(name, list_event_sources())
    actor, person = (
        get_or_register_person(context, who)[0].id if who else None
        for who in (ask.who, ask.about)
    )
    return EventFilter(actor, person, ask.names, ask.since)


def _list_event_names(context: Context) -> Collection[str]:
    """Return every event name, with the resource type in place of an asterisk."""
    starred = [name.removeprefix("*") for name in EVENTS if name.startswith("*")]
    return [
        *(n for n in EVENTS if not n.startswith("*")),
        *(kind + fact for kind in context.roles for fact in starred),
    ]

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
from collab.events import (
    EVENTS,
    InvitationDeclined,
    RecordedEvent,
    RequestDeclined,
    list_subject_resource_ids,
)
from collab.model import (
    NOBODY,
    Account,
    Address,
    EventFilter,
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
    """One event with what its words need."""

    recorded: RecordedEvent
    actor: Person
    person: Person | None
    resource: Resource | None
    team: Resource | None = None


@dataclass(frozen=True, slots=True)
class AppliedFilters:
    """What a list of events was limited to: by whom, about whom, of which names, since when."""

    by: Person | None = None
    about: Person | None = None
    names: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventList:
    """Events, newest first; without a resource of all that the asker may view. `next_before` is where to go on."""

    resource: Resource | None
    lines: Sequence[EventLine]
    next_before: int | None
    filters: AppliedFilters = field(default_factory=AppliedFilters)


@dataclass(frozen=True, slots=True)
class ListEvents(Query[EventList]):
    """What happened to a resource and in it, or anywhere; by whom, about whom, of which names, since when."""

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
        seen = accessible_resources.list_viewable_resource_ids(
            context, context.actor.id
        )
        resource = resolve_resource(context, self.what) if self.what else None
        within = _select_resources_within(context, seen, resource) if resource else seen
        choice = _build_filter(self, context)
        found = _list_visible_events(
            context, seen, within, choice, self.before, self.limit + 1
        )
        lines = _build_event_lines(context, found[: self.limit], seen)
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
    """The event without the reason of a decline, which one person alone reads (INV-06, MEM-12)."""
    event = recorded.event
    if isinstance(event, InvitationDeclined | RequestDeclined) and event.reason:
        return replace(recorded, event=replace(event, reason=None))
    return recorded


def list_recent_events(
    context: Context, resource: Resource, seen: frozenset[ResourceId], most: int
) -> list[EventLine]:
    """Return the last events of a resource itself; `seen` holds the ids that the reader may view."""
    return _build_event_lines(
        context,
        _list_visible_events(
            context, seen, frozenset({resource.id}), EventFilter(), None, most
        ),
        seen,
    )


def _build_event_lines(
    context: Context, found: Sequence[RecordedEvent], seen: frozenset[ResourceId]
) -> list[EventLine]:
    """Build the lines of events, all their people loaded at once; `seen` holds the ids that the reader may view."""
    concerned = {
        person
        for r in found
        for person in (r.actor, getattr(r.event, "person", None))
        if person
    }
    context.people.get_people(concerned)
    return [
        build_event_line(context.repositories, _hide_reason(recorded), seen)
        for recorded in found
    ]


def build_event_line(
    repositories: Repositories,
    recorded: RecordedEvent,
    seen: Collection[ResourceId] | None = None,
) -> EventLine:
    """Build an event's line with what its text needs; of several subjects, the first in `seen` is shown."""
    event = recorded.event
    actor = repositories.people.get_person(recorded.actor) if recorded.actor else None
    person = getattr(event, "person", None)
    places = [
        place
        for place in list_subject_resource_ids(event)
        if seen is None or place in seen
    ]
    first, team = next(iter(places), None), getattr(event, "team", None)
    if event.name.startswith("team.") and seen is not None and team not in seen:
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
    """The sources of events, as they may be asked for."""
    return tuple(sorted({name.partition(".")[0] for name in EVENTS} - {"*"}))


def _select_resources_within(
    context: Context, seen: frozenset[ResourceId], outer: Resource
) -> frozenset[ResourceId]:
    """Of what the asker may view, and what of it is gone: a resource and what is in it."""
    reached = accessible_resources.load_reachable_graph(
        context, context.actor.id
    ).resources
    return frozenset(
        place for place in seen if _is_inside(reached, place, outer.id)
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
    seen: frozenset[ResourceId],
    within: frozenset[ResourceId],
    choice: EventFilter,
    before: int | None,
    most: int,
) -> list[RecordedEvent]:
    """List the events that match the filter, without those whose subject the reader may not view."""
    shown: list[RecordedEvent] = []
    while len(shown) < most:
        found = context.events.list_events_on(within, choice, before, most)
        visible = [
            r for r in found if not seen.isdisjoint(list_subject_resource_ids(r.event))
        ]
        shown += _drop_confidential(context, visible)
        if len(found) < most:
            break
        before = found[-1].seq
    return shown[:most]


def _drop_confidential(
    context: Context, found: Sequence[RecordedEvent]
) -> list[RecordedEvent]:
    """The events without the declines and requests of others on what the asker brings nobody into."""
    asker = context.actor.id
    foreign = {
        r.seq
        for r in found
        if r.event.name in CONFIDENTIAL and asker not in _get_concerned_people(r)
    }
    if not foreign or not asker:
        return list(found)
    holding = accessible_resources.list_effective_roles_by_resource(context, asker)
    return [
        r
        for r in found
        if r.seq not in foreign or _may_assign_roles_there(context, holding, r)
    ]


def _get_concerned_people(recorded: RecordedEvent) -> set[PersonId | None]:
    event = recorded.event
    return {
        recorded.actor,
        getattr(event, "person", None),
        getattr(event, "inviter", None),
    }


def _may_assign_roles_there(
    context: Context, holding: RolesByResource, recorded: RecordedEvent
) -> bool:
    """Whether the asker holds a role with which others can be brought into what an event is about."""
    for place in list_subject_resource_ids(recorded.event):
        resource = context.resources.get_resource(place)
        roles = {held.role for held in holding.get(place, ())}
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
    """Every event name, with the resource type in place of an asterisk."""
    starred = [name.removeprefix("*") for name in EVENTS if name.startswith("*")]
    return [
        *(n for n in EVENTS if not n.startswith("*")),
        *(kind + fact for kind in context.roles for fact in starred),
    ]

"""Who could do what at the end of a past day, from the record alone (ASK-01).

The events that change access are applied, oldest first, to an empty access graph. Tests
compare the result for all events with the tables of current state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from collab import errors, events
from collab.context import Context
from collab.events import Event, RecordedEvent
from collab.model import Membership, Resource, ResourceId
from collab.moved_records import MovedRecords
from collab.past_access_graph import PastAccessGraph
from collab.role_model import RoleModel

MAX_EVENTS = 20_000  # about a second; Slack waits for three


def build_past_context(context: Context, day: date, resource_id: ResourceId) -> Context:
    """Return a context whose access graph and time are those at the end of a day (UTC).

    The graph answers about one resource; of other resources it may lack memberships. Of
    today it is the present. People merged since then count as one person. Raises
    Rejected for a later day, and where too many events would have to be read.
    """
    if day > context.at.astimezone(UTC).date():
        raise errors.DayToCome(day)
    end = datetime.combine(day, time(), UTC) + timedelta(days=1, microseconds=-1)
    until = min(end, context.at)
    most = MAX_EVENTS + 1
    names = _list_structural_names(context.roles)
    structural = context.events.list_events_named(names, until, most)
    places = build_graph(structural).list_places_of_roles(context.roles, resource_id)
    of_members = context.events.list_events_named(MEMBER_NAMES, until, most, places)
    if len(structural) + len(of_members) > MAX_EVENTS:
        raise errors.RecordTooLong(day, MAX_EVENTS)
    recorded = sorted([*structural, *of_members], key=lambda each: each.seq)
    graph = build_graph(recorded)
    merges = context.events.list_events_named(MERGE_NAMES, context.at, most)
    apply_events(graph, _list_later_merges(merges, until))
    return replace(context, graph=graph, at=until)


def build_graph(recorded: Iterable[RecordedEvent]) -> PastAccessGraph:
    """Return the graph that follows from events in their order."""
    graph = PastAccessGraph()
    apply_events(graph, recorded)
    return graph


def apply_events(graph: PastAccessGraph, recorded: Iterable[RecordedEvent]) -> None:
    """Change a graph by events in their order."""
    for each in recorded:
        APPLY_BY_EVENT[type(each.event)](graph, each, each.event)


def _list_structural_names(role_model: RoleModel) -> frozenset[str]:
    """Return the names of events about anything but memberships.

    A resource of each type is created by an event with a name of its own.
    """
    kinds = list(role_model)
    return frozenset(
        name.replace("*", kind) for name in STRUCTURAL_NAMES for kind in kinds
    )


def _list_later_merges(
    recorded: Iterable[RecordedEvent], until: datetime
) -> Iterator[RecordedEvent]:
    """Yield the merges after a time, without those that were taken back."""
    later = [each for each in recorded if each.at > until]
    separated_at = {
        each.event.person: each.seq
        for each in later
        if isinstance(each.event, events.PersonSeparated)
    }
    for each in later:
        if isinstance(each.event, events.PersonMerged) and (
            each.seq > separated_at.get(each.event.person, 0)
        ):
            yield each


def _create(
    past: PastAccessGraph, _at: RecordedEvent, event: events.ResourceCreated
) -> None:
    past.resources[event.resource] = Resource(
        event.resource, event.kind, event.slug, event.title, event.parent
    )


def _move(
    past: PastAccessGraph, _at: RecordedEvent, event: events.ResourceMoved
) -> None:
    past.change_resource(event.resource, parent=event.parent)


def _pay(past: PastAccessGraph, _at: RecordedEvent, event: events.PayerChanged) -> None:
    past.change_resource(event.resource, payer=event.payer)


def _retire(
    past: PastAccessGraph, _at: RecordedEvent, event: events.ResourceRetired
) -> None:
    past.change_resource(event.resource, retired=True)


def _disable(
    past: PastAccessGraph, _at: RecordedEvent, event: events.ResourceDisabled
) -> None:
    past.change_resource(event.resource, disabled=True)


def _enable(
    past: PastAccessGraph, _at: RecordedEvent, event: events.ResourceEnabled
) -> None:
    past.change_resource(event.resource, disabled=False)


def _delete(
    past: PastAccessGraph, _at: RecordedEvent, event: events.ResourceDeleted
) -> None:
    deleted_id = event.resource
    past.change_resource(deleted_id, gone=True, payer=None)
    past.members.pop(deleted_id, None)
    past.shares.pop(deleted_id, None)
    for shares in past.shares.values():
        shares.pop(deleted_id, None)
    past.assigned.pop(deleted_id, None)
    for assigned in past.assigned.values():
        assigned.pop(deleted_id, None)


def _join(
    past: PastAccessGraph, recorded: RecordedEvent, event: events.MemberJoined
) -> None:
    past.end_membership(event.resource, event.person)
    past.members[event.resource][event.person] = Membership(
        event.resource, event.person, event.role, recorded.at, event.until
    )


def _restore(
    past: PastAccessGraph, _at: RecordedEvent, event: events.MemberRestored
) -> None:
    past.members[event.resource][event.person] = Membership(
        event.resource, event.person, event.role, event.since, event.until
    )
    for resource_id in event.assigned:
        past.assign(event.resource, resource_id, event.person)


def _change_role(
    past: PastAccessGraph, _at: RecordedEvent, event: events.MemberRoleChanged
) -> None:
    past.end_assignments(event.resource, event.person)
    membership = past.members[event.resource].pop(event.person, None)
    if membership and not event.ends:
        past.members[event.resource][event.person] = replace(
            membership, role=event.role, until=event.until
        )


def _extend(
    past: PastAccessGraph, _at: RecordedEvent, event: events.MemberExtended
) -> None:
    membership = past.members[event.resource].get(event.person)
    if membership:
        past.members[event.resource][event.person] = replace(
            membership, until=event.until
        )


def _end(
    past: PastAccessGraph,
    _at: RecordedEvent,
    event: events.MemberLeft | events.MemberRemoved | events.MemberEnded,
) -> None:
    past.end_membership(event.resource, event.person)


def _share(past: PastAccessGraph, _at: RecordedEvent, event: events.TeamShared) -> None:
    past.shares[event.resource][event.team] = event.role


def _unshare(
    past: PastAccessGraph, _at: RecordedEvent, event: events.TeamUnshared
) -> None:
    past.shares[event.resource].pop(event.team, None)
    past.assigned[event.team].pop(event.resource, None)


def _assign(
    past: PastAccessGraph, _at: RecordedEvent, event: events.TeamAssigned
) -> None:
    past.assign(event.team, event.resource, event.person)


def _unassign(
    past: PastAccessGraph, _at: RecordedEvent, event: events.TeamUnassigned
) -> None:
    past.assigned[event.team].get(event.resource, set()).discard(event.person)


def _update_account(
    past: PastAccessGraph, _at: RecordedEvent, event: events.PersonProfiled
) -> None:
    if event.active:
        past.inactive_person_ids.discard(event.person)
    else:
        past.inactive_person_ids.add(event.person)


def _merge(
    past: PastAccessGraph, _at: RecordedEvent, event: events.PersonMerged
) -> None:
    """Move roles; where both people have one, `keeps` says which of them stays."""
    for resource_id, members in past.members.items():
        membership = members.pop(event.person, None)
        if membership is None:
            continue
        if event.into not in members or resource_id in event.keeps:
            members[event.into] = replace(membership, person=event.into)
    for assigned in past.assigned.values():
        for person_ids in assigned.values():
            if event.person in person_ids:
                person_ids.remove(event.person)
                person_ids.add(event.into)


def _separate(
    past: PastAccessGraph, _at: RecordedEvent, event: events.PersonSeparated
) -> None:
    """Give back what had passed from one record to another."""
    moved = MovedRecords.decode(event.moved)
    for membership in moved.memberships:
        members = past.members[membership.resource]
        members.pop(event.into, None)
        members[event.person] = membership
    for membership in moved.own:
        past.members[membership.resource][event.into] = membership
    for team_id, resource_id in moved.assigned:
        past.assigned[team_id].get(resource_id, set()).discard(event.into)
        past.assign(team_id, resource_id, event.person)
    for team_id, resource_id in moved.own_assigned:
        past.assign(team_id, resource_id, event.into)


# Each function takes the type of event that stands beside it.
APPLY_BY_EVENT: Mapping[
    type[Event], Callable[[PastAccessGraph, RecordedEvent, Any], None]
] = {
    events.ResourceCreated: _create,
    events.ResourceMoved: _move,
    events.PayerChanged: _pay,
    events.ResourceRetired: _retire,
    events.ResourceDisabled: _disable,
    events.ResourceEnabled: _enable,
    events.ResourceDeleted: _delete,
    events.MemberJoined: _join,
    events.MemberRestored: _restore,
    events.MemberRoleChanged: _change_role,
    events.MemberExtended: _extend,
    events.MemberLeft: _end,
    events.MemberRemoved: _end,
    events.MemberEnded: _end,
    events.TeamShared: _share,
    events.TeamUnshared: _unshare,
    events.TeamAssigned: _assign,
    events.TeamUnassigned: _unassign,
    events.PersonProfiled: _update_account,
    events.PersonMerged: _merge,
    events.PersonSeparated: _separate,
}
EVENT_NAMES = frozenset(event_type.name for event_type in APPLY_BY_EVENT)
MEMBER_NAMES = frozenset(name for name in EVENT_NAMES if name.startswith("member."))
STRUCTURAL_NAMES = EVENT_NAMES - MEMBER_NAMES
MERGE_NAMES = frozenset({events.PersonMerged.name, events.PersonSeparated.name})

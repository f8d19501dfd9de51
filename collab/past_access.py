"""Who could do what at the end of a past day, from the record alone (ASK-01).

The events that change access are applied, oldest first, to an empty access graph. Tests
compare the result for all events with the tables of current state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from collab import errors, events
from collab.access_graph import (
    EffectiveRole,
    ReachableGraph,
    RoleAssignments,
    Step,
)
from collab.context import Context
from collab.events import Event, RecordedEvent
from collab.model import Membership, PersonId, Resource, ResourceId, TeamShare
from collab.moved_records import MovedRecords
from collab.role_derivation import list_role_sources
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
    places = PastAccess(structural).list_places_of_roles(context.roles, resource_id)
    of_members = context.events.list_events_named(MEMBER_NAMES, until, most, places)
    if len(structural) + len(of_members) > MAX_EVENTS:
        raise errors.RecordTooLong(day, MAX_EVENTS)
    recorded = sorted([*structural, *of_members], key=lambda each: each.seq)
    graph = PastAccess(recorded)
    merges = context.events.list_events_named(MERGE_NAMES, context.at, most)
    graph.apply(_list_later_merges(merges, until))
    return replace(context, graph=graph, at=until)


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


class PastAccess:
    """An access graph that is built from events."""

    def __init__(self, recorded: Iterable[RecordedEvent] = ()) -> None:
        self.resources: dict[ResourceId, Resource] = {}
        self.members: defaultdict[ResourceId, dict[PersonId, Membership]]
        self.members = defaultdict(dict)
        self.shares: defaultdict[ResourceId, dict[ResourceId, str]] = defaultdict(dict)
        self.assigned: defaultdict[ResourceId, dict[ResourceId, set[PersonId]]]
        self.assigned = defaultdict(dict)
        self.inactive_person_ids: set[PersonId] = set()
        self.apply(recorded)

    def apply(self, recorded: Iterable[RecordedEvent]) -> None:
        """Apply events, in their order."""
        for each in recorded:
            APPLY_BY_EVENT[type(each.event)](self, each, each.event)

    def get_resource(self, resource_id: ResourceId) -> Resource | None:
        """Return a resource by id."""
        return self.resources.get(resource_id)

    def find_resource(
        self,
        typed: str,
        _people: Collection[PersonId],
        _at: datetime,
        _containers: Collection[str] = (),
    ) -> Resource | None:
        """Return a resource by id; names are those of today."""
        return self.resources.get(ResourceId(typed))

    def recall_reachable_graph(
        self, _person: PersonId, _at: datetime
    ) -> ReachableGraph | None:
        """Return none: nothing is loaded of one person alone."""
        return None

    def list_shares(self, resource_id: ResourceId) -> Sequence[TeamShare]:
        """Return the teams that had a role on a resource."""
        return [
            TeamShare(
                team_id,
                resource_id,
                role,
                frozenset(self.assigned[team_id].get(resource_id, ())),
            )
            for team_id, role in self.shares[resource_id].items()
        ]

    def get_memberships_by_resource(
        self, person_id: PersonId, resource_ids: Sequence[ResourceId], at: datetime
    ) -> Mapping[ResourceId, Membership]:
        """Return an active person's memberships on some resources, by resource id."""
        found = {}
        for resource_id in resource_ids:
            membership = self.members[resource_id].get(person_id)
            if membership and self._lasts(membership, at):
                found[resource_id] = membership
        return found

    def get_assignments_by_resource(
        self, resource_ids: Collection[ResourceId], at: datetime
    ) -> RoleAssignments:
        """Return the memberships on some resources, by resource id."""
        assignments: dict[ResourceId, list[tuple[Step, Sequence[PersonId]]]] = {}
        for resource_id in sorted(resource_ids):
            person_ids_by_role: defaultdict[str, list[PersonId]] = defaultdict(list)
            for membership in self.members[resource_id].values():
                if self._lasts(membership, at):
                    person_ids_by_role[membership.role].append(membership.person)
            assignments[resource_id] = [
                (Step(role, resource_id), sorted(person_ids))
                for role, person_ids in sorted(person_ids_by_role.items())
            ]
        return assignments

    def list_contents_with_roles_of_person(
        self, person_id: PersonId, resource_id: ResourceId, at: datetime
    ) -> Sequence[tuple[Resource, EffectiveRole]]:
        """Return what a resource contained, each with an assigned role of a person."""
        found = []
        for inner, source_id in self.list_contents_with_role_sources(resource_id):
            membership = self.members[source_id].get(person_id)
            if membership and self._lasts(membership, at):
                role = EffectiveRole.from_membership(
                    person_id, membership.role, source_id
                )
                found.append((inner, role))
        return found

    def list_contents_with_role_sources(
        self, resource_id: ResourceId
    ) -> Sequence[tuple[Resource, ResourceId]]:
        """Return what a resource contained, each with a source of roles."""
        return [
            (inner, source_id)
            for inner in self._iterate_contents(resource_id)
            for source_id in self._list_sources(inner)
        ]

    def load_reachable_graph(
        self, person_id: PersonId, at: datetime, _role_model: RoleModel
    ) -> ReachableGraph:
        """Return everything, with the memberships of one person."""
        memberships = self.get_memberships_by_resource(
            person_id, list(self.resources), at
        )
        return self._build_graph(list(memberships.values()))

    def load_suspended_graph(
        self, person_id: PersonId, at: datetime, _role_model: RoleModel
    ) -> ReachableGraph:
        """Return everything, with the suspended memberships of one person."""
        if person_id not in self.inactive_person_ids:
            return self._build_graph([])
        memberships = [
            members[person_id]
            for members in list(self.members.values())
            if person_id in members
        ]
        unexpired = [m for m in memberships if m.until is None or m.until > at]
        return self._build_graph(unexpired)

    def _build_graph(self, memberships: Sequence[Membership]) -> ReachableGraph:
        shares = {each: self.list_shares(each) for each in list(self.shares)}
        return ReachableGraph(memberships, self.resources, shares)

    def list_places_of_roles(
        self, role_model: RoleModel, resource_id: ResourceId
    ) -> frozenset[ResourceId]:
        """Return the ids of the resources whose memberships lead to one resource."""
        resource = self.resources.get(resource_id)
        if resource is None:
            return frozenset()
        sources = list_role_sources(role_model, self, resource)
        contents = self.list_contents_with_role_sources(resource_id)
        return frozenset(each.id for each in sources) | {each for _, each in contents}

    def change_resource(self, resource_id: ResourceId, **values: Any) -> None:
        """Replace fields of a resource."""
        if resource_id in self.resources:
            self.resources[resource_id] = replace(self.resources[resource_id], **values)

    def end_membership(self, resource_id: ResourceId, person_id: PersonId) -> None:
        """Delete a membership and the assignments that depend on it."""
        self.members[resource_id].pop(person_id, None)
        self.end_assignments(resource_id, person_id)

    def assign(
        self, team_id: ResourceId, resource_id: ResourceId, person_id: PersonId
    ) -> None:
        """Assign a resource of a team to a member."""
        self.assigned[team_id].setdefault(resource_id, set()).add(person_id)

    def end_assignments(self, team_id: ResourceId, person_id: PersonId) -> None:
        """Delete the assignments of a member of a team."""
        if team_id in self.assigned:
            for person_ids in self.assigned[team_id].values():
                person_ids.discard(person_id)

    def _lasts(self, membership: Membership, at: datetime) -> bool:
        if membership.person in self.inactive_person_ids:
            return False
        return membership.until is None or membership.until > at

    def _iterate_contents(self, resource_id: ResourceId) -> Iterator[Resource]:
        contents: defaultdict[ResourceId, list[Resource]] = defaultdict(list)
        for resource in self.resources.values():
            if resource.parent and not resource.gone:
                contents[resource.parent].append(resource)
        to_visit, visited_ids = [resource_id], {resource_id}
        while to_visit:
            for inner in contents[to_visit.pop(0)]:
                if inner.id not in visited_ids:
                    visited_ids.add(inner.id)
                    to_visit.append(inner.id)
                    yield inner

    def _list_sources(self, resource: Resource) -> list[ResourceId]:
        """Return what roles on a resource are assigned on: itself, payer and teams."""
        payer = self.resources.get(resource.payer) if resource.payer else None
        sources = [resource.id, *self.shares[resource.id]]
        if payer:
            sources += [payer.id, *self.shares[payer.id]]
            sources += [payer.parent] if payer.parent else []
        return sources


def _create(
    past: PastAccess, _at: RecordedEvent, event: events.ResourceCreated
) -> None:
    past.resources[event.resource] = Resource(
        event.resource, event.kind, event.slug, event.title, event.parent
    )


def _move(past: PastAccess, _at: RecordedEvent, event: events.ResourceMoved) -> None:
    past.change_resource(event.resource, parent=event.parent)


def _pay(past: PastAccess, _at: RecordedEvent, event: events.PayerChanged) -> None:
    past.change_resource(event.resource, payer=event.payer)


def _retire(
    past: PastAccess, _at: RecordedEvent, event: events.ResourceRetired
) -> None:
    past.change_resource(event.resource, retired=True)


def _disable(
    past: PastAccess, _at: RecordedEvent, event: events.ResourceDisabled
) -> None:
    past.change_resource(event.resource, disabled=True)


def _enable(
    past: PastAccess, _at: RecordedEvent, event: events.ResourceEnabled
) -> None:
    past.change_resource(event.resource, disabled=False)


def _delete(
    past: PastAccess, _at: RecordedEvent, event: events.ResourceDeleted
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
    past: PastAccess, recorded: RecordedEvent, event: events.MemberJoined
) -> None:
    past.end_membership(event.resource, event.person)
    past.members[event.resource][event.person] = Membership(
        event.resource, event.person, event.role, recorded.at, event.until
    )


def _restore(
    past: PastAccess, _at: RecordedEvent, event: events.MemberRestored
) -> None:
    past.members[event.resource][event.person] = Membership(
        event.resource, event.person, event.role, event.since, event.until
    )
    for resource_id in event.assigned:
        past.assign(event.resource, resource_id, event.person)


def _change_role(
    past: PastAccess, _at: RecordedEvent, event: events.MemberRoleChanged
) -> None:
    past.end_assignments(event.resource, event.person)
    membership = past.members[event.resource].pop(event.person, None)
    if membership and not event.ends:
        past.members[event.resource][event.person] = replace(
            membership, role=event.role, until=event.until
        )


def _extend(past: PastAccess, _at: RecordedEvent, event: events.MemberExtended) -> None:
    membership = past.members[event.resource].get(event.person)
    if membership:
        past.members[event.resource][event.person] = replace(
            membership, until=event.until
        )


def _end(
    past: PastAccess,
    _at: RecordedEvent,
    event: events.MemberLeft | events.MemberRemoved | events.MemberEnded,
) -> None:
    past.end_membership(event.resource, event.person)


def _share(past: PastAccess, _at: RecordedEvent, event: events.TeamShared) -> None:
    past.shares[event.resource][event.team] = event.role


def _unshare(past: PastAccess, _at: RecordedEvent, event: events.TeamUnshared) -> None:
    past.shares[event.resource].pop(event.team, None)
    past.assigned[event.team].pop(event.resource, None)


def _assign(past: PastAccess, _at: RecordedEvent, event: events.TeamAssigned) -> None:
    past.assign(event.team, event.resource, event.person)


def _unassign(
    past: PastAccess, _at: RecordedEvent, event: events.TeamUnassigned
) -> None:
    past.assigned[event.team].get(event.resource, set()).discard(event.person)


def _update_account(
    past: PastAccess, _at: RecordedEvent, event: events.PersonProfiled
) -> None:
    if event.active:
        past.inactive_person_ids.discard(event.person)
    else:
        past.inactive_person_ids.add(event.person)


def _merge(past: PastAccess, _at: RecordedEvent, event: events.PersonMerged) -> None:
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
    past: PastAccess, _at: RecordedEvent, event: events.PersonSeparated
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
    type[Event], Callable[[PastAccess, RecordedEvent, Any], None]
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

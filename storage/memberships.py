"""Memberships in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)

from collab import events
from collab.access_graph import EffectiveRole, ReachableGraph, RoleAssignments, Step
from collab.events import RecordedEvent
from collab.model import Membership, PersonId, Resource, ResourceId
from storage.key_rotation import DELETE_STALE_KEY, mark_keys_stale
from storage.resources import RESOURCE_COLUMNS, ResourceRepository
from storage.sql import Write, in_array, of_workspace, param
from storage.tables import memberships, people, resources, team_assignments, team_shares
from storage.teams import TeamRepository

MEMBERSHIP_COLUMNS = (
    memberships.c.resource,
    memberships.c.person,
    memberships.c.role,
    memberships.c.since,
    memberships.c.until,
)
_ROLE_COLUMNS = (
    memberships.c.person,
    memberships.c.role,
    memberships.c.resource.label("place"),
)
IS_UNEXPIRED = or_(memberships.c.until.is_(None), memberships.c.until > param("at"))
_SELECT_MEMBERSHIP = select(*MEMBERSHIP_COLUMNS).where(of_workspace(memberships))
# Few people are inactive, so those are looked up instead of all others. Spelled out, so
# that their index serves.
IS_INACTIVE = text("NOT people.active")
_IS_OF_ACTIVE_PERSON = memberships.c.person.not_in(
    select(people.c.id).where(of_workspace(people), IS_INACTIVE)
)
IS_ACTIVE_MEMBERSHIP = and_(_IS_OF_ACTIVE_PERSON, IS_UNEXPIRED)
IS_SUSPENDED_MEMBERSHIP = and_(~_IS_OF_ACTIVE_PERSON, IS_UNEXPIRED)
_ACTIVE_MEMBERSHIPS = _SELECT_MEMBERSHIP.where(IS_ACTIVE_MEMBERSHIP)
_MEMBERS_OF_RESOURCE = _ACTIVE_MEMBERSHIPS.where(
    memberships.c.resource == param("resource")
).order_by(memberships.c.since, memberships.c.person)
MEMBERSHIPS_OF_PERSON = _ACTIVE_MEMBERSHIPS.where(
    memberships.c.person == param("person")
).order_by(memberships.c.since, memberships.c.resource)
# Many in one row, which is read sooner than a row for each.
_COMMA: Any = literal_column("','")
_PERSON_IDS = func.aggregate_strings(memberships.c.person, _COMMA)
_DIRECT_MEMBERSHIPS = _ACTIVE_MEMBERSHIPS.where(
    memberships.c.person == param("person"), in_array(memberships.c.resource, "places")
)
_INTERMEDIATE = resources.alias("middle")


def _select_memberships_within(
    tie: ColumnElement[bool], *whose: ColumnElement[bool]
) -> Select[Any]:
    """Select memberships on the contents of a resource, to a depth of two."""
    stands_in = or_(
        resources.c.parent == param("outer"), _INTERMEDIATE.c.parent == param("outer")
    )
    middle = and_(
        _INTERMEDIATE.c.workspace == resources.c.workspace,
        _INTERMEDIATE.c.id == resources.c.parent,
    )
    return (
        select(*RESOURCE_COLUMNS, *_ROLE_COLUMNS)
        .join_from(
            memberships,
            resources,
            and_(resources.c.workspace == memberships.c.workspace, tie),
        )
        .outerjoin(_INTERMEDIATE, middle)
        .where(
            of_workspace(memberships),
            ~resources.c.gone,
            stands_in,
            _IS_OF_ACTIVE_PERSON,
            IS_UNEXPIRED,
            *whose,
        )
    )


def _is_shared_with_team(held: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(
        team_shares.c.workspace == memberships.c.workspace,
        team_shares.c.team == memberships.c.resource,
        team_shares.c.resource == held,
    )


_PAYMENT_METHOD = resources.alias("paying")
_RELATIONS = (
    resources.c.id == memberships.c.resource,
    resources.c.payer == memberships.c.resource,
    _is_shared_with_team(resources.c.id),
    _is_shared_with_team(resources.c.payer),
    exists().where(
        _PAYMENT_METHOD.c.workspace == resources.c.workspace,
        _PAYMENT_METHOD.c.id == resources.c.payer,
        _PAYMENT_METHOD.c.parent == memberships.c.resource,
    ),
)
_MEMBERSHIPS_WITHIN = union_all(
    *(
        _select_memberships_within(tie, memberships.c.person == param("person"))
        for tie in _RELATIONS
    )
)


_ASSIGNMENTS_ON_RESOURCES = (
    _ACTIVE_MEMBERSHIPS.where(in_array(memberships.c.resource, "places"))
    .with_only_columns(memberships.c.resource, memberships.c.role, _PERSON_IDS)
    .group_by(memberships.c.resource, memberships.c.role)
    .order_by(memberships.c.resource, memberships.c.role)
)
_DUE_MEMBERSHIPS = (
    _SELECT_MEMBERSHIP.where(memberships.c.due <= param("at"))
    .order_by(memberships.c.due)
    .limit(param("most"))
)
_SUSPENDED_OF_PERSON = (
    _SELECT_MEMBERSHIP.join(
        people,
        and_(
            people.c.workspace == memberships.c.workspace,
            people.c.id == memberships.c.person,
        ),
    )
    .where(~people.c.active, memberships.c.person == param("person"))
    .order_by(memberships.c.resource)
)
_SUSPENDED_ON_RESOURCE = (
    _SELECT_MEMBERSHIP.join(
        people,
        and_(
            people.c.workspace == memberships.c.workspace,
            people.c.id == memberships.c.person,
        ),
    )
    .where(~people.c.active, memberships.c.resource == param("resource"))
    .order_by(memberships.c.person)
)


class MembershipRepository(ResourceRepository, TeamRepository):
    """Reads memberships."""

    def list_members(self, resource: ResourceId, at: datetime) -> Sequence[Membership]:
        """Return active people's memberships on a resource at a moment."""
        rows = self._read_once(
            "members",
            (resource, at),
            lambda: self._read_rows(_MEMBERS_OF_RESOURCE, resource=resource, at=at),
        )
        return [Membership(*row) for row in rows]

    def list_memberships_of(
        self, person: PersonId, at: datetime
    ) -> Sequence[Membership]:
        """Return a person's memberships at a moment."""
        reach: ReachableGraph | None = self.recall("reach", (person, at))
        if reach:
            return reach.memberships
        return [
            Membership(*row)
            for row in self._read_rows(MEMBERSHIPS_OF_PERSON, person=person, at=at)
        ]

    def get_memberships_by_resource(
        self, person: PersonId, resources: Sequence[ResourceId], at: datetime
    ) -> Mapping[ResourceId, Membership]:
        """Return an active person's memberships at a moment, by resource."""
        unknown = [
            resource
            for resource in resources
            if not self.is_remembered("membership", (person, resource, at))
        ]
        if unknown:
            found = {
                row.resource: Membership(*row)
                for row in self._read_rows(
                    _DIRECT_MEMBERSHIPS, person=person, places=unknown, at=at
                )
            }
            for resource in unknown:
                self.remember("membership", (person, resource, at), found.get(resource))
        return {
            resource: membership
            for resource in resources
            if (membership := self.recall("membership", (person, resource, at)))
        }

    def list_contents_with_roles_of_person(
        self, person: PersonId, resource: ResourceId, at: datetime
    ) -> Sequence[tuple[Resource, EffectiveRole]]:
        """Return a resource's contents with a person's role on each or its payer."""
        wide, rows = (
            len(RESOURCE_COLUMNS),
            self._read_rows(_MEMBERSHIPS_WITHIN, person=person, outer=resource, at=at),
        )
        return [
            (Resource(*row[:wide]), EffectiveRole.from_membership(*row[wide:]))
            for row in rows
        ]

    def get_assignments_by_resource(
        self, places: Collection[ResourceId], at: datetime
    ) -> RoleAssignments:
        """Return each role on some resources with the people who have it."""
        unknown = [
            place for place in places if not self.is_remembered("given", (place, at))
        ]
        found: dict[ResourceId, list[tuple[Step, Sequence[PersonId]]]] = {
            place: [] for place in unknown
        }
        rows = self._read_rows_for_ids(
            _ASSIGNMENTS_ON_RESOURCES, "places", unknown, at=at
        )
        for resource_id, role, whose in rows:
            found[resource_id].append(
                (Step(role, resource_id), sorted(whose.split(",")))
            )
        for place, assignments_there in found.items():
            self.remember("given", (place, at), assignments_there)
        return {place: self.recall("given", (place, at)) for place in places}

    def list_suspended_memberships_of(self, person: PersonId) -> Sequence[Membership]:
        """Return the suspended memberships of a deactivated person."""
        return [
            Membership(*row)
            for row in self._read_rows(_SUSPENDED_OF_PERSON, person=person)
        ]

    def list_suspended_memberships_on(
        self, resource: ResourceId
    ) -> Sequence[Membership]:
        """Return the memberships of deactivated people on a resource."""
        return [
            Membership(*row)
            for row in self._read_rows(_SUSPENDED_ON_RESOURCE, resource=resource)
        ]

    def list_due_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Return temporary memberships with a due reminder or end."""
        return [
            Membership(*row)
            for row in self._read_rows(_DUE_MEMBERSHIPS, at=at, most=most)
        ]


_IS_THIS_MEMBERSHIP = and_(
    of_workspace(memberships),
    memberships.c.resource == param("of"),
    memberships.c.person == param("whose"),
)
_INSERT_MEMBERSHIP = memberships.insert()
_UPDATE_ROLE = (
    update(memberships)
    .where(_IS_THIS_MEMBERSHIP)
    .values(role=param("new_role"), until=param("new_until"), due=param("new_due"))
)
_UPDATE_END = (
    update(memberships)
    .where(_IS_THIS_MEMBERSHIP)
    .values(until=param("new_until"), due=param("new_due"))
)
_INSERT_ASSIGNMENT = team_assignments.insert()
_DELETE_MEMBERSHIP = delete(memberships).where(_IS_THIS_MEMBERSHIP)
_DELETE_ASSIGNMENTS = delete(team_assignments).where(
    of_workspace(team_assignments),
    team_assignments.c.team == param("of"),
    team_assignments.c.person == param("whose"),
)


def insert_membership(
    recorded: RecordedEvent, event: events.MemberJoined
) -> Iterator[Write]:
    """Insert a membership; an ended one still in the table is replaced."""
    yield from delete_membership(recorded, event)
    yield (
        _INSERT_MEMBERSHIP,
        {
            "workspace": recorded.workspace,
            "resource": event.resource,
            "person": event.person,
            "role": event.role,
            "since": recorded.at,
            "until": event.until,
            "due": event.due or event.until,
        },
    )


def restore_membership(
    recorded: RecordedEvent, event: events.MemberRestored
) -> Iterator[Write]:
    """Restore a membership exactly as it was."""
    whose = {"workspace": recorded.workspace, "person": event.person}
    row = {
        "role": event.role,
        "since": event.since,
        "until": event.until,
        "due": event.due,
    }
    yield _INSERT_MEMBERSHIP, whose | {"resource": event.resource} | row
    for resource_id in event.assigned:
        yield (
            _INSERT_ASSIGNMENT,
            whose | {"resource": resource_id, "team": event.resource},
        )
    for resource_id in event.known:
        yield (
            DELETE_STALE_KEY,
            {"w": recorded.workspace, "of": resource_id, "whose": event.person},
        )


def update_membership_end(
    recorded: RecordedEvent, event: events.MemberWarned | events.MemberExtended
) -> Iterator[Write]:
    """Update when a membership ends and when its reminder is due."""
    whose = {"w": recorded.workspace, "of": event.resource, "whose": event.person}
    yield _UPDATE_END, whose | {"new_until": event.until, "new_due": event.due}


def update_membership_role(
    recorded: RecordedEvent, event: events.MemberRoleChanged
) -> Iterator[Write]:
    """Update the role and the end of a membership, or delete it."""
    if event.ends:
        yield from delete_membership(recorded, event)
        return
    whose = {"w": recorded.workspace, "of": event.resource, "whose": event.person}
    changed = {
        "new_role": event.role,
        "new_until": event.until,
        "new_due": event.due or event.until,
    }
    yield _UPDATE_ROLE, whose | changed
    yield _DELETE_ASSIGNMENTS, whose


def delete_membership(
    recorded: RecordedEvent,
    event: events.MemberJoined
    | events.MemberRoleChanged
    | events.MemberLeft
    | events.MemberRemoved
    | events.MemberEnded,
) -> Iterator[Write]:
    """Delete a membership, and assignments that depend on it."""
    values = {"w": recorded.workspace, "of": event.resource, "whose": event.person}
    yield _DELETE_MEMBERSHIP, values
    yield _DELETE_ASSIGNMENTS, values
    for resource_id in getattr(event, "rotate", ()):
        yield from mark_keys_stale(recorded, resource_id, event.person)

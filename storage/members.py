"""Memberships as stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
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
from collab.access import Given, Held, Step
from collab.events import Recorded
from collab.membership import Membership
from collab.resources import Resource
from storage.resources import IS_FRESH, RESOURCE, RESOURCE_TREE, ResourceFacts, lost_code
from storage.statements import Write, given, in_workspace, one_of
from storage.tables import assignments, memberships, people, resources, shares
from storage.teams import TeamFacts

MEMBERSHIP = (
    memberships.c.resource,
    memberships.c.person,
    memberships.c.role,
    memberships.c.since,
    memberships.c.until,
)
_START = (memberships.c.person, memberships.c.role, memberships.c.resource.label("place"))
_LASTS = or_(memberships.c.until.is_(None), memberships.c.until > given("at"))
_MEMBERSHIP = select(*MEMBERSHIP).where(in_workspace(memberships))
# Few are not active: they are looked up once, instead of everybody who is. Spelled out, so that their index serves.
_IS_INACTIVE = text("NOT people.active")
_OF_ACTIVE = memberships.c.person.not_in(select(people.c.id).where(in_workspace(people), _IS_INACTIVE))
_ACTIVE = _MEMBERSHIP.where(_OF_ACTIVE, _LASTS)
_OF_RESOURCE = _ACTIVE.where(memberships.c.resource == given("resource")).order_by(
    memberships.c.since, memberships.c.person
)
OF_PERSON = _ACTIVE.where(memberships.c.person == given("person")).order_by(memberships.c.since, memberships.c.resource)
_AMONG = _ACTIVE.where(memberships.c.resource == given("resource"), one_of(memberships.c.person, "people"))
# Many in one row, which is read sooner than a row for each.
_COMMA: Any = literal_column("','")
_PEOPLE = func.aggregate_strings(memberships.c.person, _COMMA)
_HELD = _ACTIVE.where(memberships.c.person == given("person"), one_of(memberships.c.resource, "places"))
_MIDDLE = resources.alias("middle")


def _within(tie: ColumnElement[bool], *whose: ColumnElement[bool]) -> Select[Any]:
    """Memberships on what stands in a resource, directly or in something that does, by a tie to the membership."""
    stands_in = or_(resources.c.parent == given("outer"), _MIDDLE.c.parent == given("outer"))
    middle = and_(_MIDDLE.c.workspace == resources.c.workspace, _MIDDLE.c.id == resources.c.parent)
    return (
        select(*RESOURCE, *_START)
        .join_from(memberships, resources, and_(resources.c.workspace == memberships.c.workspace, tie))
        .outerjoin(_MIDDLE, middle)
        .where(in_workspace(memberships), ~resources.c.gone, stands_in, _OF_ACTIVE, _LASTS, *whose)
    )


def _shared(held: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(
        shares.c.workspace == memberships.c.workspace,
        shares.c.team == memberships.c.resource,
        shares.c.resource == held,
    )


_PAYER = resources.alias("paying")
_TIES = (
    resources.c.id == memberships.c.resource,
    resources.c.payer == memberships.c.resource,
    _shared(resources.c.id),
    _shared(resources.c.payer),
    exists().where(
        _PAYER.c.workspace == resources.c.workspace,
        _PAYER.c.id == resources.c.payer,
        _PAYER.c.parent == memberships.c.resource,
    ),
)
_HELD_WITHIN = union_all(*(_within(tie, memberships.c.person == given("person")) for tie in _TIES))


def _places_within() -> CompoundSelect[Any]:
    """What stands in a resource, each with a place where memberships that lead to it are, and if it is `lent` there."""
    inner = select(RESOURCE_TREE.c.id, resources.c.payer).join_from(
        RESOURCE_TREE, resources, and_(in_workspace(resources), resources.c.id == RESOURCE_TREE.c.id)
    )
    stands = inner.where(RESOURCE_TREE.c.depth > 0).cte("stands")
    paying, lent, lent_to_pay = resources.alias("of_payer"), shares.alias("lent"), shares.alias("lent_to_pay")
    no, yes = literal_column("0", Integer).label("lent"), literal_column("1", Integer).label("lent")
    return union_all(
        select(stands.c.id.label("thing"), stands.c.id.label("place"), no),
        select(stands.c.id, stands.c.payer, no).where(stands.c.payer.is_not(None)),
        select(stands.c.id, lent.c.team, yes).join(lent, and_(in_workspace(lent), lent.c.resource == stands.c.id)),
        select(stands.c.id, lent_to_pay.c.team, no).join(
            lent_to_pay, and_(in_workspace(lent_to_pay), lent_to_pay.c.resource == stands.c.payer)
        ),
        select(stands.c.id, paying.c.parent, no).join(
            paying, and_(in_workspace(paying), paying.c.id == stands.c.payer, paying.c.parent.is_not(None))
        ),
    )


# Asked for apart from the memberships: in one statement SQLite would begin with all the memberships that there are.
_PLACES_WITHIN = _places_within()
_AT_PLACES = (
    _ACTIVE.where(one_of(memberships.c.resource, "places"))
    .with_only_columns(memberships.c.resource, memberships.c.role, _PEOPLE)
    .group_by(memberships.c.resource, memberships.c.role)
    .order_by(memberships.c.resource, memberships.c.role)
)
_DUE = _MEMBERSHIP.where(memberships.c.due <= given("at")).order_by(memberships.c.due).limit(given("most"))
_SUSPENDED = (
    _MEMBERSHIP.join(people, and_(people.c.workspace == memberships.c.workspace, people.c.id == memberships.c.person))
    .where(~people.c.active, memberships.c.person == given("person"))
    .order_by(memberships.c.resource)
)
_SUSPENDED_ON = (
    _MEMBERSHIP.join(people, and_(people.c.workspace == memberships.c.workspace, people.c.id == memberships.c.person))
    .where(~people.c.active, memberships.c.resource == given("resource"))
    .order_by(memberships.c.person)
)


class MemberFacts(ResourceFacts, TeamFacts):
    """Answers about memberships."""

    def members(self, resource: str, at: datetime) -> Sequence[Membership]:
        """The memberships that hold on a resource at a moment, of active people."""
        rows = self._read_once("members", (resource, at), lambda: self._rows(_OF_RESOURCE, resource=resource, at=at))
        return [Membership(*row) for row in rows]

    def members_among(self, resource: str, people: Collection[str], at: datetime) -> Sequence[Membership]:
        """Those of these memberships that some people hold."""
        if not people:
            return []
        rows = self._rows(_AMONG, resource=resource, people=list(people), at=at)
        return [Membership(*row) for row in rows]

    def memberships_of(self, person: str, at: datetime) -> Sequence[Membership]:
        """The memberships that a person holds at a moment."""
        return [Membership(*row) for row in self._rows(OF_PERSON, person=person, at=at)]

    def held(self, person: str, resources: Sequence[str], at: datetime) -> Mapping[str, Membership]:
        """The memberships of an active person on some resources at a moment, by resource."""
        if not resources:
            return {}
        asked = {"person": person, "places": resources, "at": at}
        rows = self._read_once("held", (person, tuple(resources), at), lambda: self._rows(_HELD, **asked))
        return {row.resource: Membership(*row) for row in rows}

    def held_within(self, person: str, resource: str, at: datetime) -> Sequence[tuple[Resource, Held]]:
        """What stands in a resource, at any depth, and a role that a person was given on it or on what pays for it."""
        wide, rows = len(RESOURCE), self._rows(_HELD_WITHIN, person=person, outer=resource, at=at)
        return [(Resource(*row[:wide]), Held.given(*row[wide:])) for row in rows]

    def places_within(self, resource: str) -> Sequence[tuple[Resource, str]]:
        """What stands in a resource, at any depth, each with a place where roles that lead to it are given."""
        rows = self._read_once("within", resource, lambda: self._rows(_PLACES_WITHIN, outer=resource))
        things = self.resources([row.thing for row in rows])
        unknown = {thing for thing in things if not self.is_remembered("shares", thing)}
        lent = self._shares(unknown & {row.thing for row in rows if row.lent})
        for thing in unknown:
            self.remember("shares", thing, lent.get(thing, []))
        return [(things[thing], place) for thing, place, _ in rows]

    def given_at(self, places: Collection[str], at: datetime) -> Given:
        """Each role that holds at some places, with all whose it is, by place."""
        if not places:
            return {}
        asked = sorted(places)
        rows = self._read_once("given", (tuple(asked), at), lambda: self._rows(_AT_PLACES, places=asked, at=at))
        found: dict[str, list[tuple[Step, Sequence[str]]]] = {}
        for place, role, whose in rows:
            found.setdefault(place, []).append((Step(role, place), sorted(whose.split(","))))
        return found

    def suspended(self, person: str) -> Sequence[Membership]:
        """The memberships of a deactivated person, which count for nothing; none of an active one."""
        return [Membership(*row) for row in self._rows(_SUSPENDED, person=person)]

    def suspended_on(self, resource: str) -> Sequence[Membership]:
        """Return the memberships of deactivated people on a resource."""
        return [Membership(*row) for row in self._rows(_SUSPENDED_ON, resource=resource)]

    def due_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Memberships for a limited time that speak up, or end, by a moment."""
        return [Membership(*row) for row in self._rows(_DUE, at=at, most=most)]


_THIS = and_(in_workspace(memberships), memberships.c.resource == given("of"), memberships.c.person == given("whose"))
_JOIN = memberships.insert()
_CHANGE = (
    update(memberships).where(_THIS).values(role=given("new_role"), until=given("new_until"), due=given("new_due"))
)
_PROLONG = update(memberships).where(_THIS).values(until=given("new_until"), due=given("new_due"))
_ASSIGN = assignments.insert()
_END = delete(memberships).where(_THIS)
_UNASSIGN = delete(assignments).where(
    in_workspace(assignments), assignments.c.team == given("of"), assignments.c.person == given("whose")
)


def joined(recorded: Recorded, event: events.MemberJoined) -> Iterator[Write]:
    """A person holds a role; an ended membership that no sweep has seen makes room."""
    yield from ended(recorded, event)
    yield (
        _JOIN,
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


def restored(recorded: Recorded, event: events.MemberRestored) -> Iterator[Write]:
    """A membership holds again, just as it was."""
    whose = {"workspace": recorded.workspace, "person": event.person}
    row = {"role": event.role, "since": event.since, "until": event.until, "due": event.due}
    yield _JOIN, whose | {"resource": event.resource} | row
    for place in event.assigned:
        yield _ASSIGN, whose | {"resource": place, "team": event.resource}
    for place in event.known:
        yield IS_FRESH, {"w": recorded.workspace, "of": place, "whose": event.person}


def prolonged(recorded: Recorded, event: events.MemberWarned | events.MemberExtended) -> Iterator[Write]:
    """A membership ends then, and speaks up before."""
    whose = {"w": recorded.workspace, "of": event.resource, "whose": event.person}
    yield _PROLONG, whose | {"new_until": event.until, "new_due": event.due}


def role_changed(recorded: Recorded, event: events.MemberRoleChanged) -> Iterator[Write]:
    """A membership has another role and end, or is over."""
    if event.ends:
        yield from ended(recorded, event)
        return
    whose = {"w": recorded.workspace, "of": event.resource, "whose": event.person}
    changed = {"new_role": event.role, "new_until": event.until, "new_due": event.due or event.until}
    yield _CHANGE, whose | changed
    yield _UNASSIGN, whose


def ended(
    recorded: Recorded,
    event: events.MemberJoined
    | events.MemberRoleChanged
    | events.MemberLeft
    | events.MemberRemoved
    | events.MemberEnded,
) -> Iterator[Write]:
    """A membership is over, and with one in a team what was assigned through it."""
    values = {"w": recorded.workspace, "of": event.resource, "whose": event.person}
    yield _END, values
    yield _UNASSIGN, values
    for place in getattr(event, "rotate", ()):
        yield from lost_code(recorded, place, event.person)

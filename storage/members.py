"""Memberships as stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update

from collab import events
from collab.events import Recorded
from collab.membership import Membership
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import memberships, people

_MEMBERSHIP = select(
    memberships.c.resource, memberships.c.person, memberships.c.role, memberships.c.since, memberships.c.until
).where(in_workspace(memberships))
_ACTIVE = _MEMBERSHIP.join(
    people, and_(people.c.workspace == memberships.c.workspace, people.c.id == memberships.c.person)
).where(people.c.active, or_(memberships.c.until.is_(None), memberships.c.until > given("at")))
_OF_RESOURCE = _ACTIVE.where(memberships.c.resource == given("resource")).order_by(
    memberships.c.since, memberships.c.person
)
_OF_PERSON = _ACTIVE.where(memberships.c.person == given("person")).order_by(
    memberships.c.since, memberships.c.resource
)
_ENDED = _MEMBERSHIP.where(memberships.c.until <= given("at")).order_by(memberships.c.until).limit(given("most"))


class MemberFacts(Reader):
    """Answers about memberships."""

    def members(self, resource: str, at: datetime) -> Sequence[Membership]:
        """The memberships that hold on a resource at a moment, of active people."""
        rows = self._kept("members", f"{resource} {at}", lambda: self._rows(_OF_RESOURCE, resource=resource, at=at))
        return [Membership(*row) for row in rows]

    def memberships_of(self, person: str, at: datetime) -> Sequence[Membership]:
        """The memberships that a person holds at a moment."""
        return [Membership(*row) for row in self._rows(_OF_PERSON, person=person, at=at)]

    def ended_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Memberships whose end has passed."""
        return [Membership(*row) for row in self._rows(_ENDED, at=at, most=most)]


_THIS = and_(in_workspace(memberships), memberships.c.resource == given("of"), memberships.c.person == given("whose"))
_JOIN = memberships.insert()
_CHANGE = update(memberships).where(_THIS).values(role=given("new_role"), until=given("new_until"))
_END = delete(memberships).where(_THIS)


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
        },
    )


def role_changed(recorded: Recorded, event: events.MemberRoleChanged) -> Iterator[Write]:
    """A membership has another role and end."""
    values = {"new_role": event.role, "new_until": event.until}
    yield _CHANGE, {"w": recorded.workspace, "of": event.resource, "whose": event.person, **values}


def ended(
    recorded: Recorded,
    event: events.MemberJoined | events.MemberLeft | events.MemberRemoved | events.MemberEnded,
) -> Iterator[Write]:
    """A membership is over."""
    yield _END, {"w": recorded.workspace, "of": event.resource, "whose": event.person}

"""Invitations as stored; an answer is an update whose row count decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, func, or_, select, text, update

from collab import events
from collab.events import Recorded
from collab.offers import PENDING, Invitation
from collab.people import Person
from collab.resources import Resource
from storage.people import PERSON
from storage.resources import RESOURCE
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import IS_PENDING, invitations, offers, people, resources, workspaces

_I = invitations.c
_PENDING = text("invitations.state = 'pending'")  # spelled out, so that the partial indexes serve


def _columns_of(person: Any) -> list[ColumnElement[Any]]:
    return [person.c[column.name] for column in PERSON]


_INVITATION_COLUMNS = (
    _I.id,
    _I.resource,
    _I.also,
    _I.person,
    _I.team,
    _I.asked,
    _I.purpose,
    _I.inviter,
    _I.role,
    _I.lasts,
    _I.until,
    _I.note,
    _I.state,
    _I.sent,
    _I.expires,
    _I.due,
    _I.marks,
    _I.snoozed,
    _I.muted,
    _I.answered,
    _I.answered_by,
)
_INVITATION = select(*_INVITATION_COLUMNS).where(in_workspace(invitations))
# With what is needed next almost always: the first resource, the person who is invited, and who invited them.
_INVITEE, _INVITER = people.alias("invitee"), people.alias("sender")
_BY_ID = (
    _INVITATION.add_columns(*RESOURCE, *_columns_of(_INVITEE), *_columns_of(_INVITER))
    .join_from(
        invitations, resources, and_(resources.c.workspace == _I.workspace, resources.c.id == _I.resource), isouter=True
    )
    .outerjoin(_INVITEE, and_(_INVITEE.c.workspace == _I.workspace, _INVITEE.c.id == _I.person))
    .outerjoin(_INVITER, and_(_INVITER.c.workspace == _I.workspace, _INVITER.c.id == _I.inviter))
    .where(_I.id == given("id"))
)
_FOR_INVITEE = _INVITATION.where(_PENDING, or_(_I.person == given("invitee"), _I.team == given("invitee"))).order_by(
    _I.sent, _I.id
)
_BY_PERSON = _INVITATION.where(_PENDING, _I.inviter == given("person")).order_by(_I.sent, _I.id)
_OFFERED = _INVITATION.join(offers, and_(offers.c.workspace == _I.workspace, offers.c.invitation == _I.id)).where(
    offers.c.resource == given("resource")
)
_WAITS = text("offers.pending")
_ON_RESOURCE = _OFFERED.where(_WAITS).order_by(_I.sent, _I.id)
# A page of ids by their own index first: joined at once, SQLite would read and sort all that waits.
_PAGE_OF_IDS = (
    select(offers.c.invitation)
    .where(in_workspace(offers), _WAITS, offers.c.resource == given("resource"))
    .order_by(offers.c.invitation)
    .limit(given("most"))
    .offset(given("skip"))
)
_PAGE_ON_RESOURCE = _INVITATION.where(_I.id.in_(_PAGE_OF_IDS), _I.expires > given("at")).order_by(_I.id)
# The offer first, by its own unique index: in a join PostgreSQL, before it has statistics, tries every invitation.
_IS_THE_PENDING_ONE = (
    _I.id
    == select(offers.c.invitation)
    .where(
        in_workspace(offers),
        _WAITS,
        offers.c.resource == given("resource"),
        offers.c.invitee == given("invitee"),
        offers.c.purpose == given("purpose"),
    )
    .scalar_subquery()
)
_ONE = _INVITATION.where(_IS_THE_PENDING_ONE)
_SENT = (
    _INVITATION.where(_I.inviter == given("person"))
    .order_by(_I.sent.desc(), _I.id.desc())
    .limit(given("most"))
    .offset(given("skip"))
)
_DUE = _INVITATION.where(_PENDING, _I.due <= given("at")).order_by(_I.due).limit(given("most"))
_DECLINED = (
    select(func.max(_I.answered))
    .join_from(invitations, offers, and_(offers.c.workspace == _I.workspace, offers.c.invitation == _I.id))
    .where(
        in_workspace(invitations),
        offers.c.resource == given("resource"),
        offers.c.invitee == given("invitee"),
        offers.c.purpose == given("purpose"),
        _I.state == "declined",
    )
)
_DECLINED_AND_PENDING = (
    select(_DECLINED.correlate(None).scalar_subquery(), *_INVITATION_COLUMNS)
    .select_from(workspaces)
    .outerjoin(invitations, and_(_I.workspace == workspaces.c.id, _IS_THE_PENDING_ONE))
    .where(workspaces.c.id == given("w"))
)


class InvitationFacts(Reader):
    """Answers about invitations."""

    def invitation(self, invitation: str) -> Invitation | None:
        """An invitation by id, in whatever state."""
        return self._read_once("invitation", invitation, lambda: self._with_subject(invitation))

    def pending(self, resource: str, invitee: str, purpose: str) -> Invitation | None:
        """The one pending invitation of a person or a team to a resource, for one purpose."""
        key = resource, invitee, purpose
        values = {"resource": resource, "invitee": invitee, "purpose": purpose}
        return self._read_once("pending", key, lambda: self._one(_ONE, **values))

    def pending_for(self, invitee: str) -> Sequence[Invitation]:
        """The invitations that wait for a person or a team, oldest first."""
        return self._all(_FOR_INVITEE, invitee=invitee)

    def pending_by(self, person: str) -> Sequence[Invitation]:
        """The invitations of a person that still wait, oldest first."""
        return self._all(_BY_PERSON, person=person)

    def page_of_pending(self, resource: str, at: datetime, start: int, most: int) -> Sequence[Invitation]:
        """Some of the invitations that wait on a resource and have not expired, oldest first."""
        return self._all(_PAGE_ON_RESOURCE, resource=resource, at=at, skip=start, most=most)

    def pending_on(self, resource: str) -> Sequence[Invitation]:
        """The invitations that wait on a resource, oldest first."""
        return self._all(_ON_RESOURCE, resource=resource)

    def sent_by(self, person: str, most: int, skip: int = 0) -> Sequence[Invitation]:
        """The invitations that a person sent, newest first, after the newest few."""
        return self._all(_SENT, person=person, most=most, skip=skip)

    def last_decline(self, resource: str, invitee: str, purpose: str) -> datetime | None:
        """When a person or a team last declined an invitation to a resource, for one purpose."""
        row = self._row(_DECLINED_AND_PENDING, resource=resource, invitee=invitee, purpose=purpose)
        if row is None:
            return None
        declined: datetime | None = row[0]
        pending = row[1:]
        # Whether an invitation is pending is the next question almost always.
        self.remember("pending", (resource, invitee, purpose), Invitation(*pending) if pending[0] else None)
        return declined

    def due_invitations(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Pending invitations whose next reminder or expiry is due, the longest due first."""
        return self._all(_DUE, at=at, most=most)

    def _with_subject(self, invitation: str) -> Invitation | None:
        """Read an invitation and remember the resource and the people that it names."""
        row = self._row(_BY_ID, id=invitation)
        if row is None:
            return None
        values = iter(row)
        read = Invitation(*islice(values, len(_INVITATION_COLUMNS)))
        resource = Resource(*islice(values, len(RESOURCE)))
        if resource.id:
            self.remember("resource", resource.id, resource)
        for _ in (_INVITEE, _INVITER):
            person = Person(*islice(values, len(PERSON)))
            if person.id and not person.merged_into:
                self.remember("person", person.id, person)
        return read

    def _one(self, statement: Any, **values: Any) -> Invitation | None:
        row = self._row(statement, **values)
        return Invitation(*row) if row else None

    def _all(self, statement: Any, **values: Any) -> list[Invitation]:
        return [Invitation(*row) for row in self._rows(statement, **values)]


def _where_pending(**values: str) -> Update:
    return (
        update(invitations)
        .where(and_(in_workspace(invitations), _I.id == given("i"), IS_PENDING))
        .values({column: given(name) for column, name in values.items()})
    )


_SEND = invitations.insert()
_RESEND = _where_pending(
    sent="new_sent",
    expires="new_expires",
    due="new_due",
    marks="new_marks",
    snoozed="new_snoozed",
    asked="new_asked",
)
_OFFER = offers.insert()
_SETTLED = update(offers).where(in_workspace(offers), offers.c.invitation == given("i")).values(pending=False)
_REOFFER = update(offers).where(in_workspace(offers), offers.c.invitation == given("i")).values(pending=True)
_REOPEN = (
    update(invitations)
    .where(and_(in_workspace(invitations), _I.id == given("i"), _I.state == "revoked"))
    .values(state="pending", answered=None, answered_by=None, due=given("new_due"))
)
_EDIT = _where_pending(role="new_role", lasts="new_lasts", until="new_until", expires="new_expires", due="new_due")
_REMIND = _where_pending(marks="new_marks", due="new_due")
_MOVE = _where_pending(due="new_due")
_SNOOZE = _where_pending(snoozed="new_snoozed", due="new_due")
_MUTE = _where_pending(muted="new_muted", due="new_due")
_SETTLE = _where_pending(state="new_state", answered="new_answered", answered_by="new_by")
CONSUMING = frozenset({_RESEND, _EDIT, _REMIND, _SETTLE, _REOPEN})


def sent(recorded: Recorded, event: events.InvitationSent) -> Iterator[Write]:
    """One more invitation waits."""
    yield (
        _SEND,
        {
            "workspace": recorded.workspace,
            "id": event.invitation,
            "resource": event.resource,
            "also": event.also,
            "person": event.person,
            "team": event.team,
            "asked": event.asked,
            "purpose": event.purpose,
            "inviter": event.inviter,
            "role": event.role,
            "lasts": event.lasts,
            "until": event.until,
            "note": event.note,
            "state": PENDING,
            "sent": recorded.at,
            "expires": event.expires,
            "due": event.due,
            "marks": 0,
            "muted": False,
        },
    )
    offered = {"workspace": recorded.workspace, "invitation": event.invitation, "purpose": event.purpose}
    for resource in (event.resource, *event.also):
        yield _OFFER, offered | {"resource": resource, "invitee": event.person or event.team, "pending": True}


def resent(recorded: Recorded, event: events.InvitationResent) -> Iterator[Write]:
    """A life starts anew."""
    anew = {"new_sent": recorded.at, "new_marks": 0, "new_snoozed": None, "new_asked": event.asked}
    yield _RESEND, _of(recorded, event) | anew | {"new_expires": event.expires, "new_due": event.due}


def edited(recorded: Recorded, event: events.InvitationEdited) -> Iterator[Write]:
    """Another offer."""
    yield (
        _EDIT,
        _of(recorded, event)
        | {
            "new_role": event.role,
            "new_lasts": event.lasts,
            "new_until": event.until,
            "new_expires": event.expires,
            "new_due": event.due,
        },
    )


def reminded(recorded: Recorded, event: events.InvitationReminded) -> Iterator[Write]:
    """Marks are done."""
    yield _REMIND, _of(recorded, event) | {"new_marks": event.mark, "new_due": event.due}


def deferred(recorded: Recorded, event: events.InvitationDeferred) -> Iterator[Write]:
    """The next reminder has another moment."""
    yield _MOVE, _of(recorded, event) | {"new_due": event.due}


def snoozed(recorded: Recorded, event: events.InvitationSnoozed) -> Iterator[Write]:
    """No reminder before a moment."""
    yield _SNOOZE, _of(recorded, event) | {"new_snoozed": event.until, "new_due": event.due}


def muted(recorded: Recorded, event: events.InvitationMuted) -> Iterator[Write]:
    """No reminders any more."""
    yield _MUTE, _of(recorded, event) | {"new_muted": True, "new_due": event.due}


def settled(state: str) -> Callable[[Recorded, Any], Iterator[Write]]:
    """The end of an invitation, in the state of that name."""

    def settle(recorded: Recorded, event: Any) -> Iterator[Write]:
        yield (
            _SETTLE,
            _of(recorded, event) | {"new_state": state, "new_answered": recorded.at, "new_by": recorded.actor},
        )
        yield _SETTLED, _of(recorded, event)

    return settle


def reopened(recorded: Recorded, event: events.InvitationReopened) -> Iterator[Write]:
    """An invitation that was taken back waits again."""
    yield _REOPEN, _of(recorded, event) | {"new_due": event.due}
    yield _REOFFER, _of(recorded, event)


def _of(recorded: Recorded, event: Any) -> dict[str, Any]:
    return {"w": recorded.workspace, "i": event.invitation}

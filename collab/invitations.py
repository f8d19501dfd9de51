"""Invitations: open questions to somebody. Sent, answered, taken back, expired; never deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collab import access, refusals, reminders
from collab.events import (
    Event,
    InvitationEdited,
    InvitationExpired,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSuperseded,
)
from collab.people import Account, Address, Caller, Person, check_invitable, recognise
from collab.policy import LONGEST, NOTE_LIMIT, SHORTEST
from collab.reminders import Life
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.case import Case

PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Term:
    """How long a membership lasts: so long from the answer on, or until a moment, or without an end."""

    lasts: timedelta | None = None
    until: datetime | None = None

    def end(self, start: datetime) -> datetime | None:
        """The end of a membership that starts then."""
        return start + self.lasts if self.lasts is not None else self.until


FOR_GOOD = Term()


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open question to somebody. `sent` starts its present life, `marks` counts the reminders that are done.

    `answered` is when it ended, `answered_by` by whom: nobody when time ended it.
    """

    id: str
    resource: str
    person: str
    inviter: str
    role: str
    lasts: timedelta | None
    until: datetime | None
    note: str | None
    state: str
    sent: datetime
    expires: datetime
    due: datetime
    marks: int
    snoozed: datetime | None
    muted: bool
    answered: datetime | None
    answered_by: str | None

    @property
    def term(self) -> Term:
        """How long the membership is to last."""
        return Term(self.lasts, self.until)


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask somebody to take a role on a resource."""

    by: Caller
    who: Account | Address
    role: str
    what: str
    term: Term = FOR_GOOD
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take a pending invitation back."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class Resend:
    """Send an invitation again: a pending one starts anew, one that expired or was revoked becomes a new one."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Change what a pending invitation offers."""

    by: Caller
    invitation: str
    role: str
    term: Term = FOR_GOOD


def invite(act: Invite, case: Case) -> list[Event]:
    """Whoever may grant the role now may ask somebody to take it (INV-01, INV-03, INV-05, ROL-05)."""
    resource = find(case, act.what)
    person, events = recognise(case, act.who)
    if person.id == case.actor.id:
        raise refusals.ToYourself("invite")
    check_invitable(person, case)
    _check_offer(case, case.actor.id, resource, act.role, act.term)
    _check_rest(case, resource, person)
    refuse_held(case, resource, person, act.role)
    note = checked_words("note", act.note)
    pending = case.facts.pending(resource.id, person.id)
    if pending and case.at < pending.expires and _is_same(case, resource, pending, act, note):
        return _again(case, pending, person)
    if pending:
        _check_manager(case, pending, resource)
    return events + _send(case, resource, person, act.role, act.term, note, pending)


def revoke(act: Revoke, case: Case) -> list[Event]:
    """The inviter, or whoever may grant that role, may take a pending invitation back (INV-07)."""
    invitation, _ = _manageable(case, act.invitation)
    check_pending(case, invitation)
    return [revoked(invitation, "asked")]


def resend(act: Resend, case: Case) -> list[Event]:
    """Sending again starts the expiry anew; after the end of an invitation it makes a new one (INV-07, INV-08)."""
    invitation, resource = _manageable(case, act.invitation)
    person = somebody(case, invitation.person)
    if invitation.state == PENDING and case.at < invitation.expires:
        _check_offer(case, invitation.inviter, resource, invitation.role, invitation.term)
        return _again(case, invitation, person)
    if invitation.state == "accepted":
        raise refusals.AlreadyAnswered(invitation.id, invitation.state)
    again = Invite(act.by, _address(person), invitation.role, resource.id, invitation.term, invitation.note)
    return invite(again, case)


def edit(act: Edit, case: Case) -> list[Event]:
    """The offer of a pending invitation may change within what its editor and its inviter may grant (INV-07)."""
    invitation, resource = _manageable(case, act.invitation)
    check_pending(case, invitation)
    _check_offer(case, case.actor.id, resource, act.role, act.term)
    _check_offer(case, invitation.inviter, resource, act.role, act.term)
    refuse_held(case, resource, somebody(case, invitation.person), act.role)
    before, now = invitation.term, act.term
    if (invitation.role, before) == (act.role, now):
        return []
    ids = (invitation.id, resource.id, invitation.person, invitation.inviter)
    offered = (invitation.role, before.lasts, before.until)
    expires = min(invitation.expires, now.until or invitation.expires)
    person = somebody(case, invitation.person)
    due = reminders.next_due(case.policy, replace(invitation, expires=expires), person.tz)
    return [InvitationEdited(*ids, act.role, now.lasts, now.until, *offered, expires, due)]


def revoke_unupheld(
    case: Case, person: str, lost: frozenset[str], now_holds: tuple[Resource, str] | None = None
) -> list[Event]:
    """The invitations that only a right upheld which ends now; what the person holds elsewhere counts (INV-09)."""
    revokes: list[Event] = []
    for invitation in case.facts.pending_by(person):
        resource = case.facts.resource(invitation.resource)
        left = access.grantable(case, person, resource, lost) if resource else ()
        if resource and now_holds and now_holds[0].id == resource.id:
            role = case.kinds[resource.kind].role(now_holds[1])
            left += role.grants if role else ()
        if invitation.role not in left:
            revokes.append(revoked(invitation, "right_lost"))
    return revokes


def revoked(invitation: Invitation, why: str) -> InvitationRevoked:
    """The fact that a pending invitation was taken back."""
    return InvitationRevoked(
        invitation.id, invitation.resource, invitation.person, invitation.inviter, invitation.role, why
    )


def checked_words(what: str, typed: str | None) -> str | None:
    """A note or a reason as typed, without outer white space; refused when longer than 500 characters."""
    words = (typed or "").strip()
    if len(words) > NOTE_LIMIT:
        raise refusals.TooLong(what, len(words), NOTE_LIMIT)
    return words or None


def _send(
    case: Case, resource: Resource, person: Person, role: str, term: Term, note: str | None, replaces: Invitation | None
) -> list[Event]:
    new = case.new_id("I")
    expires = min(case.at + case.policy.lifetime, term.until or datetime.max.replace(tzinfo=UTC))
    due = reminders.next_due(case.policy, Life(case.at, expires), person.tz)
    ids = (new, resource.id, person.id, case.actor.id)
    return [*_replaced(case, replaces, new), InvitationSent(*ids, role, term.lasts, term.until, note, expires, due)]


def _is_same(case: Case, resource: Resource, pending: Invitation, act: Invite, note: str | None) -> bool:
    """Whether inviting again offers just what waits already, and what waits can still be accepted."""
    same = (pending.role, pending.term) == (act.role, act.term) and note in {None, pending.note}
    return same and pending.role in access.grantable(case, pending.inviter, resource)


def _replaced(case: Case, old: Invitation | None, new: str) -> list[Event]:
    if old is None:
        return []
    ids = (old.id, old.resource, old.person, old.inviter)
    return [InvitationExpired(*ids) if case.at >= old.expires else InvitationSuperseded(*ids, new)]


def _again(case: Case, invitation: Invitation, person: Person) -> list[Event]:
    expires = min(case.at + case.policy.lifetime, invitation.until or datetime.max.replace(tzinfo=UTC))
    due = reminders.next_due(case.policy, Life(case.at, expires, muted=invitation.muted), person.tz)
    ids = (invitation.id, invitation.resource, invitation.person, invitation.inviter)
    return [InvitationResent(*ids, expires, due)]


def _check_offer(case: Case, granter: str, resource: Resource, role: str, term: Term) -> None:
    kind = case.kinds[resource.kind]
    wanted = kind.role(role)
    if wanted is None or wanted.only_implied:
        raise refusals.UnknownRole(role, kind.name, tuple(r.name for r in kind.given))
    grants = access.grantable(case, granter, resource)
    if role not in grants:
        raise refusals.MayNotGrant(role, resource.title, grants)
    length = term.until - case.at if term.until else term.lasts
    if length is not None and not SHORTEST <= length <= LONGEST:
        raise refusals.BadDuration(length, SHORTEST, LONGEST)


def _check_rest(case: Case, resource: Resource, person: Person) -> None:
    declined = case.facts.last_decline(resource.id, person.id)
    again = declined and declined + case.policy.rest_after_decline
    if again and case.at < again:
        raise refusals.DeclinedRecently(person.id, resource.title, again)


def refuse_held(case: Case, resource: Resource, person: Person, role: str) -> None:
    kind = case.kinds[resource.kind]
    now = access.held(case, person.id, resource)
    if now and kind.rank(now.role) <= kind.rank(role):
        raise refusals.AlreadyHolds(person.id, now.role, resource.title)


def check_pending(case: Case, invitation: Invitation) -> None:
    if invitation.state != PENDING:
        raise refusals.AlreadyAnswered(invitation.id, invitation.state)
    if case.at >= invitation.expires:
        raise refusals.InvitationExpired(invitation.id, invitation.expires)


def _manageable(case: Case, invitation: str) -> tuple[Invitation, Resource]:
    found = case.facts.invitation(invitation)
    resource = case.facts.resource(found.resource) if found else None
    if found is None or resource is None or not _may_know(case, found, resource):
        raise refusals.UnknownInvitation
    _check_manager(case, found, resource)
    return found, resource


def _check_manager(case: Case, invitation: Invitation, resource: Resource) -> None:
    may_grant = invitation.role in access.grantable(case, case.actor.id, resource)
    if not may_grant and invitation.inviter != case.actor.id:
        raise refusals.MayNotManage


def _may_know(case: Case, invitation: Invitation, resource: Resource) -> bool:
    return case.actor.id in {invitation.inviter, invitation.person} or access.may(case, case.actor.id, "view", resource)


def somebody(case: Case, person: str) -> Person:
    found = case.facts.person(person)
    if found is None:
        raise refusals.UnknownInvitation
    return found


def _address(person: Person) -> Account | Address:
    if person.team and person.user:
        return Account(person.team, person.user)
    return Address(person.email or "")

"""What an invitation is, and what must be so of an offer: who may make it, to whom, until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collab import access, refusals
from collab.events import InvitationRevoked
from collab.policy import LONGEST, NOTE_LIMIT, SHORTEST
from collab.supposing import enabled, supposing
from collab.text import clean

if TYPE_CHECKING:
    from collab.case import Case
    from collab.membership import Membership
    from collab.people import Person
    from collab.resources import Resource

PENDING = "pending"
JOIN, PAY, OWN = "join", "pay", "own"


@dataclass(frozen=True, slots=True)
class Term:
    """How long a membership lasts: so long from the answer on, or until a moment, or without an end."""

    lasts: timedelta | None = None
    until: datetime | None = None

    def end(self, start: datetime) -> datetime | None:
        """The end of a membership that starts then."""
        return start + self.lasts if self.lasts is not None else self.until


FOR_GOOD = Term()
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open question to somebody, or to a team, about one thing or several.

    `sent` starts its present life, `marks` counts the reminders that are done. `answered` is when it ended,
    `answered_by` by whom: nobody when time ended it. Of a team, those who are `asked` got the message. Its purpose is
    to join in a role, to pay (the `role` is what the inviter stays as, if anything), or to own.
    """

    id: str
    resource: str
    also: tuple[str, ...]
    person: str | None
    team: str | None
    asked: tuple[str, ...]
    purpose: str
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

    @property
    def resources(self) -> tuple[str, ...]:
        """Everything that it is about."""
        return (self.resource, *self.also)

    @property
    def invitee(self) -> str:
        """The person, or the team, that it is addressed to."""
        return self.person or self.team or ""


def upheld(case: Case, invitation: Invitation) -> bool:
    """Whether the inviter's right still carries it (INV-04)."""
    return backed(case, invitation.inviter, invitation)


def backed(case: Case, person: str, invitation: Invitation) -> bool:
    """Whether a person's right carries an invitation, on everything that it is about.

    To join: they may grant the role. To pay: they have the billing of the thing. To own: they are its owner.
    """
    may = MAY_OFFER[invitation.purpose]
    return all(may(case, person, resource, invitation.role) for resource in places(case, invitation))


def revoke_unupheld(
    case: Case, person: str, lost: frozenset[str], held: Iterable[Membership] = ()
) -> list[InvitationRevoked]:
    """The invitations that only a right upheld which ends now; what the person holds elsewhere, or then, counts."""
    later = supposing(case, ended=[(person, place) for place in lost], held=held)
    return unupheld(later, case.facts.pending_by(person))


def unupheld(later: Case, waiting: Iterable[Invitation]) -> list[InvitationRevoked]:
    """Of what waits, that whose inviter may not grant it any more as it will be (INV-09)."""
    return [revoked(invitation, "right_lost") for invitation in waiting if not upheld(later, invitation)]


def revoked(invitation: Invitation, why: str) -> InvitationRevoked:
    """The fact that a pending invitation was taken back."""
    return InvitationRevoked(**about(invitation), role=invitation.role, why=why)


def about(invitation: Invitation) -> dict[str, Any]:
    """What every fact about an invitation says of it."""
    return {
        "invitation": invitation.id,
        "resource": invitation.resource,
        "person": invitation.person,
        "inviter": invitation.inviter,
        "also": invitation.also,
    }


def askable(case: Case, team: str | None) -> tuple[str, ...]:
    """Those members of a team who may answer for it: whoever may edit it (RES-05)."""
    group = case.facts.resource(team) if team else None
    members = case.facts.members(group.id, case.at) if group else ()
    return tuple(m.person for m in members if group and access.may(case, m.person, "edit", group))


def zone_of(case: Case, invitation: Invitation) -> str:
    """The time zone in whose working hours an invitation reminds: the invited person's, or the first member's asked."""
    return zone_of_first(case, (invitation.person,) if invitation.person else invitation.asked)


def zone_of_first(case: Case, people: tuple[str, ...]) -> str:
    """The time zone of the first of some people; UTC when there is none."""
    found = case.facts.person(people[0]) if people else None
    return found.tz if found else "UTC"


def refuse_held(case: Case, resource: Resource, person: Person, role: str) -> None:
    """Refuse to offer what is no more than the person holds (INV-05)."""
    now = as_much(case, person.id, resource, role)
    if now:
        raise refusals.AlreadyHolds(person.id, now.role, resource.title)


def as_much(case: Case, person: str, resource: Resource, role: str) -> Membership | None:
    """The role that a person was given on a resource, where it is as high as another one or higher."""
    now, kind = access.held(case, person, resource), case.kinds[resource.kind]
    return now if now and kind.rank(now.role) <= kind.rank(role) else None


def check_pending(case: Case, invitation: Invitation) -> None:
    """Refuse what is answered or expired, by time and not by a clean-up."""
    if invitation.state != PENDING:
        raise refusals.AlreadyAnswered(invitation.id, invitation.state)
    if case.at >= invitation.expires:
        raise refusals.InvitationExpired(invitation.id, invitation.expires)


def check_offer(case: Case, granter: str, resource: Resource, role: str, term: Term = FOR_GOOD) -> None:
    """Refuse a role that is none, that the granter may not grant, or for a time outside what is allowed (ROL-05)."""
    kind = case.kinds[resource.kind]
    wanted = kind.role(role)
    if wanted is None or wanted.only_implied:
        raise refusals.UnknownRole(role, kind.name, tuple(r.name for r in kind.given))
    grants = access.grantable(case, granter, resource)
    if role not in grants:
        raise refuse_grant(case, resource, role, granter)
    length = term.until - case.at if term.until else term.lasts
    least = MOMENT if term.until else SHORTEST  # the day that is named may be today
    if length is not None and not least <= length <= LONGEST:
        raise refusals.BadDuration(length, SHORTEST, LONGEST)


def check_grants(case: Case, resource: Resource, role: str) -> None:
    """Refuse whoever may bring nobody in, before anything else is looked at (ROL-05)."""
    if not access.grantable(case, case.actor.id, resource):
        raise refuse_grant(case, resource, role, case.actor.id)


def refuse_grant(case: Case, resource: Resource, role: str, granter: str) -> refusals.Refused:
    """Return why somebody may not grant a role: their own roles, or that the thing is disabled."""
    later, open_again = enabled(case, resource)
    if access.disabled(case, resource) and access.grantable(later, granter, open_again):
        return refusals.IsDisabled(resource.title, access.enabling(case, resource))
    return refusals.MayNotGrant(role, resource.title, access.grantable(case, granter, resource))


def somebody(case: Case, person: str | None) -> Person:
    """The invited person."""
    found = case.facts.person(person) if person else None
    if found is None:
        raise refusals.UnknownInvitation
    return found


def checked_words(what: str, typed: str | None) -> str | None:
    """A note or a reason without outer white space and what cannot be seen; refused when longer than 500 characters."""
    words = clean(typed or "").strip()
    if len(words) > NOTE_LIMIT:
        raise refusals.TooLong(what, len(words), NOTE_LIMIT)
    return words or None


def may_hand_billing(case: Case, person: str, resource: Resource, _role: str = "") -> bool:
    """Whether a person has the billing of a thing: may delete it, and pays for it where something pays (BIL-03).

    Of what is disabled nobody has it: it could be deleted, but its payer stays (ROL-04).
    """
    method = case.facts.resource(resource.payer) if resource.payer else None
    pays = method is None or access.may(case, person, "pay", method)
    return pays and access.may(case, person, "delete", resource) and not access.disabled(case, resource)


def may_hand_over(case: Case, person: str, resource: Resource, role: str) -> bool:
    """Return whether a person may hand a thing over: its owner, or an owner of the company that it stands in.

    Of an app this is its admin, where it stands in nothing (BIL-06, BIL-10).
    """
    if resource.gone or access.disabled(case, resource):
        return False
    if resource.parent and case.kinds[resource.kind].stays_controlled:
        return False
    held = access.held(case, person, resource)
    return (held is not None and held.role == role) or access.holds_by_parent(case, person, resource, role)


def _may_grant(case: Case, person: str, resource: Resource, role: str) -> bool:
    return role in access.grantable(case, person, resource)


MAY_OFFER: Mapping[str, Callable[[Case, str, Resource, str], bool]] = {
    JOIN: _may_grant,
    PAY: may_hand_billing,
    OWN: may_hand_over,
}


def places(case: Case, invitation: Invitation) -> list[Resource]:
    """The things that it is about."""
    return [found for r in invitation.resources if (found := case.facts.resource(r))]

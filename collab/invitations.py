"""Invitations: open questions to somebody. Sent, taken back, sent again, edited; never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collab import access, refusals, reminders
from collab.events import (
    Event,
    InvitationEdited,
    InvitationExpired,
    InvitationResent,
    InvitationSent,
    InvitationSuperseded,
)
from collab.offers import (
    FOR_GOOD,
    JOIN,
    PAY,
    PENDING,
    Invitation,
    Term,
    about,
    askable,
    backed,
    check_grants,
    check_offer,
    check_pending,
    checked_words,
    places,
    refuse_held,
    revoked,
    somebody,
    upheld,
    zone_of,
    zone_of_first,
)
from collab.people import Account, Address, Caller, Person, check_invitable, recognise
from collab.plans import check_room
from collab.reminders import Life
from collab.resources import Resource, find_all

if TYPE_CHECKING:
    from collab.case import Case

DAY = timedelta(days=1)
SENDING = (InvitationSent.name, InvitationResent.name)


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask somebody to take a role on a resource, or on several at once; `what` is a name, or names."""

    by: Caller
    who: Account | Address
    role: str
    what: str | tuple[str, ...]
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


@dataclass(frozen=True, slots=True)
class Offer:
    """What is about to be offered: to whom, on what, as what, for how long, with which words.

    The `first` offer to somebody is made when nobody has heard of them before: nothing else waits for them.
    """

    resources: tuple[Resource, ...]
    role: str
    term: Term = FOR_GOOD
    note: str | None = None
    person: Person | None = None
    team: Resource | None = None
    asked: tuple[str, ...] = ()
    tz: str = "UTC"
    purpose: str = JOIN
    first: bool = False

    @property
    def invitee(self) -> str:
        """The person, or the team, that it is addressed to."""
        return self.person.id if self.person else self.team.id if self.team else ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that it is about."""
        return tuple(resource.id for resource in self.resources)


def invite(act: Invite, case: Case) -> list[Event]:
    """Whoever may grant the role now may ask somebody to take it (INV-01, INV-03, INV-05, ROL-05)."""
    resources = find_all(case, act.what)
    for resource in resources:
        check_grants(case, resource, act.role)
    _check_together(case, resources)
    for resource in resources:
        check_offer(case, case.actor.id, resource, act.role, act.term)
    person, met = recognise(case, act.who)
    check_person(case, person)
    for resource in resources:
        if not met:  # whom nobody has heard of has declined nothing and holds nothing
            check_rest(case, resource, person.id)
            refuse_held(case, resource, person, act.role)
    offer = Offer(tuple(resources), act.role, act.term, checked_words("note", act.note), person, tz=person.tz)
    return met + ask(case, replace(offer, first=bool(met)))


def ask(case: Case, offer: Offer) -> list[Event]:
    """Send an offer that was found in order: the same once more, or a new one in the place of those that wait."""
    waiting = [] if offer.first else _waiting(case, offer)
    if len(waiting) == 1 and case.at < waiting[0].expires and _is_same(case, offer, waiting[0]):
        return _again(case, waiting[0], offer.tz, offer.asked)
    for pending in waiting:
        if case.at < pending.expires:
            _check_manager(case, pending)
    for resource in offer.resources if offer.person else ():
        if offer.purpose == JOIN or resource.parent:
            role = offer.role or case.kinds[resource.kind].stays_as or ""
            check_room(case, resource, role, [offer.invitee])
    _check_daily(case)
    return _send(case, offer, waiting)


def _waiting(case: Case, offer: Offer) -> list[Invitation]:
    """What waits for the same person or team on some of the same, for the same purpose."""
    found = (case.facts.pending(resource, offer.invitee, offer.purpose) for resource in offer.ids)
    return list({i.id: i for i in found if i}.values())


def revoke(act: Revoke, case: Case) -> list[Event]:
    """The inviter, or whoever may grant that role, may take a pending invitation back (INV-07)."""
    invitation, _ = _manageable(case, act.invitation)
    check_pending(case, invitation)
    return [revoked(invitation, "asked")]


def resend(act: Resend, case: Case) -> list[Event]:
    """Sending again starts the expiry anew; after the end of an invitation it makes a new one (INV-07, INV-08)."""
    invitation, resources = _manageable(case, act.invitation)
    if invitation.state == "accepted":
        raise refusals.AlreadyAnswered(invitation.id, invitation.state)
    waits = invitation.state == PENDING and case.at < invitation.expires
    granter = invitation.inviter if waits else case.actor.id
    if invitation.purpose == JOIN:
        for resource in resources:
            check_offer(case, granter, resource, invitation.role, invitation.term)
    elif not backed(case, granter, invitation):
        raise refusals.InviterLostRight(granter, resources[0].title)
    if waits:
        return _again(case, invitation, zone_of(case, invitation), askable(case, invitation.team))
    return _anew(case, invitation, resources)


def _anew(case: Case, invitation: Invitation, resources: Sequence[Resource]) -> list[Event]:
    """An invitation that ended, as a new one by the actor, checked like any other."""
    if invitation.team:
        return _ask_again(case, invitation, resources)
    person = somebody(case, invitation.person)
    check_person(case, person)
    for resource in resources:
        check_rest(case, resource, person.id, purpose=invitation.purpose)
        if invitation.purpose != PAY:
            refuse_held(case, resource, person, invitation.role)
    offer = Offer(tuple(resources), invitation.role, invitation.term, invitation.note, person, tz=person.tz)
    return ask(case, replace(offer, purpose=invitation.purpose))


def check_person(case: Case, person: Person) -> None:
    """Refuse to invite oneself, a bot, or a deactivated account (INV-05)."""
    if person.id == case.actor.id:
        raise refusals.ToYourself("invite")
    check_invitable(person, case)


def _ask_again(case: Case, invitation: Invitation, resources: Sequence[Resource]) -> list[Event]:
    """A team is asked anew, as long as there is one and a no of it is a day old."""
    team = case.facts.resource(invitation.team or "")
    if team is None or team.gone:
        raise refusals.UnknownInvitation
    for resource in resources:
        check_rest(case, resource, team.id, team.title)
    asked = askable(case, team.id)
    tz = zone_of_first(case, asked)
    return ask(case, Offer(tuple(resources), invitation.role, invitation.term, invitation.note, None, team, asked, tz))


def edit(act: Edit, case: Case) -> list[Event]:
    """The offer of a pending invitation may change within what its editor and its inviter may grant (INV-07)."""
    invitation, resources = _manageable(case, act.invitation)
    check_pending(case, invitation)
    if invitation.purpose != JOIN:
        raise refusals.NothingToEdit
    for resource in resources:
        check_offer(case, case.actor.id, resource, act.role, act.term)
        check_offer(case, invitation.inviter, resource, act.role, act.term)
        if invitation.person:
            refuse_held(case, resource, somebody(case, invitation.person), act.role)
    before, now = invitation.term, act.term
    if (invitation.role, before) == (act.role, now):
        return []
    offered = (invitation.role, before.lasts, before.until)
    expires = min(invitation.expires, now.until or invitation.expires)
    due = reminders.next_due(case.policy, replace(invitation, expires=expires), zone_of(case, invitation))
    ids = (invitation.id, invitation.resource, invitation.person, invitation.inviter)
    changed = InvitationEdited(*ids, act.role, now.lasts, now.until, *offered, expires, due, also=invitation.also)
    return [changed]


def _send(case: Case, offer: Offer, replaces: Sequence[Invitation]) -> list[Event]:
    new, term = case.new_id("I"), offer.term
    expires = min(case.at + case.policy.lifetime, term.until or datetime.max.replace(tzinfo=UTC))
    sent = InvitationSent(
        new,
        offer.ids[0],
        offer.person.id if offer.person else None,
        case.actor.id,
        offer.role,
        term.lasts,
        term.until,
        offer.note,
        expires,
        reminders.next_due(case.policy, Life(case.at, expires), offer.tz),
        also=offer.ids[1:],
        team=offer.team.id if offer.team else None,
        asked=offer.asked,
        purpose=offer.purpose,
    )
    return [*(_replaced(case, old, new) for old in replaces), sent]


def _is_same(case: Case, offer: Offer, pending: Invitation) -> bool:
    """Whether inviting again offers just what waits already, and what waits can still be accepted."""
    same = (pending.role, pending.term) == (offer.role, offer.term) and offer.note in {None, pending.note}
    return same and set(pending.resources) == set(offer.ids) and upheld(case, pending)


def _replaced(case: Case, old: Invitation, new: str) -> Event:
    return InvitationExpired(**about(old)) if case.at >= old.expires else InvitationSuperseded(**about(old), by=new)


def _again(case: Case, invitation: Invitation, tz: str, asked: tuple[str, ...]) -> list[Event]:
    _check_daily(case)
    expires = min(case.at + case.policy.lifetime, invitation.until or datetime.max.replace(tzinfo=UTC))
    due = reminders.next_due(case.policy, Life(case.at, expires, muted=invitation.muted), tz)
    return [InvitationResent(**about(invitation), expires=expires, due=due, asked=asked)]


def _check_together(case: Case, resources: Sequence[Resource]) -> None:
    """Several things at once: only of kinds that the table lets be offered together (INV-01)."""
    if len(resources) > 1:
        for resource in resources:
            if not case.kinds[resource.kind].offered_together:
                raise refusals.NotTogether(resource.title, resource.kind)


def check_rest(case: Case, resource: Resource, invitee: str, team: str | None = None, *, purpose: str = JOIN) -> None:
    """Refuse to ask a person, or the team of that name, the same again too soon after a no (INV-06)."""
    declined = case.facts.last_decline(resource.id, invitee, purpose)
    again = declined and declined + case.policy.rest_after_decline
    if again and case.at < again:
        raise refusals.DeclinedRecently("" if team else invitee, resource.title, again, team)


def _check_daily(case: Case) -> None:
    """So many invitations a person a day, those sent again too, and no more (INV-13)."""
    limit = case.policy.daily_invitations
    reached = case.facts.nth_last(case.actor.id, SENDING, limit, case.at - DAY)
    if reached:
        raise refusals.TooManyToday(limit, reached + DAY)


def _manageable(case: Case, invitation: str) -> tuple[Invitation, list[Resource]]:
    found = case.facts.invitation(invitation)
    resources = places(case, found) if found else []
    if found is None or not all(_may_know(case, found, resource) for resource in resources):
        raise refusals.UnknownInvitation
    _check_manager(case, found)
    return found, resources


def _check_manager(case: Case, invitation: Invitation) -> None:
    if invitation.inviter != case.actor.id and not backed(case, case.actor.id, invitation):
        raise refusals.MayNotManage


def _may_know(case: Case, invitation: Invitation, resource: Resource) -> bool:
    return case.actor.id in {invitation.inviter, invitation.person} or access.may(case, case.actor.id, "view", resource)

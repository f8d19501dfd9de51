"""Answers: what the invited person, or time, does with an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collab import access, refusals, reminders
from collab.events import (
    Event,
    InvitationAccepted,
    InvitationDeclined,
    InvitationDeferred,
    InvitationExpired,
    InvitationMuted,
    InvitationReminded,
    InvitationRevoked,
    InvitationSnoozed,
    MemberEnded,
    MemberJoined,
    MemberRoleChanged,
)
from collab.offers import (
    OWN,
    PAY,
    Invitation,
    about,
    as_much,
    check_pending,
    checked_words,
    places,
    refuse_held,
    upheld,
    zone_of,
)
from collab.people import Caller
from collab.plans import check_room
from collab.policy import speaks_up
from collab.resources import Resource
from collab.teams import check_not_shared, shared
from collab.transfers import Choice, take_billing, take_ownership

if TYPE_CHECKING:
    from collab.case import Case

SNOOZE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Accept:
    """Say yes to an invitation; one to pay takes a payment method, by name or a new one."""

    by: Caller
    invitation: str
    choice: Choice = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Say no to an invitation, with a reason for the inviter alone or without."""

    by: Caller
    invitation: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Snooze:
    """Ask for no reminder for a day."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Ask for no more reminders of an invitation."""

    by: Caller
    invitation: str


def accept(act: Accept, case: Case) -> list[Event]:
    """Everything is checked again at the moment of the answer (INV-04)."""
    invitation = _answerable(case, act.invitation)
    found = places(case, invitation)
    if not found or not upheld(case, invitation):
        raise refusals.InviterLostRight(invitation.inviter, found[0].title if found else "")
    return [InvitationAccepted(**_answer(case, invitation)), *_taken(case, invitation, found, act.choice)]


def decline(act: Decline, case: Case) -> list[Event]:
    """Declining needs no reason and may carry one for the inviter alone (INV-06)."""
    invitation = _answerable(case, act.invitation)
    return [InvitationDeclined(**_answer(case, invitation), reason=checked_words("reason", act.reason))]


def snooze(act: Snooze, case: Case) -> list[Event]:
    """The invited person may put reminders off for a day (INV-10)."""
    invitation = _answerable(case, act.invitation)
    until = case.at + SNOOZE
    due = reminders.next_due(case.policy, replace(invitation, snoozed=until), case.actor.tz)
    return [InvitationSnoozed(**_answer(case, invitation), until=until, due=due)]


def mute(act: Mute, case: Case) -> list[Event]:
    """The invited person may ask for no more reminders (INV-10)."""
    invitation = _answerable(case, act.invitation)
    return [InvitationMuted(**_answer(case, invitation), due=invitation.expires)]


def pass_due(invitation: Invitation, tz: str, case: Case) -> Event:
    """What time does to an invitation that is due: expire, remind, or wait for working hours (INV-08, INV-10)."""
    if case.at >= invitation.expires:
        return InvitationExpired(**about(invitation))
    moment = reminders.working_moment(case.policy, case.at, tz)
    if moment > case.at:
        return InvitationDeferred(**about(invitation), due=min(moment, invitation.expires))
    done = reminders.marks_passed(case.policy, invitation.sent, invitation.expires, case.at)
    due = reminders.next_due(case.policy, replace(invitation, marks=done), tz)
    return InvitationReminded(**about(invitation), mark=done, due=due)


def due_events(case: Case, due: Sequence[Invitation]) -> list[Event]:
    """What time does to all invitations that are due."""
    people = case.facts.people({i.person for i in due if i.person})
    return [pass_due(i, people[i.person].tz if i.person else zone_of(case, i), case) for i in due]


def settled_once(happened: Sequence[Event]) -> list[Event]:
    """The events without a second end of one thing: several that end at once may each take it along."""
    ended: set[tuple[str, ...]] = set()
    kept: list[Event] = []
    for event in happened:
        ending = _ending(event)
        if ending is None or ending not in ended:
            kept.append(event)
        ended |= {ending} if ending else set()
    return kept


def _taken(case: Case, invitation: Invitation, found: Sequence[Resource], choice: Choice) -> list[Event]:
    """What an acceptance gives: a payer, an owner, a role of a team, or roles."""
    if invitation.purpose == PAY:
        return take_billing(case, invitation, found, choice)
    if invitation.purpose == OWN:
        return take_ownership(case, invitation, found[0], choice)
    return _share(case, invitation, found) if invitation.team else _take_roles(case, invitation, found)


def _ending(event: Event) -> tuple[str, ...] | None:
    """What an event ends, if it ends an invitation or a membership."""
    if isinstance(event, InvitationExpired | InvitationRevoked):
        return (event.invitation,)
    return (event.resource, event.person) if isinstance(event, MemberEnded) else None


def _take_roles(case: Case, invitation: Invitation, found: Sequence[Resource]) -> list[Event]:
    """The role on everything that was offered; of several things, those on which as much is held stay as they are."""
    new = [r for r in found if not as_much(case, case.actor.id, r, invitation.role)]
    if not new:
        refuse_held(case, found[0], case.actor, invitation.role)
    for resource in new:
        check_room(case, resource, invitation.role, [case.actor.id], answering=True)
    return [_take_role(case, resource, invitation) for resource in new]


def _take_role(case: Case, resource: Resource, invitation: Invitation) -> Event:
    now, until = access.held(case, case.actor.id, resource), invitation.term.end(case.at)
    person, role, due = case.actor.id, invitation.role, speaks_up(until, case.at)
    if now is None:
        return MemberJoined(resource.id, person, role, until, invitation.id, due=due)
    before = (now.role, now.until)
    return MemberRoleChanged(resource.id, person, role, until, *before, due=due, invitation=invitation.id)


def _share(case: Case, invitation: Invitation, found: Sequence[Resource]) -> list[Event]:
    """The team holds the role from now on, answered for by one who may edit it (RES-05)."""
    team = case.facts.resource(invitation.team or "")
    if team is None:
        raise refusals.UnknownInvitation
    for resource in found:
        check_not_shared(case, resource, team, invitation.role)
    return [event for resource in found for event in shared(case, resource, team, invitation.role)]


def _answer(case: Case, invitation: Invitation) -> dict[str, Any]:
    return about(invitation) | {"person": case.actor.id}


def _answerable(case: Case, invitation: str) -> Invitation:
    found = case.facts.invitation(invitation)
    if found is None:
        raise refusals.UnknownInvitation
    if not answers_for(case, case.actor.id, found):
        raise refusals.NotYours
    check_pending(case, found)
    return found


def answers_for(case: Case, person: str, invitation: Invitation) -> bool:
    """Whether somebody is the invited person, or may answer for the invited team."""
    if invitation.team is None:
        return person == invitation.person
    team = case.facts.resource(invitation.team)
    return team is not None and access.may(case, person, "edit", team)

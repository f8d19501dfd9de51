"""Answers: what the invited person, or time, does with an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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
    MemberJoined,
    MemberRoleChanged,
)
from collab.invitations import Invitation, check_pending, checked_words, refuse_held
from collab.people import Caller, Person
from collab.resources import Resource

if TYPE_CHECKING:
    from collab.case import Case

SNOOZE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Accept:
    """Say yes to an invitation."""

    by: Caller
    invitation: str


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
    invitation, resource = _answerable(case, act.invitation)
    if resource is None or not _upheld(case, invitation, resource):
        raise refusals.InviterLostRight(invitation.inviter, resource.title if resource else "")
    refuse_held(case, resource, case.actor, invitation.role)
    until = invitation.term.end(case.at)
    return [
        InvitationAccepted(invitation.id, resource.id, case.actor.id, invitation.inviter),
        *_take_role(case, resource, invitation, until),
    ]


def decline(act: Decline, case: Case) -> list[Event]:
    """Declining needs no reason and may carry one for the inviter alone (INV-06)."""
    invitation, _ = _answerable(case, act.invitation)
    reason = checked_words("reason", act.reason)
    return [InvitationDeclined(invitation.id, invitation.resource, case.actor.id, invitation.inviter, reason)]


def snooze(act: Snooze, case: Case) -> list[Event]:
    """The invited person may put reminders off for a day (INV-10)."""
    invitation, _ = _answerable(case, act.invitation)
    until = case.at + SNOOZE
    due = reminders.next_due(case.policy, replace(invitation, snoozed=until), case.actor.tz)
    return [InvitationSnoozed(invitation.id, invitation.resource, case.actor.id, until, due)]


def mute(act: Mute, case: Case) -> list[Event]:
    """The invited person may ask for no more reminders (INV-10)."""
    invitation, _ = _answerable(case, act.invitation)
    return [InvitationMuted(invitation.id, invitation.resource, case.actor.id, invitation.expires)]


def pass_due(invitation: Invitation, person: Person, case: Case) -> list[Event]:
    """What time does to an invitation that is due: expire, remind, or wait for working hours (INV-08, INV-10)."""
    ids = (invitation.id, invitation.resource, invitation.person)
    if case.at >= invitation.expires:
        return [InvitationExpired(*ids, invitation.inviter)]
    moment = reminders.working_moment(case.policy, case.at, person.tz)
    if moment > case.at:
        return [InvitationDeferred(*ids, min(moment, invitation.expires))]
    done = reminders.marks_passed(case.policy, invitation.sent, invitation.expires, case.at)
    due = reminders.next_due(case.policy, replace(invitation, marks=done), person.tz)
    return [InvitationReminded(*ids, invitation.inviter, done, due)]


def due_events(case: Case, due: Sequence[Invitation]) -> list[Event]:
    """What time does to all invitations that are due."""
    people = case.facts.people({i.person for i in due})
    return [event for i in due for event in pass_due(i, people[i.person], case)]


def settled_once(happened: Sequence[Event]) -> list[Event]:
    """The events without a second end of one invitation: several things that end at once may each take it along."""
    ended: set[str] = set()
    kept: list[Event] = []
    for event in happened:
        if isinstance(event, InvitationExpired | InvitationRevoked):
            if event.invitation in ended:
                continue
            ended.add(event.invitation)
        kept.append(event)
    return kept


def _take_role(case: Case, resource: Resource, invitation: Invitation, until: datetime | None) -> list[Event]:
    now = access.held(case, case.actor.id, resource)
    role = invitation.role
    if now is None:
        return [MemberJoined(resource.id, case.actor.id, role, until, invitation.id)]
    changed = MemberRoleChanged(resource.id, case.actor.id, role, until, now.role, now.until)
    return [changed]


def _answerable(case: Case, invitation: str) -> tuple[Invitation, Resource | None]:
    found = case.facts.invitation(invitation)
    if found is None:
        raise refusals.UnknownInvitation
    if found.person != case.actor.id:
        raise refusals.NotYours
    check_pending(case, found)
    return found, case.facts.resource(found.resource)


def _upheld(case: Case, invitation: Invitation, resource: Resource) -> bool:
    return invitation.role in access.grantable(case, invitation.inviter, resource)

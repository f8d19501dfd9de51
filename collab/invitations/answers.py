"""Answers: what the invited person, or time, does with an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.billing.transfers import (
    PaymentMethodChoice,
    accept_billing,
    accept_ownership,
)
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
from collab.invitations import reminders
from collab.invitations.rules import (
    OWN,
    PAY,
    Invitation,
    check_invitation_pending,
    check_role_not_held,
    find_membership_at_least,
    get_event_fields,
    get_reminder_time_zone,
    is_inviter_still_authorized,
    list_resources_of_invitation,
    validate_note,
)
from collab.limits import get_next_expiry_notice
from collab.people import Caller
from collab.resources import Resource
from collab.teams import build_shared_events, check_not_shared

if TYPE_CHECKING:
    from collab.context import Context

SNOOZE_DURATION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """Say yes to an invitation; one to pay takes a payment method, by name or a new one."""

    by: Caller
    invitation: str
    choice: PaymentMethodChoice = None


@dataclass(frozen=True, slots=True)
class DeclineInvitation:
    """Say no to an invitation, with a reason for the inviter alone or without."""

    by: Caller
    invitation: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SnoozeInvitation:
    """Ask for no reminder for a day."""

    by: Caller
    invitation: str


@dataclass(frozen=True, slots=True)
class MuteInvitation:
    """Ask for no more reminders of an invitation."""

    by: Caller
    invitation: str


def accept_invitation(act: AcceptInvitation, case: Context) -> list[Event]:
    """Everything is checked again at the moment of the answer (INV-04)."""
    invitation = _get_answerable_invitation(case, act.invitation)
    found = list_resources_of_invitation(case, invitation)
    if not found or not is_inviter_still_authorized(case, invitation):
        raise errors.InviterLostRight(
            invitation.inviter, found[0].title if found else ""
        )
    return [
        InvitationAccepted(**_get_answer_fields(case, invitation)),
        *_apply_acceptance(case, invitation, found, act.choice),
    ]


def decline_invitation(act: DeclineInvitation, case: Context) -> list[Event]:
    """Declining needs no reason and may carry one for the inviter alone (INV-06)."""
    invitation = _get_answerable_invitation(case, act.invitation)
    return [
        InvitationDeclined(
            **_get_answer_fields(case, invitation),
            reason=validate_note("reason", act.reason),
        )
    ]


def snooze_invitation(act: SnoozeInvitation, case: Context) -> list[Event]:
    """The invited person may put reminders off for a day (INV-10)."""
    invitation = _get_answerable_invitation(case, act.invitation)
    until = case.at + SNOOZE_DURATION
    due = reminders.get_next_reminder_time(
        case.policy, replace(invitation, snoozed=until), case.actor.tz
    )
    return [
        InvitationSnoozed(**_get_answer_fields(case, invitation), until=until, due=due)
    ]


def mute_invitation(act: MuteInvitation, case: Context) -> list[Event]:
    """The invited person may ask for no more reminders (INV-10)."""
    invitation = _get_answerable_invitation(case, act.invitation)
    return [
        InvitationMuted(**_get_answer_fields(case, invitation), due=invitation.expires)
    ]


def expire_or_remind(invitation: Invitation, tz: str, case: Context) -> Event:
    """What time does to an invitation that is due: expire, remind, or wait for working hours (INV-08, INV-10)."""
    if case.at >= invitation.expires:
        return InvitationExpired(**get_event_fields(invitation))
    moment = reminders.move_into_working_hours(case.policy, case.at, tz)
    if moment > case.at:
        return InvitationDeferred(
            **get_event_fields(invitation), due=min(moment, invitation.expires)
        )
    done = reminders.count_passed_reminders(
        case.policy, invitation.sent, invitation.expires, case.at
    )
    due = reminders.get_next_reminder_time(
        case.policy, replace(invitation, marks=done), tz
    )
    return InvitationReminded(**get_event_fields(invitation), mark=done, due=due)


def expire_or_remind_all(case: Context, due: Sequence[Invitation]) -> list[Event]:
    """What time does to all invitations that are due."""
    people = case.repositories.get_people({i.person for i in due if i.person})
    return [
        expire_or_remind(
            i,
            people[i.person].tz if i.person else get_reminder_time_zone(case, i),
            case,
        )
        for i in due
    ]


def drop_duplicate_endings(happened: Sequence[Event]) -> list[Event]:
    """The events without a second end of one thing: several that end at once may each take it along."""
    ended: set[tuple[str, ...]] = set()
    kept: list[Event] = []
    for event in happened:
        ending = _identify_ending(event)
        if ending is None or ending not in ended:
            kept.append(event)
        ended |= {ending} if ending else set()
    return kept


def _apply_acceptance(
    case: Context,
    invitation: Invitation,
    found: Sequence[Resource],
    choice: PaymentMethodChoice,
) -> list[Event]:
    """What an acceptance gives: a payer, an owner, a role of a team, or roles."""
    if invitation.purpose == PAY:
        return accept_billing(case, invitation, found, choice)
    if invitation.purpose == OWN:
        return accept_ownership(case, invitation, found[0], choice)
    return (
        _share_with_team(case, invitation, found)
        if invitation.team
        else _assign_roles(case, invitation, found)
    )


def _identify_ending(event: Event) -> tuple[str, ...] | None:
    """What an event ends, if it ends an invitation or a membership."""
    if isinstance(event, InvitationExpired | InvitationRevoked):
        return (event.invitation,)
    return (event.resource, event.person) if isinstance(event, MemberEnded) else None


def _assign_roles(
    case: Context, invitation: Invitation, found: Sequence[Resource]
) -> list[Event]:
    """The role on everything that was offered; of several things, those on which as much is held stay as they are."""
    new = [
        r
        for r in found
        if not find_membership_at_least(case, case.actor.id, r, invitation.role)
    ]
    if not new:
        check_role_not_held(case, found[0], case.actor, invitation.role)
    for resource in new:
        check_seats_available(
            case, resource, invitation.role, [case.actor.id], answering=True
        )
    return [_assign_role(case, resource, invitation) for resource in new]


def _assign_role(case: Context, resource: Resource, invitation: Invitation) -> Event:
    now, until = (
        authorization.direct_membership(case, case.actor.id, resource),
        invitation.term.compute_end(case.at),
    )
    person, role, due = (
        case.actor.id,
        invitation.role,
        get_next_expiry_notice(until, case.at),
    )
    if now is None:
        return MemberJoined(resource.id, person, role, until, invitation.id, due=due)
    before = (now.role, now.until)
    return MemberRoleChanged(
        resource.id, person, role, until, *before, due=due, invitation=invitation.id
    )


def _share_with_team(
    case: Context, invitation: Invitation, found: Sequence[Resource]
) -> list[Event]:
    """The team holds the role from now on, answered for by one who may edit it (RES-05)."""
    team = case.repositories.get_resource(invitation.team or "")
    if team is None:
        raise errors.UnknownInvitation
    for resource in found:
        check_not_shared(case, resource, team, invitation.role)
    return [
        event
        for resource in found
        for event in build_shared_events(case, resource, team, invitation.role)
    ]


def _get_answer_fields(case: Context, invitation: Invitation) -> dict[str, Any]:
    return get_event_fields(invitation) | {"person": case.actor.id}


def _get_answerable_invitation(case: Context, invitation: str) -> Invitation:
    found = case.repositories.get_invitation(invitation)
    if found is None:
        raise errors.UnknownInvitation
    if not may_answer(case, case.actor.id, found):
        raise errors.NotYours
    check_invitation_pending(case, found)
    return found


def may_answer(case: Context, person: str, invitation: Invitation) -> bool:
    """Whether somebody is the invited person, or may answer for the invited team."""
    if invitation.team is None:
        return person == invitation.person
    team = case.repositories.get_resource(invitation.team)
    return team is not None and authorization.check(case, person, "edit", team)

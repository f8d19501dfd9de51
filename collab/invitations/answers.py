"""Answers: what the invited person, or time, does with an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.billing.transfers import (
    PaymentMethodChoice,
    accept_billing,
    accept_ownership,
)
from collab.command import Command
from collab.context import Context
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
from collab.model import Invitation, Resource
from collab.teams import build_shared_events, check_not_shared

SNOOZE_DURATION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AcceptInvitation(Command):
    """Say yes to an invitation; one to pay takes a payment method, by name or a new one."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: str
    choice: PaymentMethodChoice = None

    def decide(self, context: Context) -> list[Event]:
        """Everything is checked again at the moment of the answer (INV-04)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        found = list_resources_of_invitation(context, invitation)
        if not found or not is_inviter_still_authorized(context, invitation):
            raise errors.InviterLostRight(
                invitation.inviter, found[0].title if found else ""
            )
        return [
            InvitationAccepted(**_get_answer_fields(context, invitation)),
            *_apply_acceptance(context, invitation, found, self.choice),
        ]


@dataclass(frozen=True, slots=True)
class DeclineInvitation(Command):
    """Say no to an invitation, with a reason for the inviter alone or without."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: str
    reason: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Declining needs no reason and may carry one for the inviter alone (INV-06)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        return [
            InvitationDeclined(
                **_get_answer_fields(context, invitation),
                reason=validate_note("reason", self.reason),
            )
        ]


@dataclass(frozen=True, slots=True)
class SnoozeInvitation(Command):
    """Ask for no reminder for a day."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: str

    def decide(self, context: Context) -> list[Event]:
        """The invited person may put reminders off for a day (INV-10)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        until = context.at + SNOOZE_DURATION
        due = reminders.get_next_reminder_time(
            context.policy, replace(invitation, snoozed=until), context.actor.tz
        )
        return [
            InvitationSnoozed(
                **_get_answer_fields(context, invitation), until=until, due=due
            )
        ]


@dataclass(frozen=True, slots=True)
class MuteInvitation(Command):
    """Ask for no more reminders of an invitation."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: str

    def decide(self, context: Context) -> list[Event]:
        """The invited person may ask for no more reminders (INV-10)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        return [
            InvitationMuted(
                **_get_answer_fields(context, invitation), due=invitation.expires
            )
        ]


def expire_or_remind(invitation: Invitation, tz: str, context: Context) -> Event:
    """What time does to an invitation that is due: expire, remind, or wait for working hours (INV-08, INV-10)."""
    if context.at >= invitation.expires:
        return InvitationExpired(**get_event_fields(invitation))
    moment = reminders.move_into_working_hours(context.policy, context.at, tz)
    if moment > context.at:
        return InvitationDeferred(
            **get_event_fields(invitation), due=min(moment, invitation.expires)
        )
    done = reminders.count_passed_reminders(
        context.policy, invitation.sent, invitation.expires, context.at
    )
    due = reminders.get_next_reminder_time(
        context.policy, replace(invitation, marks=done), tz
    )
    return InvitationReminded(**get_event_fields(invitation), mark=done, due=due)


def expire_or_remind_all(context: Context, due: Sequence[Invitation]) -> list[Event]:
    """What time does to all invitations that are due."""
    people = context.people.get_people({i.person for i in due if i.person})
    return [
        expire_or_remind(
            i,
            people[i.person].tz if i.person else get_reminder_time_zone(context, i),
            context,
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
    context: Context,
    invitation: Invitation,
    found: Sequence[Resource],
    choice: PaymentMethodChoice,
) -> list[Event]:
    """What an acceptance gives: a payer, an owner, a role of a team, or roles."""
    if invitation.purpose == PAY:
        return accept_billing(context, invitation, found, choice)
    if invitation.purpose == OWN:
        return accept_ownership(context, invitation, found[0], choice)
    return (
        _share_with_team(context, invitation, found)
        if invitation.team
        else _assign_roles(context, invitation, found)
    )


def _identify_ending(event: Event) -> tuple[str, ...] | None:
    """What an event ends, if it ends an invitation or a membership."""
    if isinstance(event, InvitationExpired | InvitationRevoked):
        return (event.invitation,)
    return (event.resource, event.person) if isinstance(event, MemberEnded) else None


def _assign_roles(
    context: Context, invitation: Invitation, found: Sequence[Resource]
) -> list[Event]:
    """The role on everything that was offered; of several things, those on which as much is held stay as they are."""
    new = [
        r
        for r in found
        if not find_membership_at_least(context, context.actor.id, r, invitation.role)
    ]
    if not new:
        check_role_not_held(context, found[0], context.actor, invitation.role)
    for resource in new:
        check_seats_available(
            context, resource, invitation.role, [context.actor.id], answering=True
        )
    return [_assign_role(context, resource, invitation) for resource in new]


def _assign_role(context: Context, resource: Resource, invitation: Invitation) -> Event:
    now, until = (
        authorization.direct_membership(context, context.actor.id, resource),
        invitation.term.compute_end(context.at),
    )
    person, role, due = (
        context.actor.id,
        invitation.role,
        get_next_expiry_notice(until, context.at),
    )
    if now is None:
        return MemberJoined(resource.id, person, role, until, invitation.id, due=due)
    before = (now.role, now.until)
    return MemberRoleChanged(
        resource.id, person, role, until, *before, due=due, invitation=invitation.id
    )


def _share_with_team(
    context: Context, invitation: Invitation, found: Sequence[Resource]
) -> list[Event]:
    """The team holds the role from now on, answered for by one who may edit it (RES-05)."""
    team = context.resources.get_resource(invitation.team or "")
    if team is None:
        raise errors.UnknownInvitation
    for resource in found:
        check_not_shared(context, resource, team, invitation.role)
    return [
        event
        for resource in found
        for event in build_shared_events(context, resource, team, invitation.role)
    ]


def _get_answer_fields(context: Context, invitation: Invitation) -> dict[str, Any]:
    return get_event_fields(invitation) | {"person": context.actor.id}


def _get_answerable_invitation(context: Context, invitation: str) -> Invitation:
    found = context.invitations.get_invitation(invitation)
    if found is None:
        raise errors.UnknownInvitation
    if not may_answer(context, context.actor.id, found):
        raise errors.NotYours
    check_invitation_pending(context, found)
    return found


def may_answer(context: Context, person: str, invitation: Invitation) -> bool:
    """Whether somebody is the invited person, or may answer for the invited team."""
    if invitation.team is None:
        return person == invitation.person
    team = context.resources.get_resource(invitation.team)
    return team is not None and authorization.check(context, person, "edit", team)

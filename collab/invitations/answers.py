"""Answers to invitations: accept, decline, snooze and mute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from collab import authorization, errors
from collab.billing.payment_method_choice import PaymentMethodChoice
from collab.billing.plans import check_seats_available
from collab.billing.transfers import accept_billing, accept_ownership
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationAccepted,
    InvitationDeclined,
    InvitationMuted,
    InvitationSnoozed,
    MemberJoined,
    MemberRoleChanged,
    PersonVerified,
)
from collab.handovers.completion import accept_handover, check_enabled
from collab.handovers.taking_back import accept_take_back
from collab.invitations import reminders
from collab.invitations.rules import (
    HANDOVER,
    JOIN,
    OWN,
    PAY,
    TAKE_BACK,
    InvitationFields,
    check_invitation_open,
    check_invitation_pending,
    check_role_not_held,
    find_membership_at_least,
    get_event_fields,
    list_resources_of_invitation,
    may_offer,
    validate_note,
)
from collab.limits import get_next_expiry_notice
from collab.model import Invitation, InvitationId, PersonId, Resource
from collab.teams import build_shared_events, check_not_shared
from collab.text import normalize_for_comparison

SNOOZE_DURATION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AcceptInvitation(Command):
    """Accept an invitation; one to pay needs a payment method, an existing one by name
    or a new one, and so does a handover of what is paid for.

    `typed_slug` is the short name of its resource. An answer by link needs it where
    more is taken over than a role: no program that follows links types it.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: InvitationId
    choice: PaymentMethodChoice = None
    typed_slug: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Accept if everything that allowed the offer is still true (INV-04)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        resources = list_resources_of_invitation(context, invitation)
        if not resources:
            raise errors.InviterLostRight(invitation.inviter, "")
        if self.by.person and invitation.purpose != JOIN:
            _check_slug_typed(resources[0], self.typed_slug)
        if invitation.purpose == HANDOVER:
            check_enabled(context, resources)
        if not may_offer(context, invitation.inviter, invitation):
            raise errors.InviterLostRight(invitation.inviter, resources[0].title)
        # The link proves that they have the address.
        verified = [PersonVerified(context.actor.id)] if self.by.person else []
        return [*verified, *self._accept(context, invitation, resources)]

    def _accept(
        self, context: Context, invitation: Invitation, resources: Sequence[Resource]
    ) -> list[Event]:
        """Return what accepting causes, by the purpose of the invitation."""
        if invitation.purpose == HANDOVER:
            return accept_handover(context, invitation, self.choice)
        if invitation.purpose == TAKE_BACK:
            return accept_take_back(context, invitation)
        accepted = InvitationAccepted(**_get_answer_fields(context, invitation))
        effects = _apply_acceptance(context, invitation, resources, self.choice)
        return [accepted, *effects]


@dataclass(frozen=True, slots=True)
class DeclineInvitation(Command):
    """Decline an invitation; only the inviter sees the reason."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: InvitationId
    reason: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Decline, with or without a reason (INV-06); a handover that was agreed on
        until its day (HND-04).
        """
        invitation = _get_own_invitation(context, self.invitation)
        check_invitation_open(context, invitation)
        fields = _get_answer_fields(context, invitation)
        reason = validate_note("reason", self.reason)
        return [InvitationDeclined(**fields, reason=reason)]


@dataclass(frozen=True, slots=True)
class SnoozeInvitation(Command):
    """Stop the reminders of an invitation for a day."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Move the next reminder behind the snooze (INV-10)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        until = context.at + SNOOZE_DURATION
        due = reminders.get_next_reminder_time(
            context.policy, replace(invitation, snoozed=until), context.actor.tz
        )
        fields = _get_answer_fields(context, invitation)
        return [InvitationSnoozed(**fields, until=until, due=due)]


@dataclass(frozen=True, slots=True)
class MuteInvitation(Command):
    """Stop the reminders of an invitation for good."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Leave only the expiry due (INV-10)."""
        invitation = _get_answerable_invitation(context, self.invitation)
        fields = _get_answer_fields(context, invitation)
        return [InvitationMuted(**fields, due=invitation.expires)]


def may_answer(context: Context, person_id: PersonId, invitation: Invitation) -> bool:
    """Return whether a person is the invited one, or may edit the invited team
    (RES-05).
    """
    if invitation.team is None:
        return person_id == invitation.person
    team = context.resources.get_resource(invitation.team)
    return team is not None and authorization.check(context, person_id, "edit", team)


def _check_slug_typed(resource: Resource, typed: str | None) -> None:
    """Reject an answer without the short name of what it is about (OUT-02)."""
    if normalize_for_comparison(typed or "") != resource.slug:
        raise errors.TypeShortName(resource.title, resource.slug)


def _get_answerable_invitation(
    context: Context, invitation_id: InvitationId
) -> Invitation:
    """Return a pending invitation that the actor may answer."""
    invitation = _get_own_invitation(context, invitation_id)
    check_invitation_pending(context, invitation)
    return invitation


def _get_own_invitation(context: Context, invitation_id: InvitationId) -> Invitation:
    """Return an invitation of the actor, in any state."""
    invitation = context.invitations.get_invitation(invitation_id)
    if invitation is None:
        raise errors.UnknownInvitation
    if not may_answer(context, context.actor.id, invitation):
        raise errors.NotYours
    return invitation


def _get_answer_fields(context: Context, invitation: Invitation) -> InvitationFields:
    """Return the fields of an event about an answer: its person is who answers, for a
    team too.
    """
    return {**get_event_fields(invitation), "person": context.actor.id}


def _apply_acceptance(
    context: Context,
    invitation: Invitation,
    resources: Sequence[Resource],
    choice: PaymentMethodChoice,
) -> list[Event]:
    """Return what an acceptance changes, by the purpose of the invitation."""
    if invitation.purpose == PAY:
        return accept_billing(context, invitation, resources, choice)
    if invitation.purpose == OWN:
        return accept_ownership(context, invitation, resources[0], choice)
    if invitation.team:
        return _share_with_team(context, invitation, resources)
    return _assign_roles(context, invitation, resources)


def _assign_roles(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """Assign the role on each resource on which the actor does not have it or a higher
    one.

    Rejected if that leaves none.
    """
    person_id, role = context.actor.id, invitation.role
    new_resources = [
        resource
        for resource in resources
        if not find_membership_at_least(context, person_id, resource, role)
    ]
    if not new_resources:
        check_role_not_held(context, resources[0], context.actor, role)
    for resource in new_resources:
        check_seats_available(context, resource, role, [person_id], answering=True)
    return [_assign_role(context, resource, invitation) for resource in new_resources]


def _assign_role(context: Context, resource: Resource, invitation: Invitation) -> Event:
    person_id = context.actor.id
    membership = authorization.direct_membership(context, person_id, resource)
    until = invitation.term.compute_end(context.at)
    due = get_next_expiry_notice(until, context.at)
    if membership is None:
        return MemberJoined(
            resource=resource.id,
            person=person_id,
            role=invitation.role,
            until=until,
            invitation=invitation.id,
            due=due,
        )
    return MemberRoleChanged(
        resource=resource.id,
        person=person_id,
        role=invitation.role,
        until=until,
        before=membership.role,
        before_until=membership.until,
        due=due,
        invitation=invitation.id,
    )


def _share_with_team(
    context: Context, invitation: Invitation, resources: Sequence[Resource]
) -> list[Event]:
    """Give the team the role on each resource (RES-05)."""
    team_id = invitation.team
    team = context.resources.get_resource(team_id) if team_id else None
    if team is None:
        raise errors.UnknownInvitation
    for resource in resources:
        check_not_shared(context, resource, team, invitation.role)
    shared: list[Event] = []
    for resource in resources:
        shared += build_shared_events(context, resource, team, invitation.role)
    return shared

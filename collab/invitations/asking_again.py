"""Ask the inviter of an expired invitation to send it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import Event, InvitationAskedAgain
from collab.invitations.rules import (
    EXPIRED,
    HANDOVER,
    JOIN,
    PENDING,
    TAKE_BACK,
    check_role_not_held,
    find_membership_at_least,
    get_event_fields,
    has_asked_again,
    list_resources_of_invitation,
    may_offer,
)
from collab.model import Invitation, InvitationId, Resource


@dataclass(frozen=True, slots=True)
class AskForInvitationAgain(Command):
    """Ask the inviter of an expired invitation to send it again.

    An invitation of a team, and a handover, cannot be asked for again.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Ask once, if the inviter can still make the offer and it is needed (INV-15)."""
        invitation = context.invitations.get_invitation(self.invitation)
        if invitation is None:
            raise errors.UnknownInvitation
        if invitation.team is not None or invitation.person != context.actor.id:
            raise errors.NotYours
        _check_expired(context, invitation)
        resources = list_resources_of_invitation(context, invitation)
        if not resources:
            raise errors.InviterLostRight(invitation.inviter, "")
        _check_not_invited_again(context, invitation)
        _check_role_missing(context, invitation, resources)
        if not may_offer(context, invitation.inviter, invitation):
            raise errors.InviterLostRight(invitation.inviter, resources[0].title)
        if has_asked_again(context, invitation):
            raise errors.AlreadyAskedAgain(invitation.inviter)
        return [InvitationAskedAgain(**get_event_fields(invitation))]


def _check_expired(context: Context, invitation: Invitation) -> None:
    """Reject an invitation that is pending or was answered, and a handover."""
    is_late = invitation.state == PENDING and context.at >= invitation.expires
    state = EXPIRED if is_late else invitation.state
    if state != EXPIRED or invitation.purpose in {HANDOVER, TAKE_BACK}:
        raise errors.AlreadyAnswered(invitation.id, state)


def _check_not_invited_again(context: Context, invitation: Invitation) -> None:
    """Reject an invitation that was followed by another one to the same resource."""
    if context.invitations.list_renewed_ids([invitation.id]):
        raise errors.AlreadyAnswered(invitation.id, "superseded")


def _check_role_missing(
    context: Context, invitation: Invitation, resources: list[Resource]
) -> None:
    """Reject an offer of a role that the actor has on each of the resources."""
    if invitation.purpose != JOIN:
        return
    person, role = context.actor, invitation.role
    for resource in resources:
        if not find_membership_at_least(context, person.id, resource, role):
            return
    check_role_not_held(context, resources[0], person, role)

"""Send an invitation that did not arrive to another address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationClaimed,
    InvitationResent,
    InvitationSent,
    InvitationSuperseded,
)
from collab.invitations.commands import get_manageable_invitation
from collab.invitations.offers import (
    Offer,
    check_may_invite_person,
    check_not_recently_declined,
    send_or_resend,
)
from collab.invitations.rules import (
    HANDOVER,
    PAY,
    TAKE_BACK,
    check_invitation_pending,
    check_role_not_held,
    get_event_fields,
)
from collab.model import (
    Address,
    Invitation,
    InvitationId,
    Person,
    PersonId,
    Resource,
)
from collab.people import get_or_register_person, normalize_email
from collab.text import is_email_address


@dataclass(frozen=True, slots=True)
class ChangeInvitationAddress(Command):
    """Make the offer of a pending invitation to another address instead."""

    invitation: InvitationId
    address: Address

    def decide(self, context: Context) -> list[Event]:
        """Send it anew by the same checks, and end the one that did not arrive."""
        invitation, resources = get_manageable_invitation(context, self.invitation)
        check_invitation_pending(context, invitation)
        if not invitation.person or invitation.purpose in {HANDOVER, TAKE_BACK}:
            raise errors.NothingToEdit
        if not is_email_address(self.address.email):
            raise errors.BadAddress(self.address.email)
        person, registered = get_or_register_person(context, self.address)
        if person.id == invitation.person:
            raise errors.NothingToEdit(normalize_email(self.address.email))
        return _offer_instead(context, invitation, resources, person, registered)


@dataclass(frozen=True, slots=True)
class ClaimInvitation(Command):
    """Ask the inviter of an invitation to another address to send it to the caller.

    The caller opened its link and has proved an account with another address.
    """

    invitation: InvitationId

    def decide(self, context: Context) -> list[Event]:
        """Ask once; nothing is taken over without the inviter's yes (OUT-04)."""
        invitation = context.invitations.get_invitation(self.invitation)
        if invitation is None or not invitation.person or self.by.is_system:
            raise errors.UnknownInvitation
        check_invitation_pending(context, invitation)
        invited = context.people.get_person(invitation.person)
        is_elsewhere = invited is not None and not invited.user
        if not is_elsewhere or invitation.purpose in {HANDOVER, TAKE_BACK}:
            raise errors.UnknownInvitation
        claimant = context.actor.id
        if _was_claimed(context, invitation, claimant):
            raise errors.AlreadyAskedAgain(invitation.inviter)
        fields = get_event_fields(invitation)
        return [InvitationClaimed(**fields, claimant=claimant)]


@dataclass(frozen=True, slots=True)
class GrantClaim(Command):
    """Send an invitation to who asked for it, in place of the address."""

    invitation: InvitationId
    claimant: PersonId

    def decide(self, context: Context) -> list[Event]:
        """Send it anew by the same checks, and end the one to the address."""
        invitation, resources = get_manageable_invitation(context, self.invitation)
        check_invitation_pending(context, invitation)
        claimant = context.people.get_person(self.claimant)
        if claimant is None or not _was_claimed(context, invitation, claimant.id):
            raise errors.UnknownInvitation
        return _offer_instead(context, invitation, resources, claimant, [])


def _was_claimed(context: Context, invitation: Invitation, claimant: PersonId) -> bool:
    """Return whether somebody has asked for an invitation."""
    if invitation.person is None:
        return False
    recorded = context.events.list_events_about(invitation.person, [InvitationClaimed])
    return any(
        isinstance(each.event, InvitationClaimed)
        and (each.event.invitation, each.event.claimant) == (invitation.id, claimant)
        for each in recorded
    )


def _offer_instead(
    context: Context,
    invitation: Invitation,
    resources: Sequence[Resource],
    person: Person,
    registered: Sequence[Event],
) -> list[Event]:
    """Return the same offer to another person, and the end of the invitation."""
    if person.id == invitation.person:
        raise errors.NothingToEdit
    check_may_invite_person(context, person)
    if not registered:
        _check_needed(context, invitation, resources, person)
    offer = Offer(
        resources=tuple(resources),
        role=invitation.role,
        term=invitation.term,
        note=invitation.note,
        person=person,
        tz=person.tz,
        purpose=invitation.purpose,
        is_first_contact=bool(registered),
    )
    sent = send_or_resend(context, offer)
    ended = InvitationSuperseded(
        **get_event_fields(invitation), by=_get_invitation_id(sent)
    )
    return [*registered, ended, *sent]


def _get_invitation_id(sent: list[Event]) -> InvitationId:
    """Return the id of the invitation that was sent, or sent again."""
    for event in sent:
        if isinstance(event, InvitationSent | InvitationResent):
            return event.invitation
    raise LookupError("nothing was sent")


def _check_needed(
    context: Context,
    invitation: Invitation,
    resources: Sequence[Resource],
    person: Person,
) -> None:
    """Reject an offer to somebody who has the role, or who declined it lately."""
    for resource in resources:
        check_not_recently_declined(
            context, resource, person.id, purpose=invitation.purpose
        )
        if invitation.purpose != PAY:
            check_role_not_held(context, resource, person, invitation.role)

"""Send an invitation that did not arrive to another address."""

from __future__ import annotations

from dataclasses import dataclass

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
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
from collab.model import Address, Invitation, InvitationId, Person, Resource
from collab.people import get_or_register_person
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
    resources: list[Resource],
    person: Person,
) -> None:
    """Reject an offer to somebody who has the role, or who declined it lately."""
    for resource in resources:
        check_not_recently_declined(
            context, resource, person.id, purpose=invitation.purpose
        )
        if invitation.purpose != PAY:
            check_role_not_held(context, resource, person, invitation.role)

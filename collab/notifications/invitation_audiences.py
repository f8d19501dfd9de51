"""Audiences of invitations: who sent them, and who is invited.

See audiences.py for how an audience is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collab import events
from collab.context import Context
from collab.events import RecordedEvent
from collab.invitations.rules import JOIN, PAY
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.mail_delivery import DELAYED
from collab.model import PersonId, ResourceId
from collab.notifications.recipients import Recipient, person_recipient
from collab.notifications.targets import format_person_target


def invited_people(
    event: Any, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the invitee, or everybody of an invited team who got the invitation.

    The sender is notified if they cannot be reached.
    """
    invitation = context.invitations.get_invitation(event.invitation)
    person_ids: tuple[PersonId, ...] = (event.person,)
    if invitation and invitation.team:
        person_ids = invitation.asked
    for person_id in person_ids:
        yield Recipient(format_person_target(person_id), event.inviter)


def invited_to_take_over(
    event: events.InvitationRevoked, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the invitee of a transfer that was not revoked by its sender (BIL-05)."""
    invitation = context.invitations.get_invitation(event.invitation)
    if invitation is None or invitation.purpose == JOIN:
        return
    is_own_answer = event.why == "changed" and recorded.actor == event.person
    if event.why not in {"asked", "unreachable"} and not is_own_answer:
        yield from invited_people(event, recorded, context)


def invitation_sender(
    event: Any, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the sender of the invitation."""
    yield person_recipient(event.inviter)


def people_of_renewed(
    event: events.InvitationSent, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield who has messages about the expired invitations that are sent again so.

    Of each resource the last one: the others were sent again before.
    """
    expired = context.invitations.list_expired_invitations_before(
        event.invitation, MAX_RESOURCES_IN_OFFER
    )
    seen: set[ResourceId] = set()
    for invitation in expired:
        if not seen.issuperset(invitation.resources):
            person_ids = (invitation.person, *invitation.asked, invitation.inviter)
            for person_id in filter(None, person_ids):
                target = format_person_target(person_id)
                yield Recipient(target, subject_id=invitation.id)
        seen.update(invitation.resources)


def sender_unless_delayed(
    event: events.InvitationUndelivered, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the sender of an invitation whose mail will not arrive any more."""
    if event.problem != DELAYED:
        yield person_recipient(event.inviter)


def sender_unless_actor(
    event: Any, recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the sender of the invitation, unless they caused the event themselves.

    That an offer ends with the payer that they chose is nothing that they asked for.
    """
    is_side_effect = getattr(event, "why", None) == "overtaken"
    if is_side_effect or recorded.actor != event.inviter:
        yield person_recipient(event.inviter)


def sender_unless_transferred(
    event: events.InvitationAccepted, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the sender, unless the transfer of billing is an event of its own."""
    invitation = context.invitations.get_invitation(event.invitation)
    if invitation is None or invitation.purpose != PAY:
        yield person_recipient(event.inviter)

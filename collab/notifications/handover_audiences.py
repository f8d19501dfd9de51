"""Audiences of handovers: both sides, and who else is affected.

See audiences.py for how an audience is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from collab import events
from collab.context import Context
from collab.events import RecordedEvent
from collab.handovers.scope import list_handed_over
from collab.invitations.rules import HANDOVER, TAKE_BACK
from collab.model import ResourceId
from collab.notifications.audiences import highest_role_holders_of
from collab.notifications.recipients import (
    Recipient,
    people_recipients,
    person_recipient,
)
from collab.notifications.targets import format_person_target


def invited_unless_actor(
    event: events.InvitationRevoked, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the invitee of a handover that was agreed on, if the sender withdrew it
    (HND-04).
    """
    invitation = context.invitations.get_invitation(event.invitation)
    if invitation is None or not invitation.agreed or event.why != "asked":
        return
    if event.person and event.person != recorded.actor:
        yield person_recipient(event.person)


def sender_of_handover(
    event: events.InvitationSent, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield the sender of an offer to hand over or to take that back."""
    if event.purpose in {HANDOVER, TAKE_BACK}:
        yield person_recipient(event.inviter)


def handover_parties(
    event: Any, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield both sides."""
    yield person_recipient(event.person)
    yield person_recipient(event.inviter)


def parties_of_agreed_handover(
    event: events.InvitationReopened, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield both sides of a handover that was agreed on and is again, but the actor."""
    invitation = context.invitations.get_invitation(event.invitation)
    if invitation and invitation.agreed:
        sides = (invitation.person, invitation.inviter)
        yield from people_recipients(filter(None, sides), recorded.actor)


def handover_parties_on_the_day(
    event: events.HandoverDone, recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield both sides of a handover on a later day; else the yes tells them."""
    if event.is_scheduled:
        yield from handover_parties(event, recorded, context)


def others_affected_by_handover(
    event: events.HandoverDone | events.HandoverTakenBack,
    _recorded: RecordedEvent,
    context: Context,
) -> Iterator[Recipient]:
    """Yield who else has the highest role on what changed hands, on what paid or pays."""
    sides = [format_person_target(each) for each in (event.person, event.inviter)]
    invitation = context.invitations.get_invitation(event.invitation)
    changed = list_handed_over(context, invitation) if invitation else []
    resource_ids: list[ResourceId | None] = [each.id for each in changed]
    if isinstance(event, events.HandoverDone):
        resource_ids += [*event.before, event.payer]
    else:
        resource_ids += event.methods
    for recipient in highest_role_holders_of(context, resource_ids):
        if recipient.target not in sides:
            yield recipient


def parties_of_taken_back(
    event: events.HandoverTakenBack, _recorded: RecordedEvent, _context: Context
) -> Iterator[Recipient]:
    """Yield who has the messages about the handover that was taken back."""
    for person_id in (event.person, event.inviter):
        yield replace(person_recipient(person_id), subject_id=event.handover)

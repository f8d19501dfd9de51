"""Audiences of people who were outside the chat platform."""

from __future__ import annotations

from collections.abc import Iterator

from collab import events
from collab.context import Context
from collab.events import RecordedEvent
from collab.notifications.recipients import Recipient
from collab.notifications.targets import format_person_target


def invited_by_mail(
    event: events.PersonMerged, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield a person who has an account now, for each invitation that was mailed to
    them before.

    Whether it was is known when the message is sent.
    """
    known = context.people.get_people({event.person})
    merged = known.get(event.person)
    if not context.policy.sends_mail or merged is None or merged.user:
        return
    target = format_person_target(event.into)
    for invitation in context.invitations.list_pending_invitations_for(event.into):
        yield Recipient(target, subject_id=invitation.id)

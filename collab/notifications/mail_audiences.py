"""Audiences of people who were outside the chat platform."""

from __future__ import annotations

from collections.abc import Iterator

from collab import events
from collab.context import Context
from collab.events import RecordedEvent
from collab.invitations.mail_limit import get_next_mail_time, is_reached_by_mail
from collab.notifications.recipients import Recipient, person_recipient
from collab.notifications.targets import format_person_target


def invited_by_mail(
    event: events.PersonMerged, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield a person who has an account now, for each invitation that was mailed to
    them before.

    Whether it was is known when the message is sent.
    """
    merged = context.people.get_people({event.person}).get(event.person)
    if not context.policy.sends_mail or merged is None or merged.user:
        return
    target = format_person_target(event.into)
    for invitation in context.invitations.list_pending_invitations_for(event.into):
        yield Recipient(target, subject_id=invitation.id)


def invited_outside(
    event: events.InvitationExpired, _recorded: RecordedEvent, context: Context
) -> Iterator[Recipient]:
    """Yield the invitee if they are reached by mail: they have no card that changes.

    Who stopped the reminders, and who has had the mails of a day, gets none.
    """
    person = context.people.get_person(event.person) if event.person else None
    if person is None or not is_reached_by_mail(context, person):
        return
    invitation = context.invitations.get_invitation(event.invitation)
    is_wanted = invitation is not None and not invitation.muted
    if is_wanted and get_next_mail_time(context, person) <= context.at:
        yield person_recipient(person.id)

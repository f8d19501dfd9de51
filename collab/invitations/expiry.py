"""Due invitations: reminded, and expired by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collab.context import Context
from collab.events import (
    Event,
    InvitationDeferred,
    InvitationExpired,
    InvitationReminded,
)
from collab.invitations import reminders
from collab.invitations.rules import get_event_fields, get_reminder_time_zone
from collab.model import Invitation


def expire_or_remind_all(context: Context, due: Sequence[Invitation]) -> list[Event]:
    """Return what happens to each invitation that is due (INV-08, INV-10)."""
    # Read all invited people at once; the repository remembers them.
    context.people.get_people({i.person for i in due if i.person})
    return [
        expire_or_remind(i, get_reminder_time_zone(context, i), context) for i in due
    ]


def expire_or_remind(invitation: Invitation, tz: str, context: Context) -> Event:
    """Return the expiry, or the reminder, or its deferral into working hours (INV-08,
    INV-10).
    """
    fields = get_event_fields(invitation)
    if context.at >= invitation.expires:
        return InvitationExpired(**fields)
    allowed = reminders.move_into_working_hours(context.policy, context.at, tz)
    if allowed > context.at:
        return InvitationDeferred(**fields, due=min(allowed, invitation.expires))
    mark = reminders.count_passed_reminders(
        context.policy, invitation.sent, invitation.expires, context.at
    )
    due = reminders.get_next_reminder_time(
        context.policy, replace(invitation, marks=mark), tz
    )
    return InvitationReminded(**fields, mark=mark, due=due)

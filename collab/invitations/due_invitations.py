"""Due invitations: reminded, and expired by time; rescheduled by changed settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from collab.context import Context
from collab.events import (
    Event,
    InvitationDeferred,
    InvitationExpired,
    InvitationReminded,
)
from collab.invitations import reminders
from collab.invitations.mail_limit import get_next_mail_time, is_reached_by_mail
from collab.invitations.rules import get_event_fields, get_reminder_time_zone
from collab.limits import Policy
from collab.model import Invitation

# The settings of a workspace on which the times of reminders depend.
REMINDER_SETTINGS = frozenset({"lifetime", "reminders", "quiet-hours"})


def expire_or_remind_all(context: Context, due: Sequence[Invitation]) -> list[Event]:
    """Return what happens to each invitation that is due (INV-08, INV-10)."""
    # Read all invited people at once; the repository remembers them.
    context.people.get_people({i.person for i in due if i.person})
    return [
        expire_or_remind(i, get_reminder_time_zone(context, i), context) for i in due
    ]


def expire_or_remind(invitation: Invitation, tz: str, context: Context) -> Event:
    """Return the expiry, the reminder, or the deferral of one that is not sent now
    (INV-08, INV-10).

    It is not sent outside working hours, as one mail too many, nor if the settings no
    longer have it.
    """
    fields = get_event_fields(invitation)
    if context.at >= invitation.expires:
        return InvitationExpired(**fields)
    allowed = reminders.move_into_working_hours(context.policy, context.at, tz)
    if allowed > context.at:
        return InvitationDeferred(**fields, due=min(allowed, invitation.expires))
    mark = _count_passed_reminders(context, context.policy, invitation)
    due = reminders.get_next_reminder_time(
        context.policy, replace(invitation, marks=mark), tz
    )
    if mark <= invitation.marks:
        return InvitationDeferred(**fields, due=due, mark=mark)
    mailable_at = _get_mail_time(context, invitation)
    if mailable_at > context.at:
        return InvitationDeferred(**fields, due=min(mailable_at, invitation.expires))
    return InvitationReminded(**fields, mark=mark, due=due)


def _get_mail_time(context: Context, invitation: Invitation) -> datetime:
    """Return when a reminder may be sent: now, unless it is one mail too many (OUT-06).

    To an address that gets no more mails none is sent (OUT-05).
    """
    person = context.people.get_person(invitation.person) if invitation.person else None
    if person and person.mail_stopped and not person.user:
        return invitation.expires
    if person is None or not is_reached_by_mail(context, person):
        return context.at
    return get_next_mail_time(context, person)


def reschedule_reminders(context: Context, policy: Policy) -> list[Event]:
    """Return the deferral of each pending invitation whose reminders change with the
    settings, which are `policy` from now on (INV-10).
    """
    pending = context.invitations.list_pending_invitations()
    # Read all invited people at once; the repository remembers them.
    context.people.get_people({i.person for i in pending if i.person})
    deferred: list[Event] = []
    for invitation in pending:
        if invitation.agreed:
            continue
        mark = _count_done_reminders(context, policy, invitation)
        due = reminders.get_next_reminder_time(
            policy,
            replace(invitation, marks=mark),
            get_reminder_time_zone(context, invitation),
        )
        if (mark, due) != (invitation.marks, invitation.due):
            fields = get_event_fields(invitation)
            deferred.append(InvitationDeferred(**fields, due=due, mark=mark))
    return deferred


def _count_done_reminders(
    context: Context, policy: Policy, invitation: Invitation
) -> int:
    """Return how many reminders of a new policy are done: all that have passed, but the
    last one if a reminder waits for working hours.
    """
    passed = _count_passed_reminders(context, policy, invitation)
    is_one_waiting = (
        _count_passed_reminders(context, context.policy, invitation) > invitation.marks
    )
    return passed - 1 if passed and is_one_waiting else passed


def _count_passed_reminders(
    context: Context, policy: Policy, invitation: Invitation
) -> int:
    return reminders.count_passed_reminders(
        policy, invitation.sent, invitation.expires, context.at
    )

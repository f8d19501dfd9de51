"""How many mails about invitations an address gets a day, whoever causes them (OUT-06)."""

from __future__ import annotations

from datetime import datetime, timedelta

from collab import errors
from collab.context import Context
from collab.events import (
    InvitationExpired,
    InvitationReminded,
    InvitationResent,
    InvitationSent,
)
from collab.model import Person

MAX_MAILS = 3
DAY = timedelta(days=1)
MAILED_EVENTS = (
    InvitationSent,
    InvitationResent,
    InvitationReminded,
    InvitationExpired,
)


def is_reached_by_mail(context: Context, person: Person) -> bool:
    """Return whether a person gets mails: they have an address and no account."""
    return bool(context.policy.sends_mail and person.email and not person.user)


def get_next_mail_time(context: Context, person: Person) -> datetime:
    """Return when a person may get the next mail: now, or once fewer than MAX_MAILS are
    of the last day.
    """
    recorded = context.events.list_events_about(
        person.id, MAILED_EVENTS, context.at - DAY
    )
    mailed_at = [each.at for each in recorded]
    if len(mailed_at) < MAX_MAILS:
        return context.at
    return mailed_at[-MAX_MAILS] + DAY


def check_may_mail(context: Context, person: Person | None) -> None:
    """Reject one mail more than an address may get in a day."""
    if person is None or not is_reached_by_mail(context, person):
        return
    next_at = get_next_mail_time(context, person)
    if next_at > context.at:
        raise errors.TooManyMails(person.id, MAX_MAILS, next_at)

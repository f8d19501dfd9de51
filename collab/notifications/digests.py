"""Digests: messages that a channel or a person gets together, at a certain hour.

A channel gets digests if its link is daily or weekly, a person if they prefer it for
messages that they need not act on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from collab.context import Context
from collab.events import DigestSent, Event
from collab.invitations.reminders import WORKDAY_START, get_time_zone
from collab.model import ChannelLink, DueDigest, Frequency, Person
from collab.notifications.targets import parse_person_id

MAX_PERSONAL_DIGEST_ITEMS = 30  # so that a digest is one message
VALID_HOURS = range(24)
MONDAY = 0


def get_channel_digest_time(context: Context, link: ChannelLink) -> datetime:
    """Return when a channel gets its next digest, in the time zone of who linked it."""
    person = context.people.get_person(link.person)
    time_zone = person.tz if person else "UTC"
    return get_next_occurrence(context.at, link.rhythm, link.hour, time_zone)


def get_personal_digest_time(at: datetime, person: Person) -> datetime:
    """Return when a person gets their next digest: as their workday begins."""
    return get_next_occurrence(at, Frequency.DAILY, WORKDAY_START.hour, person.tz)


def get_next_occurrence(
    at: datetime, frequency: str, hour: int, time_zone: str
) -> datetime:
    """Return the next time it is an hour in a time zone, on a Monday if weekly.

    An hour that a clock change skips occurs one hour later; one that a clock change
    repeats occurs the first time.
    """
    zone = get_time_zone(time_zone)
    day = at.astimezone(zone).date()
    while True:
        occurrence = datetime.combine(day, time(hour), zone).astimezone(at.tzinfo)
        is_digest_day = frequency != Frequency.WEEKLY or day.weekday() == MONDAY
        if occurrence > at and is_digest_day:
            return occurrence
        day += timedelta(days=1)


def build_digest_events(context: Context, due: Sequence[DueDigest]) -> list[Event]:
    """Return the events of digests that are due."""
    return [
        DigestSent(
            recipient=digest.recipient,
            item_count=digest.item_count,
            last_seq=digest.last_seq,
            resource=digest.resource_id,
            escalate_to=digest.escalate_to,
            is_discarded=_is_recipient_inactive(context, digest.recipient),
        )
        for digest in due
    ]


def _is_recipient_inactive(context: Context, recipient: str) -> bool:
    person_id = parse_person_id(recipient)
    person = context.people.get_person(person_id) if person_id else None
    return person is not None and not person.active

"""Digests.

What a channel hears together, once a day or once a week, at an hour of the day of who
linked it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from collab.context import Context
from collab.events import ChannelDigested, Event
from collab.invitations.reminders import get_time_zone
from collab.model import IMMEDIATE, ChannelLink, DueChannelDigest

DAILY, WEEKLY = "daily", "weekly"
FREQUENCIES = (IMMEDIATE, DAILY, WEEKLY)
VALID_HOURS = range(24)
MONDAY = 0


def get_digest_time(context: Context, link: ChannelLink) -> datetime:
    """When a channel hears of what happens now."""
    person = context.people.get_person(link.person)
    return get_next_occurrence(
        context.at, link.rhythm, link.hour, person.tz if person else "UTC"
    )


def get_next_occurrence(at: datetime, rhythm: str, hour: int, tz: str) -> datetime:
    """The next time that it is this hour in that time zone, on a Monday when it is
    weekly.

    An hour that a clock change leaves out is told an hour later by the clock; one that
    comes twice, the first time.
    """
    local = get_time_zone(tz)
    day = at.astimezone(local).date()
    while True:
        moment = datetime.combine(day, time(hour), local).astimezone(at.tzinfo)
        if moment > at and (rhythm != WEEKLY or day.weekday() == MONDAY):
            return moment
        day += timedelta(days=1)


def build_digest_events(gathered: Sequence[DueChannelDigest]) -> list[Event]:
    """What time does to what waits to be told together."""
    return [ChannelDigested(g.channel, g.resource, g.many, g.person) for g in gathered]

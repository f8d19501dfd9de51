"""Digests: what a channel hears together, once a day or once a week, at an hour of the day of who linked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from collab.events import ChannelDigested, Event
from collab.invitations.reminders import get_time_zone

if TYPE_CHECKING:
    from collab.channels import ChannelLink
    from collab.context import Context

IMMEDIATE, DAILY, WEEKLY = "each", "daily", "weekly"
FREQUENCIES = (IMMEDIATE, DAILY, WEEKLY)
DEFAULT_HOUR, VALID_HOURS = 9, range(24)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class DueChannelDigest:
    """What waits to be told to a channel together: so many facts about a resource, or about what stands in it.

    `person` linked the channel.
    """

    channel: str
    resource: str
    person: str
    many: int


def get_digest_time(case: Context, link: ChannelLink) -> datetime:
    """When a channel hears of what happens now."""
    person = case.repositories.get_person(link.person)
    return get_next_occurrence(
        case.at, link.rhythm, link.hour, person.tz if person else "UTC"
    )


def get_next_occurrence(at: datetime, rhythm: str, hour: int, tz: str) -> datetime:
    """The next time that it is this hour in that time zone, on a Monday when it is weekly.

    An hour that a clock change leaves out is told an hour later by the clock; one that comes twice, the first time.
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

"""Digests: what a channel hears together, once a day or once a week, at an hour of the day of who linked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from collab.events import ChannelDigested, Event
from collab.reminders import zone

if TYPE_CHECKING:
    from collab.case import Case
    from collab.channels import Link

EACH, DAILY, WEEKLY = "each", "daily", "weekly"
RHYTHMS = (EACH, DAILY, WEEKLY)
HOUR, HOURS = 9, range(24)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """What waits to be told to a channel together: so many facts about a resource, or about what stands in it.

    `person` linked the channel.
    """

    channel: str
    resource: str
    person: str
    many: int


def due_at(case: Case, link: Link) -> datetime:
    """When a channel hears of what happens now."""
    person = case.facts.person(link.person)
    return next_moment(case.at, link.rhythm, link.hour, person.tz if person else "UTC")


def next_moment(at: datetime, rhythm: str, hour: int, tz: str) -> datetime:
    """The next time that it is this hour in that time zone, on a Monday when it is weekly.

    An hour that a clock change leaves out is told an hour later by the clock; one that comes twice, the first time.
    """
    local = zone(tz)
    day = at.astimezone(local).date()
    while True:
        moment = datetime.combine(day, time(hour), local).astimezone(at.tzinfo)
        if moment > at and (rhythm != WEEKLY or day.weekday() == MONDAY):
            return moment
        day += timedelta(days=1)


def due_events(gathered: Sequence[Gathered]) -> list[Event]:
    """What time does to what waits to be told together."""
    return [ChannelDigested(g.channel, g.resource, g.many, g.person) for g in gathered]

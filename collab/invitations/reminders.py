"""When an unanswered invitation speaks up: the marks of its life, moved into the invited person's working hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collab.limits import Policy

WORKDAY_START, WORKDAY_END = time(9), time(18)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class ReminderState:
    """One life of an invitation, from its sending to its expiry, with what was done and asked for in it."""

    sent: datetime
    expires: datetime
    marks: int = 0
    snoozed: datetime | None = None
    muted: bool = False


class HasReminderState(Protocol):
    """Whatever has a life: an invitation, or one that is about to be sent."""

    @property
    def sent(self) -> datetime: ...
    @property
    def expires(self) -> datetime: ...
    @property
    def marks(self) -> int: ...
    @property
    def snoozed(self) -> datetime | None: ...
    @property
    def muted(self) -> bool: ...


def get_next_reminder_time(policy: Policy, life: HasReminderState, tz: str) -> datetime:
    """The moment of the next reminder, or of the expiry when no reminder comes before it."""
    waiting = (
        []
        if life.muted
        else list_reminder_times(policy, life.sent, life.expires)[life.marks :]
    )
    if not waiting:
        return life.expires
    mark = max(waiting[0], life.snoozed or waiting[0])
    return min(move_into_working_hours(policy, mark, tz), life.expires)


def list_reminder_times(
    policy: Policy, submission: datetime, expires: datetime
) -> list[datetime]:
    """The moments of the reminders, scaled from the usual lifetime to this invitation's."""
    return [
        submission + mark * ((expires - submission) / policy.lifetime)
        for mark in sorted(policy.reminders)
    ]


def count_passed_reminders(
    policy: Policy, submission: datetime, expires: datetime, at: datetime
) -> int:
    """How many marks lie behind: one reminder answers for all of them."""
    return sum(mark <= at for mark in list_reminder_times(policy, submission, expires))


def move_into_working_hours(policy: Policy, at: datetime, tz: str) -> datetime:
    """The first moment from `at` on that is between 9 and 18 on a weekday in that time zone."""
    if not policy.quiet_hours:
        return at
    local = at.astimezone(get_time_zone(tz))
    if local.weekday() < SATURDAY and WORKDAY_START <= local.time() < WORKDAY_END:
        return at
    day = (
        local.date()
        if local.time() < WORKDAY_START
        else local.date() + timedelta(days=1)
    )
    day += timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)
    return datetime.combine(day, WORKDAY_START, local.tzinfo).astimezone(at.tzinfo)


def get_time_zone(tz: str) -> ZoneInfo:
    """The time zone of that name; UTC when there is none."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")

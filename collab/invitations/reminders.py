"""When an invitation expires and reminds: marks within its lifetime, moved into working
hours.
"""

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
    """The lifetime of an invitation that is about to be sent; see HasReminderState."""

    sent: datetime
    expires: datetime
    marks: int = 0
    snoozed: datetime | None = None
    muted: bool = False


class HasReminderState(Protocol):
    """What reminders depend on: when it was sent last and expires, and what happened
    since.

    `marks` counts the reminders that are done; none is sent before `snoozed`, and
    none at all when `muted`.
    """

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


def get_expiry_time(
    policy: Policy, sent: datetime, latest: datetime | None
) -> datetime:
    """Return when an invitation expires: after its lifetime, or at `latest`, such as the
    end of the membership that it offers.
    """
    expires = sent + policy.lifetime
    return min(expires, latest) if latest else expires


def get_next_reminder_time(
    policy: Policy, state: HasReminderState, tz: str
) -> datetime:
    """Return when the next reminder is due; the expiry if no reminder comes before it."""
    if state.muted:
        return state.expires
    marks = list_reminder_times(policy, state.sent, state.expires)[state.marks :]
    if not marks:
        return state.expires
    earliest = max(marks[0], state.snoozed) if state.snoozed else marks[0]
    return min(move_into_working_hours(policy, earliest, tz), state.expires)


def list_reminder_times(
    policy: Policy, sent: datetime, expires: datetime
) -> list[datetime]:
    """Return when reminders are due, scaled from the policy's lifetime to this
    invitation's.
    """
    scale = (expires - sent) / policy.lifetime
    return [sent + mark * scale for mark in sorted(policy.reminders)]


def count_passed_reminders(
    policy: Policy, sent: datetime, expires: datetime, at: datetime
) -> int:
    """Return how many reminders are due by `at`: one message is sent for all of them."""
    return sum(mark <= at for mark in list_reminder_times(policy, sent, expires))


def move_into_working_hours(policy: Policy, at: datetime, tz: str) -> datetime:
    """Return the first moment from `at` on that is between 9 and 18 on a weekday in
    that time zone.
    """
    if not policy.quiet_hours:
        return at
    local = at.astimezone(get_time_zone(tz))
    is_weekday = local.weekday() < SATURDAY
    if is_weekday and WORKDAY_START <= local.time() < WORKDAY_END:
        return at
    day = local.date()
    if local.time() >= WORKDAY_START:
        day += timedelta(days=1)
    if day.weekday() >= SATURDAY:
        day += timedelta(days=7 - day.weekday())
    return datetime.combine(day, WORKDAY_START, local.tzinfo).astimezone(at.tzinfo)


def get_time_zone(tz: str) -> ZoneInfo:
    """Return the time zone of a name; UTC if there is none."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")

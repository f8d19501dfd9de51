"""Limits, and the settings of a workspace with their parsers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collab.durations import parse_duration

RoleLimits = Mapping[str, int]  # the most people in a role, by the role's name
NAME_LIMIT = 80  # characters
SLUG_LIMIT = 40
NOTE_LIMIT = 500
MAX_RESOURCES_IN_OFFER = 50
SHORTEST_MEMBERSHIP = timedelta(days=1)
LONGEST_MEMBERSHIP = timedelta(days=3650)
SHORTEST_INVITATION_LIFETIME = timedelta(days=1)
LONGEST_INVITATION_LIFETIME = timedelta(days=90)
MAX_DAILY_INVITATIONS = 100_000
# Before the end of a membership with an end.
EXPIRY_WARNINGS = (timedelta(days=7), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings on which decisions depend.

    `lifetime` is that of an invitation, `reminders` are times after it was sent.
    `reserved`: only admins of the workspace create companies. `sends_mail`: people
    outside the chat platform are reached by mail.
    """

    lifetime: timedelta = timedelta(days=7)
    reminders: tuple[timedelta, ...] = (timedelta(days=2), timedelta(days=5))
    quiet_hours: bool = True
    rest_after_decline: timedelta = timedelta(days=1)
    daily_invitations: int = 50
    reserved: bool = False
    sends_mail: bool = False

    def with_settings(self, settings: Mapping[str, str]) -> Policy:
        """Return a copy with a workspace's settings, which are valid.

        Reminders that are not set keep their share of the lifetime.
        """
        if not settings:
            return self
        changed = replace(
            self,
            **{
                SETTINGS[name].field: SETTINGS[name].parse(value)
                for name, value in settings.items()
            },
        )
        if "reminders" in settings:
            return changed
        ratio = changed.lifetime / self.lifetime
        reminders = tuple(time * ratio for time in self.reminders)
        return replace(changed, reminders=reminders)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a workspace: its field of Policy, its parser, and an example."""

    field: str
    parse: Callable[[str], Any]
    example: str


def parse_setting_duration(typed: str) -> timedelta:
    """Return a duration such as 30s, 15m, 12h, 7d or 14 days; raises ValueError."""
    duration = parse_duration(typed)
    if not duration:
        raise ValueError("isn't a length of time like 30s, 15m, 12h or 7d")
    return duration


def format_duration(duration: timedelta) -> str:
    """Return a duration as typed into settings, in its largest whole unit."""
    seconds = int(duration.total_seconds())
    size, unit = next(
        (s, u)
        for s, u in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
        if seconds % s == 0
    )
    return f"{seconds // size}{unit}"


def parse_lifetime(typed: str) -> timedelta:
    """Return the lifetime of an invitation, from 1d to 90d; raises ValueError."""
    lifetime = parse_setting_duration(typed)
    if not SHORTEST_INVITATION_LIFETIME <= lifetime <= LONGEST_INVITATION_LIFETIME:
        raise ValueError("must be from 1d to 90d")
    return lifetime


def parse_reminder_times(typed: str) -> tuple[timedelta, ...]:
    """Return durations from a list with commas, none for "off"; raises ValueError."""
    if typed.strip().lower() in {"off", "none", "no"}:
        return ()
    try:
        return tuple(
            sorted({parse_setting_duration(part) for part in typed.split(",")})
        )
    except ValueError:
        raise ValueError("isn't a list of lengths of time like 2d,5d") from None


def parse_switch(typed: str) -> bool:
    """Return whether a switch is on; raises ValueError."""
    values = {
        "on": True,
        "true": True,
        "yes": True,
        "1": True,
        "off": False,
        "false": False,
        "no": False,
        "0": False,
    }
    word = typed.strip().lower()
    if word not in values:
        raise ValueError("is neither on nor off")
    return values[word]


def parse_daily_limit(typed: str) -> int:
    """Return the daily limit of invitations, 1 to 100000; raises ValueError."""
    if not typed.strip().isdecimal() or not 1 <= int(typed) <= MAX_DAILY_INVITATIONS:
        raise ValueError("must be a number from 1 to 100000")
    return int(typed)


def parse_founders(typed: str) -> bool:
    """Return whether companies are reserved to admins; raises ValueError."""
    values = {"everybody": False, "everyone": False, "all": False, "admins": True}
    word = typed.strip().lower()
    if word not in values:
        raise ValueError("is neither everybody nor admins")
    return values[word]


SETTINGS: Mapping[str, Setting] = {
    "lifetime": Setting("lifetime", parse_lifetime, "14d"),
    "reminders": Setting("reminders", parse_reminder_times, "2d,5d"),
    "quiet-hours": Setting("quiet_hours", parse_switch, "off"),
    "daily-invitations": Setting("daily_invitations", parse_daily_limit, "20"),
    "companies": Setting("reserved", parse_founders, "admins"),
}


def get_next_expiry_notice(until: datetime | None, at: datetime) -> datetime | None:
    """Return when a membership's next warning, or its end, is due; None without an end.

    Warnings are due 7 days and 1 day before the end (MEM-10), at the beginning of the
    hour: what ends within an hour is one message.
    """
    if until is None:
        return None
    warnings = (_floor_to_hour(until - before) for before in EXPIRY_WARNINGS)
    return next((warning for warning in warnings if warning > at), until)


def get_last_warned_end(at: datetime) -> datetime:
    """Return the latest end of a membership whose first warning is due by then."""
    next_hour = _floor_to_hour(at) + timedelta(hours=1)
    return next_hour + EXPIRY_WARNINGS[0] - timedelta(microseconds=1)


def _floor_to_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)

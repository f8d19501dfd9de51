"""What a workspace may set: how long invitations live, when they remind, and how long words may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collab.durations import parse_duration

RoleLimits = Mapping[str, int]  # how many people may have a role, by the role's name
NAME_LIMIT = 80
SLUG_LIMIT = 40
NOTE_LIMIT = 500
MAX_RESOURCES_IN_OFFER = 50  # things in one offer
SHORTEST_MEMBERSHIP = timedelta(days=1)
LONGEST_MEMBERSHIP = timedelta(days=3650)
SHORTEST_INVITATION_LIFETIME, LONGEST_INVITATION_LIFETIME = (
    timedelta(days=1),
    timedelta(days=90),
)
MAX_DAILY_INVITATIONS = 100_000
EXPIRY_WARNINGS = (
    timedelta(days=7),
    timedelta(days=1),
)  # before the end of a membership for a limited time


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that decisions depend on; `reminders` are marks within `lifetime`.

    What a kind leaves to be `reserved`, those who look after the workspace alone create.
    """

    lifetime: timedelta = timedelta(days=7)
    reminders: tuple[timedelta, ...] = (timedelta(days=2), timedelta(days=5))
    quiet_hours: bool = True
    rest_after_decline: timedelta = timedelta(days=1)
    daily_invitations: int = 50
    reserved: bool = False

    def with_settings(self, settings: Mapping[str, str]) -> Policy:
        """The same, where a workspace has set nothing else; its settings were checked when they were set."""
        if not settings:
            return self
        changed = replace(
            self,
            **{
                SETTINGS[name].field: SETTINGS[name].parse(v)
                for name, v in settings.items()
            },
        )
        shorter = changed.lifetime / self.lifetime
        marks = (
            changed.reminders
            if "reminders" in settings
            else tuple(mark * shorter for mark in self.reminders)
        )
        return replace(changed, reminders=marks)


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that a workspace may set: the policy's field, how its text is read, and an example."""

    field: str
    parse: Callable[[str], Any]
    example: str


def parse_setting_duration(typed: str) -> timedelta:
    """A length of time as written in settings: 30s, 15m, 12h, 7d, 14 days; ValueError for anything else."""
    length = parse_duration(typed)
    if not length:
        raise ValueError("is not a length of time like 30s, 15m, 12h or 7d")
    return length


def format_duration(length: timedelta) -> str:
    """A length of time as it is typed into settings, in its largest whole unit."""
    seconds = int(length.total_seconds())
    size, unit = next(
        (s, u)
        for s, u in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
        if seconds % s == 0
    )
    return f"{seconds // size}{unit}"


def parse_lifetime(typed: str) -> timedelta:
    """How long an invitation lives, from 1d to 90d."""
    given = parse_setting_duration(typed)
    if not SHORTEST_INVITATION_LIFETIME <= given <= LONGEST_INVITATION_LIFETIME:
        raise ValueError("must be from 1d to 90d")
    return given


def parse_reminder_times(typed: str) -> tuple[timedelta, ...]:
    """When an invitation reminds: lengths of time between commas, or off."""
    if typed.strip().lower() in {"off", "none", "no"}:
        return ()
    try:
        return tuple(
            sorted({parse_setting_duration(part) for part in typed.split(",")})
        )
    except ValueError:
        raise ValueError("is not a list of lengths of time like 2d,5d") from None


def parse_switch(typed: str) -> bool:
    """On or off."""
    renderer = {
        "on": True,
        "true": True,
        "yes": True,
        "1": True,
        "off": False,
        "false": False,
        "no": False,
        "0": False,
    }
    if typed.strip().lower() not in renderer:
        raise ValueError("is neither on nor off")
    return renderer[typed.strip().lower()]


def parse_daily_limit(typed: str) -> int:
    """How many invitations a person may send a day, 1 to 100000."""
    if not typed.strip().isdecimal() or not 1 <= int(typed) <= MAX_DAILY_INVITATIONS:
        raise ValueError("must be a number from 1 to 100000")
    return int(typed)


def parse_founders(typed: str) -> bool:
    """Whether companies are left to those who look after the workspace."""
    renderer = {"everybody": False, "everyone": False, "all": False, "admins": True}
    if typed.strip().lower() not in renderer:
        raise ValueError("is neither everybody nor admins")
    return renderer[typed.strip().lower()]


SETTINGS: Mapping[str, Setting] = {
    "lifetime": Setting("lifetime", parse_lifetime, "14d"),
    "reminders": Setting("reminders", parse_reminder_times, "2d,5d"),
    "quiet-hours": Setting("quiet_hours", parse_switch, "off"),
    "daily-invitations": Setting("daily_invitations", parse_daily_limit, "20"),
    "companies": Setting("reserved", parse_founders, "admins"),
}


def get_next_expiry_notice(until: datetime | None, at: datetime) -> datetime | None:
    """When a membership for a limited time speaks up next: 7 days and 1 day before its end, and at it (MEM-10)."""
    if until is None:
        return None
    return next(
        (until - before for before in EXPIRY_WARNINGS if until - before > at), until
    )

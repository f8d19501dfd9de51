"""Durations and dates as people write them, in commands, forms, settings and files."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_LENGTH = re.compile(
    r"(\d{1,6})\s*"
    r"(?:(?P<s>s|secs?|seconds?|sekunden?)|(?P<m>m|mins?|minutes?|minuten?)|(?P<h>h|hrs?|hours?|stunden?)"
    r"|(?P<d>d|days?|tag|tagen?)|(?P<w>w|wks?|weeks?|wochen?))",
    re.IGNORECASE,
)
_EDGES = " \t\n.,;:!?()"  # may surround either in a sentence
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# Longer than any setting, and short enough to be added to any date.
_LONGEST = timedelta(days=70_000)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_GERMAN = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})")


def parse_duration(typed: str) -> timedelta | None:
    """Return a duration such as 15m, 12h, 30d or “14 days”; None for another text."""
    match = _LENGTH.fullmatch(typed.strip(_EDGES))
    if match is None or match.lastgroup is None:
        return None
    duration = timedelta(**{_UNITS[match.lastgroup]: int(match[1])})
    return duration if duration <= _LONGEST else None


def parse_date(typed: str) -> date | None:
    """Return a date such as 2027-01-31 or 31.1.2027; None for another text."""
    bare = typed.strip(_EDGES)
    match = _ISO.fullmatch(bare) or _GERMAN.fullmatch(bare)
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def combine_date_and_time(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return a local time of a day in UTC.

    One that the calendar of UTC does not have is taken as a time in UTC.
    """
    try:
        return datetime.combine(day, clock, zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, clock, UTC)

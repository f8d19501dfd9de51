"""Lengths of time and dates as people write them: one reader for commands, windows, settings and files."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_LENGTH = re.compile(
    r"(\d{1,6})\s*"
    r"(?:(?P<s>s|secs?|seconds?|sekunden?)|(?P<m>m|mins?|minutes?|minuten?)|(?P<h>h|hrs?|hours?|stunden?)"
    r"|(?P<d>d|days?|tag|tagen?)|(?P<w>w|wks?|weeks?|wochen?))",
    re.IGNORECASE,
)
_EDGES = " \t\n.,;:!?()"  # what may stand around either in a sentence
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(
    days=70_000
)  # longer than anything means, short enough to be added to any date
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_GERMAN = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})")


def parse_duration(typed: str) -> timedelta | None:
    """Return a length of time such as 15m, 12h, 30d, 4w or “14 days”; None when it is none."""
    found = _LENGTH.fullmatch(typed.strip(_EDGES))
    if found is None or found.lastgroup is None:
        return None
    length = timedelta(**{_UNITS[found.lastgroup]: int(found[1])})
    return length if length <= _LONGEST else None


def parse_date(typed: str) -> date | None:
    """Return a date such as 2027-01-31 or 31.1.2027; None when it is none."""
    bare = typed.strip(_EDGES)
    found = _ISO.fullmatch(bare) or _GERMAN.fullmatch(bare)
    try:
        return (
            date(int(found["year"]), int(found["month"]), int(found["day"]))
            if found
            else None
        )
    except ValueError:
        return None


def combine_date_and_time(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return a time of a day in a time zone, in UTC; as a time of UTC itself when it would leave the calendar there."""
    try:
        return datetime.combine(day, clock, zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, clock, UTC)

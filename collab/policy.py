"""What a workspace may set: how long invitations live, when they remind, and how long words may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

NAME_LIMIT = 80
SLUG_LIMIT = 40
NOTE_LIMIT = 500
SHORTEST = timedelta(days=1)
LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that decisions depend on; `reminders` are marks within `lifetime`."""

    lifetime: timedelta = timedelta(days=7)
    reminders: tuple[timedelta, ...] = (timedelta(days=2), timedelta(days=5))
    quiet_hours: bool = True
    rest_after_decline: timedelta = timedelta(days=1)

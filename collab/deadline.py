"""The deadline of a request: whatever it waits for, it waits no longer than what is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

REQUEST_SECONDS = 2.5  # Slack waits for three
RESERVE_SECONDS = 0.7  # that waiting for Slack itself leaves to the database

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def request_deadline(started_at: float | None = None) -> Iterator[None]:
    """Set the deadline for what this thread does; one that is set already stays.

    `started_at` is when the request arrived, by the monotonic clock; now where that is not known.
    """
    if _ends_at.get() is not None:
        yield
        return
    token = _ends_at.set(
        (monotonic() if started_at is None else started_at) + REQUEST_SECONDS
    )
    try:
        yield
    finally:
        _ends_at.reset(token)


def get_seconds_left() -> float | None:
    """Return the seconds until the deadline, 0 when it is over; None where none is set."""
    ends_at = _ends_at.get()
    return None if ends_at is None else max(0.0, ends_at - monotonic())


def limit_to_deadline(patience: float, *, reserve: float = 0.0) -> float:
    """Return a patience in seconds, or what is left until the deadline, less a reserve, where that is shorter."""
    left = get_seconds_left()
    return patience if left is None else max(0.0, min(patience, left - reserve))


def is_deadline_over() -> bool:
    """Say whether the deadline has passed."""
    return get_seconds_left() == 0.0

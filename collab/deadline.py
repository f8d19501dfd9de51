"""The deadline of a request: each wait within it is limited to the time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

REQUEST_SECONDS = 2.5  # Slack waits for three
RESERVE_SECONDS = 0.7  # which calls of Slack leave to the database

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def request_deadline(started_at: float | None = None) -> Iterator[None]:
    """Set the deadline of the current thread; keep one that is set already.

    `started_at` is when the request arrived, by the monotonic clock; None means now.
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
    """Return the seconds until the deadline, 0 after it; None if none is set."""
    ends_at = _ends_at.get()
    return None if ends_at is None else max(0.0, ends_at - monotonic())


def limit_to_deadline(timeout: float, *, reserve: float = 0.0) -> float:
    """Return a timeout in seconds, at most the time left less a reserve."""
    left = get_seconds_left()
    if left is None:
        return timeout
    return max(0.0, min(timeout, left - reserve))


def is_deadline_over() -> bool:
    """Return whether the deadline has passed."""
    return get_seconds_left() == 0.0

"""Health: whether the database could be written to a moment ago, known without asking it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.health")

VALID_SECONDS = 60.0  # seconds; by then another heartbeat must have come to its end


class HeartbeatMonitor:
    """Writes to the database now and then, and remembers how it went."""

    def __init__(self, write: Callable[[], None]) -> None:
        self._write_to_database = write
        self._is_working = True  # the database answered at the start
        self._last_written_at = time.monotonic()

    def write_heartbeat(self) -> None:
        """Write once; a failure is logged when it begins and when it is over."""
        try:
            self._write_to_database()
            reason = None
        except Unavailable as failure:
            reason = failure.reason
        if self._is_working != (reason is None):
            log.warning(
                "the database %s",
                f"cannot be written to ({reason})"
                if reason
                else "can be written to again",
            )
        self._is_working, self._last_written_at = reason is None, time.monotonic()

    def is_healthy(self) -> bool:
        """Return whether the last write worked, and was not long ago."""
        return (
            self._is_working
            and time.monotonic() < self._last_written_at + VALID_SECONDS
        )

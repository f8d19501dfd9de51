"""Health: whether the database could be written to a moment ago."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.health")

VALID_SECONDS = 60.0  # by then the next heartbeat must have been written


class HeartbeatMonitor:
    """Writes to the database when called, and remembers whether that worked."""

    def __init__(self, write: Callable[[], None]) -> None:
        self._write_to_database = write
        self._is_working = True  # the database answered at the start
        self._last_written_at = time.monotonic()

    def write_heartbeat(self) -> None:
        """Write once; log the first failure, and the first success after failures."""
        try:
            self._write_to_database()
        except Unavailable as error:
            if self._is_working:
                log.warning("the database cannot be written to (%s)", error.reason)
            self._is_working = False
        else:
            if not self._is_working:
                log.warning("the database can be written to again")
            self._is_working = True
        self._last_written_at = time.monotonic()

    def is_healthy(self) -> bool:
        """Return whether the last write worked and is recent."""
        age = time.monotonic() - self._last_written_at
        return self._is_working and age < VALID_SECONDS

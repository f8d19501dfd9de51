"""Health of a process: whether the database answers, and whether its loops move."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.health")

VALID_SECONDS = 60.0  # by then the next heartbeat must have been written
STALLED_SECONDS = 120.0  # a loop that did not move for so long is stuck


@dataclass(frozen=True, slots=True)
class Probes:
    """What others ask about a process.

    `find_problem` returns why it cannot serve requests now, or None.
    """

    is_healthy: Callable[[], bool]
    list_stalled_loops: Callable[[], Sequence[str]]
    find_problem: Callable[[], str | None]


class LoopMonitor:
    """Remembers when the loops of a process last moved.

    A loop is known from its first move on; one that has ended stays known.
    """

    def __init__(self) -> None:
        self._moved_at: dict[str, float] = {}

    def mark_moved(self, name: str) -> None:
        """Note that a loop moves."""
        self._moved_at[name] = time.monotonic()

    def list_stalled(self) -> Sequence[str]:
        """Return the names of the loops that did not move for STALLED_SECONDS."""
        oldest = time.monotonic() - STALLED_SECONDS
        return [name for name, at in sorted(self._moved_at.items()) if at < oldest]


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

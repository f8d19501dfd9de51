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

    A loop is known from its first move on; one that has ended stays known. A loop may
    have a longer time than STALLED_SECONDS, such as twice its own interval.
    """

    def __init__(self) -> None:
        self._moves: dict[str, tuple[float, float]] = {}

    def mark_moved(self, name: str, patience: float = 0.0) -> None:
        """Note that a loop moves, and how many seconds it may take to move again."""
        self._moves[name] = time.monotonic(), patience

    def list_stalled(self) -> Sequence[str]:
        """Return the names of the loops that did not move for as long as they may."""
        now = time.monotonic()
        return [
            name
            for name, (moved_at, patience) in sorted(self._moves.items())
            if now - moved_at > max(STALLED_SECONDS, patience)
        ]


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

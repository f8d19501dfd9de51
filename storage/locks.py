"""Fair locks: the writers of one process queue here before they take a connection.

Without them, on SQLite a writer that returns at once would overtake those that sleep
between SQLite's own tries; on PostgreSQL a late one would overtake those that wait for
an older version of the workspace's row.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from collab.deadline import get_seconds_left
from collab.unit_of_work import Unavailable


class FairLock:
    """A mutual exclusion lock, first come, first served."""

    def __init__(self, wait_seconds: float | None = None) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._is_locked = False
        self._wait_seconds = wait_seconds

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Hold the lock; raise busy after the time limit or at the deadline."""
        self._wait_for_lock()
        try:
            yield
        finally:
            self._release()

    def _wait_for_lock(self) -> None:
        with self._guard:
            if not self._is_locked:
                self._is_locked = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        left = get_seconds_left()
        patiences = [
            seconds for seconds in (self._wait_seconds, left) if seconds is not None
        ]
        if not turn.wait(min(patiences, default=None)) and not self._leave_queue(turn):
            raise Unavailable("busy")

    def _leave_queue(self, turn: threading.Event) -> bool:
        """Leave the queue; true when the turn came at the very last moment."""
        with self._guard:
            if turn.is_set():
                return True
            self._queue.remove(turn)
            return False

    def _release(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._is_locked = False


class WriterQueue:
    """Queues writers: in one queue for the database, or in one for each workspace."""

    def __init__(self, wait_seconds: float, *, is_shared: bool) -> None:
        self._wait_seconds = wait_seconds
        self._is_shared = is_shared
        self._locks: dict[str, FairLock] = {}

    def acquire(self, workspace: str | None) -> AbstractContextManager[None]:
        """Hold the lock. Without a workspace, wait only if one queue serves all."""
        queue = "" if self._is_shared else workspace
        return (
            nullcontext()
            if queue is None
            else self._locks.setdefault(queue, FairLock(self._wait_seconds)).acquire()
        )

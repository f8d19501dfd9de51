"""Locks that serve first who came first: the writers of one process queue at them before they take a connection.

On SQLite a writer that comes back at once would overtake those that sleep between SQLite's own tries; on PostgreSQL one
that comes late would overtake those that wait for an older version of the workspace's row.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from collab.deadline import time_left
from collab.service import Unavailable


class FairLock:
    """A mutual exclusion lock, first come, first served."""

    def __init__(self, patience: float | None = None) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._taken = False
        self._patience = patience

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; after the patience, or at the request's deadline, it is refused as busy."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        left = time_left()
        patiences = [seconds for seconds in (self._patience, left) if seconds is not None]
        if not turn.wait(min(patiences, default=None)) and not self._gave_up(turn):
            raise Unavailable("busy")

    def _gave_up(self, turn: threading.Event) -> bool:
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
                self._taken = False


class Turns:
    """Whose turn it is to write: in one queue for the whole database, or in one for each workspace."""

    def __init__(self, patience: float, *, one_for_all: bool) -> None:
        self._patience = patience
        self._one_for_all = one_for_all
        self._locks: dict[str, FairLock] = {}

    def held(self, workspace: str | None) -> AbstractContextManager[None]:
        """Hold the turn; who writes in no certain workspace waits only where there is one queue for all."""
        queue = "" if self._one_for_all else workspace
        return nullcontext() if queue is None else self._locks.setdefault(queue, FairLock(self._patience)).held()

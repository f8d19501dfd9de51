"""A lock that serves first who came first: on SQLite the writers of one process queue at it before BEGIN IMMEDIATE.

Without it a writer that comes back at once overtakes those that sleep between SQLite's own tries.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from collab.service import Unavailable


class FairLock:
    """A mutual exclusion lock, first come, first served."""

    def __init__(self, patience: float) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._taken = False
        self._patience = patience

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; after so many seconds in the queue it is refused as busy."""
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
        if not turn.wait(self._patience) and not self._gave_up(turn):
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

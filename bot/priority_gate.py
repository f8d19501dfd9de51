"""The rush: whoever waits for an answer goes first, and what the courier carries lets them pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Condition
from time import monotonic

QUIET_SECONDS = 0.01  # seconds; the next of those who ask all the time is there before


class PriorityGate:
    """How many are being answered just now; for all threads of a process.

    With a `turn` they are answered one by one. Where the database works in our own process, two at once only take the
    interpreter from each other at every row: each takes half as long again, and none is done sooner.
    """

    def __init__(
        self, acquire_turn: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._acquire_turn = acquire_turn
        self._change = Condition()
        self._active_count = 0
        self._quiet_since = -QUIET_SECONDS

    @contextmanager
    def hold_priority(self) -> Iterator[None]:
        """Somebody waits for an answer until this ends."""
        with self._change:
            self._active_count += 1
        try:
            with self._acquire_turn():
                yield
        finally:
            with self._change:
                self._active_count -= 1
                if not self._active_count:
                    self._quiet_since = monotonic()
                    self._change.notify_all()

    def wait_until_quiet(self, max_seconds: float) -> bool:
        """Wait until nobody has been answered for a moment, or so many seconds; whether the rush is over."""
        end = monotonic() + max_seconds
        with self._change:
            while (now := monotonic()) < end:
                if self._active_count:
                    self._change.wait(end - now)
                elif now >= self._quiet_since + QUIET_SECONDS:
                    return True
                else:
                    self._change.wait(min(end, self._quiet_since + QUIET_SECONDS) - now)
            return False

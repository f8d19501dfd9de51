"""Let interactive requests go before background work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Condition
from time import monotonic

# The next of a series of requests arrives within this time.
QUIET_SECONDS = 0.01


class PriorityGate:
    """Count the requests in progress, for all threads of a process.

    `acquire_turn` may limit them to one at a time: with SQLite, the database works in
    our own process, where two requests at once take the interpreter from each other at
    every row. Each takes half as long again, and neither ends sooner.
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
        """Count a request as in progress until the context ends."""
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
        """Wait until no request was in progress for QUIET_SECONDS.

        Return False when it is not quiet after `max_seconds`.
        """
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

"""Limit how many requests one address may send."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock

MAX_REQUESTS = 30
WINDOW_SECONDS = 60.0
MAX_ADDRESSES = 10_000  # remembered at once


class RateLimit:
    """Allows MAX_REQUESTS of an address in WINDOW_SECONDS, in one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def allows(self, address: str) -> bool:
        """Count a request, and return whether it may be answered."""
        now = self._clock()
        with self._lock:
            if len(self._times) >= MAX_ADDRESSES:
                self._forget_quiet_addresses(now)
            times = self._times[address]
            while times and times[0] <= now - WINDOW_SECONDS:
                times.popleft()
            if len(times) >= MAX_REQUESTS:
                return False
            times.append(now)
            return True

    def _forget_quiet_addresses(self, now: float) -> None:
        quiet = [
            address
            for address, times in self._times.items()
            if not times or times[-1] <= now - WINDOW_SECONDS
        ]
        for address in quiet:
            del self._times[address]
        if len(self._times) >= MAX_ADDRESSES:
            self._times.clear()

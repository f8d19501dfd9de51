"""Count rejected requests of unknown senders, and log them at most once a minute."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

log = logging.getLogger("collab.web")

LOG_SECONDS = 60.0


class RejectionLog:
    """Logs the first rejection at once, then counts by reason once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._next_line_at = float("-inf")

    def count_rejection(self, reason: str) -> None:
        """Count one more rejection."""
        with self._lock:
            self._counts[reason] += 1
            now = self._clock()
            if now < self._next_line_at:
                return
            counts, self._counts = self._counts, Counter()
            self._next_line_at = now + LOG_SECONDS
        log.info(
            "rejected requests: %s",
            ", ".join(f"{count} × {reason}" for reason, count in counts.most_common()),
        )

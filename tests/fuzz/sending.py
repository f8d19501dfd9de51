"""Sends the requests and holds the answers against what is promised: never a 5xx, never a hang."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Lock, local

from tests.fuzz.mutations import Request

PATIENCE = 10.0  # seconds; a request that takes longer hangs
SHOWN = 300  # characters of a failing request


@dataclass
class Outcome:
    """What came of the requests; `failures` names those that were answered wrongly or not at all."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    seconds: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def add(
        self, number: int, request: Request, status: int | str, seconds: float
    ) -> None:
        """Count one answer, or what came in its place."""
        with self._lock:
            self.slowest = max(self.slowest, seconds)
            if isinstance(status, int):
                self.statuses[status] += 1
            if (
                not isinstance(status, int)
                or status >= 500
                or (not request.fair and status == 500)
            ):
                self.failures.append(
                    f"#{number}: {status} after {seconds:.1f} s: {request.body[:SHOWN]!r}"
                )


def send(
    port: int,
    numbers: Iterable[int],
    make: Callable[[int], Request],
    connections: int = 4,
) -> Outcome:
    """Send the requests of some numbers over a few connections."""
    outcome, kept = Outcome(), local()

    def one(number: int) -> None:
        request = make(number)
        begun = time.monotonic()
        status = _ask(kept, port, request)
        outcome.add(number, request, status, time.monotonic() - begun)

    begun = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(one, numbers))
    outcome.seconds = time.monotonic() - begun
    return outcome


def _ask(kept: local, port: int, request: Request) -> int | str:
    """The status of the answer, or what went wrong; a connection that was closed meanwhile is opened again, once."""
    for attempt in (1, 2):
        connection: HTTPConnection | None = getattr(kept, "connection", None)
        if connection is None:
            connection = kept.connection = HTTPConnection(
                "127.0.0.1", port, timeout=PATIENCE
            )
        try:
            connection.request(
                request.method, request.path, request.body, request.headers
            )
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as problem:
            connection.close()
            kept.connection = None
            if isinstance(problem, TimeoutError) or attempt == 2:
                return type(problem).__name__
        else:
            return answer.status
    raise AssertionError

"""The rush: whoever waits for an answer goes first, and what the courier carries lets them pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Condition


class Rush:
    """How many are being answered just now; for all threads of a process.

    With a `turn` they are answered one by one. Where the database works in our own process, two at once only take the
    interpreter from each other at every row: each takes half as long again, and none is done sooner.
    """

    def __init__(self, turn: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._turn = turn
        self._change = Condition()
        self._many = 0

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Somebody waits for an answer until this ends."""
        with self._change:
            self._many += 1
        try:
            with self._turn():
                yield
        finally:
            with self._change:
                self._many -= 1
                if not self._many:
                    self._change.notify_all()

    def wait_over(self, most: float) -> bool:
        """Wait until nobody is being answered, or so many seconds; whether it is over."""
        with self._change:
            return self._change.wait_for(lambda: not self._many, most)

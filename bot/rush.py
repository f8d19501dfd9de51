"""The rush: whoever waits for an answer goes first, and what the courier carries lets them pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Rush:
    """How many people are being answered just now; for all threads of a process."""

    def __init__(self) -> None:
        self._change = Condition()
        self._many = 0

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Somebody waits for an answer until this ends."""
        with self._change:
            self._many += 1
        try:
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

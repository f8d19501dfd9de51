"""The program stops at a signal."""

import os
import signal
import sys
from collections.abc import Iterator
from threading import Lock, Timer, get_ident
from types import FrameType
from typing import Any

import pytest

from bot.server import catch_stop_signals

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LINES = 12  # more than waiting ever takes before it sleeps


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("line", range(LINES))
def test_signal_ends_the_wait_at_any_line(line: int) -> None:
    left, sent = line, Lock()

    def send() -> None:
        if sent.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGTERM)

    def at_the_line(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left < 0:
            sys.settrace(None)
            send()
            return None
        return at_the_line

    with catch_stop_signals() as wait:
        later = Timer(0.1, send)  # where waiting has fewer lines than that
        later.start()
        sys.settrace(at_the_line)
        wait()
        sys.settrace(None)
        later.join()


@pytest.mark.timeout(10)
def test_signal_handled_in_another_thread_ends_the_wait() -> None:
    """As one that comes just before the wait falls asleep: here another thread takes it."""
    with catch_stop_signals() as wait:
        other = Timer(0.1, lambda: signal.pthread_kill(get_ident(), signal.SIGTERM))
        other.start()
        wait()
        other.join()

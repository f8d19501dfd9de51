"""What is known about the request that a thread answers, for metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from bot.metrics import OTHER, get_recorder


@dataclass(slots=True)
class RequestTrace:
    """A request that is being answered; `verb` is that of a typed command."""

    verb: str = OTHER
    outcome: str = "done"


_current: ContextVar[RequestTrace | None] = ContextVar("request_trace", default=None)


@contextmanager
def trace_request(*, is_command: bool) -> Iterator[None]:
    """Remember what is noted about a request; count it at its end if it is typed."""
    trace, start = RequestTrace(), time.perf_counter()
    token = _current.set(trace)
    try:
        yield
    except BaseException:
        trace.outcome = "failed"
        raise
    finally:
        _current.reset(token)
        if is_command:
            seconds = time.perf_counter() - start
            get_recorder().count_command(trace.verb, trace.outcome, seconds)


def note_verb(verb: str) -> None:
    """Note the verb of the line that is being answered."""
    trace = _current.get()
    if trace:
        trace.verb = verb


def note_outcome(outcome: str) -> None:
    """Note that the request is refused, deferred, unavailable or failed."""
    trace = _current.get()
    if trace:
        trace.outcome = outcome

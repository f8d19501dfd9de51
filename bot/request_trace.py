"""What is known about the work that a thread does, for log lines and metrics."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from bot.metrics import OTHER, get_recorder
from collab.model import Delivery, WorkspaceId


@dataclass(slots=True)
class Trace:
    """A request that is answered, or a delivery that is sent.

    `facts` are for log lines: ids and verbs, no names and no texts.
    """

    facts: dict[str, str | int] = field(default_factory=dict)
    verb: str = OTHER
    outcome: str = "done"


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


@contextmanager
def trace_request(
    workspace: WorkspaceId, *, is_command: bool = False
) -> Iterator[None]:
    """Remember what is noted about a request; count it at its end if it is typed."""
    start = time.perf_counter()
    facts = {"workspace": workspace, "request": secrets.token_hex(4)}
    with _remember(Trace(dict(facts))) as trace:
        try:
            yield
        except BaseException:
            trace.outcome = "failed"
            raise
        finally:
            if is_command:
                seconds = time.perf_counter() - start
                get_recorder().count_command(trace.verb, trace.outcome, seconds)


@contextmanager
def trace_delivery(delivery: Delivery) -> Iterator[None]:
    """Remember which delivery is sent."""
    facts: dict[str, str | int] = {
        "workspace": delivery.workspace,
        "delivery": delivery.id,
    }
    if delivery.seq is not None:
        facts["event"] = delivery.seq
    with _remember(Trace(facts)):
        yield


@contextmanager
def _remember(trace: Trace) -> Iterator[Trace]:
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def note_verb(verb: str) -> None:
    """Note the verb of the line that is answered."""
    trace = _current.get()
    if trace:
        trace.verb = verb
        trace.facts["command"] = verb


def note_outcome(outcome: str) -> None:
    """Note that the request is refused, deferred, unavailable or failed."""
    trace = _current.get()
    if trace:
        trace.outcome = outcome


def get_trace_facts() -> Mapping[str, str | int]:
    """Return what is known about the work of this thread."""
    trace = _current.get()
    return trace.facts if trace else {}

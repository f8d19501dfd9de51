"""Interactive requests go before the outbox worker, which still delivers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from bot import priority_gate
from bot.delivery import outbox_worker
from bot.delivery.outbox_worker import OutboxWorker
from bot.priority_gate import PriorityGate
from storage.locks import FairLock

LONG, SHORT = 30.0, 0.05  # seconds
PATIENCE = 10.0  # seconds


class FakeOutbox:
    """An empty outbox that says when it is asked."""

    def __init__(self) -> None:
        self.asked = Event()

    def claim_deliveries(self, most: int, lease: timedelta) -> list[Any]:
        self.asked.set()
        return []

    def seconds_until_next(self) -> None:
        return None


@pytest.fixture
def outbox() -> FakeOutbox:
    return FakeOutbox()


@pytest.fixture
def gate() -> PriorityGate:
    return PriorityGate()


@pytest.fixture
def running_worker(
    outbox: Any, gate: PriorityGate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OutboxWorker]:
    """Start an outbox worker, and wait until it has looked at the outbox once."""
    monkeypatch.setattr(outbox_worker, "YIELD_SECONDS", LONG)
    running_worker = OutboxWorker(outbox, None, random.Random(), gate)  # type: ignore[arg-type]
    running_worker.start()
    assert outbox.asked.wait(PATIENCE)
    outbox.asked.clear()
    yield running_worker
    running_worker.stop()


def test_outbox_worker_waits_for_interactive_requests(
    running_worker: OutboxWorker, outbox: FakeOutbox, gate: PriorityGate
) -> None:
    with gate.hold_priority():
        with gate.hold_priority():
            running_worker.wake()
            assert not outbox.asked.wait(SHORT)
        assert not outbox.asked.wait(SHORT)
    assert outbox.asked.wait(PATIENCE)


def test_outbox_worker_delivers_even_under_constant_requests(
    running_worker: OutboxWorker,
    outbox: FakeOutbox,
    gate: PriorityGate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_worker, "YIELD_SECONDS", SHORT)
    with gate.hold_priority():
        running_worker.wake()
        assert outbox.asked.wait(PATIENCE)


def test_requests_with_a_turn_run_one_at_a_time() -> None:
    gate, began = PriorityGate(FairLock().acquire), Event()

    def answer() -> None:
        with gate.hold_priority():
            began.set()

    waiting = Thread(target=answer)
    with gate.hold_priority():
        waiting.start()
        assert not began.wait(SHORT)
    waiting.join(PATIENCE)
    assert began.is_set()


def test_requests_without_a_turn_run_concurrently(gate: PriorityGate) -> None:
    began = Event()

    def answer() -> None:
        with gate.hold_priority():
            began.set()

    with gate.hold_priority():
        waiting = Thread(target=answer)
        waiting.start()
        waiting.join(PATIENCE)
        assert began.is_set()


def test_short_pause_between_requests_is_not_quiet(
    gate: PriorityGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priority_gate, "QUIET_SECONDS", LONG)
    with gate.hold_priority():
        pass
    assert not gate.wait_until_quiet(SHORT)
    monkeypatch.setattr(priority_gate, "QUIET_SECONDS", SHORT)
    assert gate.wait_until_quiet(LONG)


def test_failed_request_does_not_hold_priority(gate: PriorityGate) -> None:
    with pytest.raises(ValueError, match="failed"), gate.hold_priority():
        raise ValueError("failed")
    waiting = Thread(target=gate.wait_until_quiet, args=(LONG,))
    waiting.start()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()

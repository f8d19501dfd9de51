"""Whoever waits for an answer goes first, and what the courier carries comes all the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from bot import priority_gate as rushing
from bot.delivery import outbox_worker
from bot.delivery.outbox_worker import OutboxWorker
from bot.priority_gate import PriorityGate
from storage.locks import FairLock

LONG, SHORT = 30.0, 0.05  # seconds
PATIENCE = 10.0  # seconds


class Asked:
    """An empty outbox that says when it is asked."""

    def __init__(self) -> None:
        self.asked = Event()

    def claim_deliveries(self, most: int, lease: timedelta) -> list[Any]:
        self.asked.set()
        return []

    def seconds_until_next(self) -> None:
        return None


@pytest.fixture
def outbox() -> Asked:
    return Asked()


@pytest.fixture
def rush() -> PriorityGate:
    return PriorityGate()


@pytest.fixture
def carrying(
    outbox: Any, rush: PriorityGate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OutboxWorker]:
    """A courier that has looked once and sleeps."""
    monkeypatch.setattr(outbox_worker, "YIELD_SECONDS", LONG)
    carrying = OutboxWorker(outbox, None, random.Random(), rush)  # type: ignore[arg-type]
    carrying.start()
    assert outbox.asked.wait(PATIENCE)
    outbox.asked.clear()
    yield carrying
    carrying.stop()


def test_the_courier_lets_those_who_wait_for_an_answer_pass(
    carrying: OutboxWorker, outbox: Asked, rush: PriorityGate
) -> None:
    with rush.hold_priority():
        with rush.hold_priority():
            carrying.wake()
            assert not outbox.asked.wait(SHORT)
        assert not outbox.asked.wait(SHORT)
    assert outbox.asked.wait(PATIENCE)


def test_in_a_rush_that_does_not_end_some_is_carried_all_the_same(
    carrying: OutboxWorker,
    outbox: Asked,
    rush: PriorityGate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_worker, "YIELD_SECONDS", SHORT)
    with rush.hold_priority():
        carrying.wake()
        assert outbox.asked.wait(PATIENCE)


def test_with_a_turn_one_answer_is_made_after_the_other() -> None:
    rush, began = PriorityGate(FairLock().acquire), Event()

    def answer() -> None:
        with rush.hold_priority():
            began.set()

    waiting = Thread(target=answer)
    with rush.hold_priority():
        waiting.start()
        assert not began.wait(SHORT)
    waiting.join(PATIENCE)
    assert began.is_set()


def test_without_a_turn_answers_are_made_side_by_side(rush: PriorityGate) -> None:
    began = Event()

    def answer() -> None:
        with rush.hold_priority():
            began.set()

    with rush.hold_priority():
        waiting = Thread(target=answer)
        waiting.start()
        waiting.join(PATIENCE)
        assert began.is_set()


def test_a_moment_between_two_answers_is_not_the_end_of_a_rush(
    rush: PriorityGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rushing, "QUIET_SECONDS", LONG)
    with rush.hold_priority():
        pass
    assert not rush.wait_until_quiet(SHORT)
    monkeypatch.setattr(rushing, "QUIET_SECONDS", SHORT)
    assert rush.wait_until_quiet(LONG)


def test_an_answer_that_fails_is_waited_for_no_longer(rush: PriorityGate) -> None:
    with pytest.raises(ValueError, match="failed"), rush.hold_priority():
        raise ValueError("failed")
    waiting = Thread(target=rush.wait_until_quiet, args=(LONG,))
    waiting.start()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()

"""Whoever waits for an answer goes first, and what the courier carries comes all the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from bot import courier
from bot import rush as rushing
from bot.courier import Courier
from bot.rush import Rush
from storage.locks import FairLock

LONG, SHORT = 30.0, 0.05  # seconds
PATIENCE = 10.0  # seconds


class Asked:
    """An empty outbox that says when it is asked."""

    def __init__(self) -> None:
        self.asked = Event()

    def claim(self, most: int, lease: timedelta) -> list[Any]:
        self.asked.set()
        return []

    def wait(self) -> None:
        return None


@pytest.fixture
def outbox() -> Asked:
    return Asked()


@pytest.fixture
def rush() -> Rush:
    return Rush()


@pytest.fixture
def carrying(outbox: Any, rush: Rush, monkeypatch: pytest.MonkeyPatch) -> Iterator[Courier]:
    """A courier that has looked once and sleeps."""
    monkeypatch.setattr(courier, "YIELD", LONG)
    carrying = Courier(outbox, None, random.Random(), rush)  # type: ignore[arg-type]
    carrying.start()
    assert outbox.asked.wait(PATIENCE)
    outbox.asked.clear()
    yield carrying
    carrying.stop()


def test_the_courier_lets_those_who_wait_for_an_answer_pass(carrying: Courier, outbox: Asked, rush: Rush) -> None:
    with rush.answering():
        with rush.answering():
            carrying.wake()
            assert not outbox.asked.wait(SHORT)
        assert not outbox.asked.wait(SHORT)
    assert outbox.asked.wait(PATIENCE)


def test_in_a_rush_that_does_not_end_some_is_carried_all_the_same(
    carrying: Courier, outbox: Asked, rush: Rush, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "YIELD", SHORT)
    with rush.answering():
        carrying.wake()
        assert outbox.asked.wait(PATIENCE)


def test_with_a_turn_one_answer_is_made_after_the_other() -> None:
    rush, began = Rush(FairLock().held), Event()

    def answer() -> None:
        with rush.answering():
            began.set()

    waiting = Thread(target=answer)
    with rush.answering():
        waiting.start()
        assert not began.wait(SHORT)
    waiting.join(PATIENCE)
    assert began.is_set()


def test_without_a_turn_answers_are_made_side_by_side(rush: Rush) -> None:
    began = Event()

    def answer() -> None:
        with rush.answering():
            began.set()

    with rush.answering():
        waiting = Thread(target=answer)
        waiting.start()
        waiting.join(PATIENCE)
        assert began.is_set()


def test_a_moment_between_two_answers_is_not_the_end_of_a_rush(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rushing, "QUIET", LONG)
    with rush.answering():
        pass
    assert not rush.wait_over(SHORT)
    monkeypatch.setattr(rushing, "QUIET", SHORT)
    assert rush.wait_over(LONG)


def test_an_answer_that_fails_is_waited_for_no_longer(rush: Rush) -> None:
    with pytest.raises(ValueError, match="failed"), rush.answering():
        raise ValueError("failed")
    waiting = Thread(target=rush.wait_over, args=(LONG,))
    waiting.start()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()

"""The clock sweeps what is due, again and again, whatever fails in between."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest

from bot.clock import Clock
from collab.events import InvitationExpired, InvitationReminded
from tests.support.builders import World


def waited(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def ticking(world: World, wake: Callable[[], None] = lambda: None, seconds: float = 0.1) -> Iterator[Clock]:
    clock = Clock(world.collab, wake, lambda: world.at, timedelta(seconds=seconds))
    clock.start()
    try:
        yield clock
    finally:
        clock.stop()


@pytest.mark.rule("INV-10")
def test_what_is_due_happens_by_itself(acme: World) -> None:
    acme.invite("carl")
    with ticking(acme):
        acme.at += timedelta(days=3)
        waited(lambda: acme.happened(InvitationReminded))
        acme.at += timedelta(days=5)
        waited(lambda: acme.happened(InvitationExpired))


def test_what_fell_due_while_nobody_looked_happens_at_the_start(acme: World) -> None:
    acme.invite("carl")
    acme.at += timedelta(days=30)
    with ticking(acme, seconds=3600):
        waited(lambda: acme.happened(InvitationExpired))
    assert len(acme.happened(InvitationExpired)) == 1


def test_the_courier_is_told_of_what_time_did(acme: World) -> None:
    told = Event()
    acme.collab.told = told.set
    acme.invite("carl")
    told.clear()
    acme.at += timedelta(days=30)
    with ticking(acme):
        assert told.wait(10)


def test_a_locked_database_is_one_line_and_the_next_tick_goes_on(acme: World, caplog: pytest.LogCaptureFixture) -> None:
    acme.invite("carl")
    acme.at += timedelta(days=30)
    with sqlite3.connect(str(acme.database.engine.url.database), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with ticking(acme):
            waited(lambda: "the database fails the clock (busy)" in caplog.text)
            other.execute("ROLLBACK")
            waited(lambda: acme.happened(InvitationExpired))
    other.close()
    assert all("\n" not in r.getMessage() for r in caplog.records)


def test_a_defect_is_logged_under_an_id_and_the_clock_ticks_on(acme: World, caplog: pytest.LogCaptureFixture) -> None:
    note = "between us two alone"
    acme.invite("carl", note=note)
    acme.at += timedelta(days=30)
    tries = []

    def told() -> None:
        tries.append(1)
        raise LookupError(note)

    acme.collab.told = told
    with ticking(acme):
        waited(lambda: tries)
        acme.collab.told = lambda: None
        acme.invite("devi")
        acme.at += timedelta(days=30)
        waited(lambda: len(acme.happened(InvitationExpired)) == 2)
    [line] = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert line.startswith("E")
    assert "LookupError" in line
    assert "between us" not in caplog.text


def test_stopping_ends_the_ticks(acme: World) -> None:
    with ticking(acme):
        pass
    acme.invite("carl")
    acme.at += timedelta(days=30)
    time.sleep(0.3)
    assert acme.happened(InvitationExpired) == []


def test_jobs_run_on_when_the_wall_clock_was_set_back(acme: World) -> None:
    acme.invite("carl")
    beats: list[float] = []
    clock = Clock(acme.collab, lambda: None, lambda: acme.at, timedelta(minutes=1), lambda: beats.append(1))
    clock.start()
    try:
        acme.at += timedelta(days=30)
        # As an hour that the clock goes back looks to the scheduler.
        for job in clock._scheduler.get_jobs():
            job.modify(next_run_time=job.next_run_time + timedelta(hours=1))
        waited(lambda: acme.happened(InvitationExpired) and beats, 5)
    finally:
        clock.stop()

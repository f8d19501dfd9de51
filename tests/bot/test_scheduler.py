"""The scheduler runs due work at its interval, whatever fails in between."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event

import pytest

from bot import scheduler
from bot.scheduler import Scheduler
from collab.events import InvitationExpired, InvitationReminded
from collab.unit_of_work import Unavailable
from tests.support.builders import Scenario


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def running_scheduler(
    world: Scenario, wake: Callable[[], None] = lambda: None, seconds: float = 0.1
) -> Iterator[Scheduler]:
    clock = Scheduler(world.bus, wake, lambda: world.at, timedelta(seconds=seconds))
    clock.start()
    try:
        yield clock
    finally:
        clock.stop()


@pytest.mark.rule("INV-10")
def test_due_work_runs_by_itself(acme: Scenario) -> None:
    acme.send_invitation("carl")
    with running_scheduler(acme):
        acme.at += timedelta(days=3)
        wait_until(lambda: acme.events_of_type(InvitationReminded))
        acme.at += timedelta(days=5)
        wait_until(lambda: acme.events_of_type(InvitationExpired))


def test_work_that_fell_due_while_stopped_runs_at_the_start(acme: Scenario) -> None:
    acme.send_invitation("carl")
    acme.at += timedelta(days=30)
    with running_scheduler(acme, seconds=3600):
        wait_until(lambda: acme.events_of_type(InvitationExpired))
    assert len(acme.events_of_type(InvitationExpired)) == 1


def test_due_work_wakes_the_outbox_worker(acme: Scenario) -> None:
    committed = Event()
    acme.bus.on_commit = committed.set
    acme.send_invitation("carl")
    committed.clear()
    acme.at += timedelta(days=30)
    with running_scheduler(acme):
        assert committed.wait(10)


def test_locked_database_is_logged_and_the_next_run_works(
    acme: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    acme.send_invitation("carl")
    acme.at += timedelta(days=30)
    with sqlite3.connect(
        str(acme.database.engine.url.database), isolation_level=None
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        with running_scheduler(acme):
            wait_until(lambda: "the database is unavailable (busy)" in caplog.text)
            other.execute("ROLLBACK")
            wait_until(lambda: acme.events_of_type(InvitationExpired))
    other.close()
    assert all("\n" not in r.getMessage() for r in caplog.records)


def test_defect_is_logged_with_an_id_and_the_next_run_works(
    acme: Scenario, caplog: pytest.LogCaptureFixture
) -> None:
    note = "between us two alone"
    acme.send_invitation("carl", note=note)
    acme.at += timedelta(days=30)
    tries = []

    def raise_after_commit() -> None:
        tries.append(1)
        raise LookupError(note)

    acme.bus.on_commit = raise_after_commit
    with running_scheduler(acme):
        wait_until(lambda: tries)
        acme.bus.on_commit = lambda: None
        acme.send_invitation("devi")
        acme.at += timedelta(days=30)
        wait_until(lambda: len(acme.events_of_type(InvitationExpired)) == 2)
    [line] = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert line.startswith("E")
    assert "LookupError" in line
    assert "between us" not in caplog.text


def test_stop_ends_the_runs(acme: Scenario) -> None:
    with running_scheduler(acme):
        pass
    acme.send_invitation("carl")
    acme.at += timedelta(days=30)
    time.sleep(0.3)
    assert acme.events_of_type(InvitationExpired) == []


def test_jobs_run_on_when_the_wall_clock_was_set_back(acme: Scenario) -> None:
    acme.send_invitation("carl")
    beats: list[float] = []
    clock = Scheduler(
        acme.bus,
        lambda: None,
        lambda: acme.at,
        timedelta(minutes=1),
        lambda: beats.append(1),
    )
    clock.start()
    try:
        acme.at += timedelta(days=30)
        # As an hour that the clock goes back looks to the scheduler.
        for job in clock._scheduler.get_jobs():
            job.modify(next_run_time=job.next_run_time + timedelta(hours=1))
        wait_until(lambda: acme.events_of_type(InvitationExpired) and beats, 5)
    finally:
        clock.stop()


def test_cleaning_is_a_job_that_outlives_a_failure(
    acme: Scenario, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "CLEAN_INTERVAL", timedelta(seconds=0.05))
    caplog.set_level(logging.INFO)
    cleaned: list[datetime] = []

    def delete_expired_rows(at: datetime) -> int:
        cleaned.append(at)
        if len(cleaned) == 1:
            raise Unavailable("busy")
        return 7

    jobs = Scheduler(
        acme.bus,
        lambda: None,
        lambda: acme.at,
        timedelta(hours=1),
        delete_expired_rows=delete_expired_rows,
    )
    jobs.start()
    try:
        wait_until(lambda: len(cleaned) > 1)
    finally:
        jobs.stop()

    assert set(cleaned) == {acme.at}
    assert "nothing was cleaned, the database: busy" in caplog.text
    assert "expired rows deleted: 7" in caplog.text

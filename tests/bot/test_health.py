"""Health is the result of the last write to the database, which it never asks itself."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import health
from bot.health import HeartbeatMonitor, LoopMonitor
from storage.database import Database, read_head_version
from tests.support.app_harness import run_app
from tests.support.builders import Scenario


def test_heartbeat_writes_to_the_database(database: Database) -> None:
    HeartbeatMonitor(database.write_heartbeat).write_heartbeat()
    HeartbeatMonitor(database.write_heartbeat).write_heartbeat()
    with database.engine.connect() as connection:
        assert connection.execute(
            text("SELECT id, beaten_at FROM heartbeats")
        ).all() == [(1, 2.0)]
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM heartbeats"))


@pytest.mark.parametrize("failure", ["locked", "deleted", "read only"])
def test_health_follows_whether_the_database_can_be_written_to(
    acme: Scenario, sqlite_file: Path, caplog: pytest.LogCaptureFixture, failure: str
) -> None:
    monitor = HeartbeatMonitor(acme.database.write_heartbeat)
    monitor.write_heartbeat()
    assert monitor.is_healthy()
    away = sqlite_file.with_name("away.sqlite3")
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        if failure == "locked":
            other.execute("BEGIN IMMEDIATE")
        elif failure == "deleted":
            sqlite_file.rename(away)
        else:
            acme.database.engine.dispose()
            with acme.database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA query_only = ON")
        assert monitor.is_healthy()  # as of the last write
        monitor.write_heartbeat()
        monitor.write_heartbeat()
        assert not monitor.is_healthy()
        if failure == "locked":
            other.execute("ROLLBACK")
        elif failure == "deleted":
            away.rename(sqlite_file)
        else:
            acme.database.engine.dispose()
    monitor.write_heartbeat()
    assert monitor.is_healthy()
    assert [
        r.getMessage().partition(" (")[0]
        for r in caplog.records
        if r.name == "collab.health"
    ] == [
        "the database cannot be written to",
        "the database can be written to again",
    ]


def test_old_heartbeat_is_unhealthy(
    acme: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = HeartbeatMonitor(acme.database.write_heartbeat)
    monitor.write_heartbeat()
    monkeypatch.setattr(health, "VALID_SECONDS", -1.0)
    assert not monitor.is_healthy()


def test_a_loop_that_stops_moving_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    loops = LoopMonitor()
    loops.mark_moved("scheduler")
    loops.mark_moved("outbox worker")
    now = health.STALLED_SECONDS
    assert loops.list_stalled() == []
    loops.mark_moved("outbox worker")
    now += 1
    assert loops.list_stalled() == ["scheduler"]
    loops.mark_moved("scheduler")
    assert loops.list_stalled() == []


def test_a_loop_may_take_as_long_as_its_interval_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    loops = LoopMonitor()
    loops.mark_moved("due work", 7200)
    now = 7200.0
    assert loops.list_stalled() == []
    now = 7201.0
    assert loops.list_stalled() == ["due work"]


@pytest.mark.slow
def test_a_stopped_outbox_worker_is_found_in_the_running_app(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "STALLED_SECONDS", 3.0)
    with run_app(sqlite_url) as harness:
        app = harness.app
        end = time.monotonic() + 1
        while time.monotonic() < end:
            app.outbox_worker.wake()
            time.sleep(0.05)
            assert "outbox worker" not in app.probes.list_stalled_loops()

        app.outbox_worker.stop()
        time.sleep(3.1)

        assert "outbox worker" in app.probes.list_stalled_loops()
        assert app.probes.find_problem() is None


def test_a_schema_of_another_version_is_a_problem(acme: Scenario) -> None:
    assert acme.database.find_schema_problem() is None
    with acme.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert acme.database.find_schema_problem() == "newer"
    with acme.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :head"),
            {"head": read_head_version()},
        )

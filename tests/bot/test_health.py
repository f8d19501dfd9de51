"""Health is what the last write to the database says, and never asks the database itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import health
from bot.health import HeartbeatMonitor
from storage.database import Database
from tests.support.builders import Scenario


def test_a_heartbeat_writes(database: Database) -> None:
    HeartbeatMonitor(database.write_heartbeat).write_heartbeat()
    HeartbeatMonitor(database.write_heartbeat).write_heartbeat()
    with database.engine.connect() as connection:
        assert connection.execute(
            text("SELECT id, beaten_at FROM heartbeats")
        ).all() == [(1, 2.0)]
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM heartbeats"))


@pytest.mark.parametrize("how", ["locked", "deleted", "read only"])
def test_health_tells_that_nothing_can_be_written_and_that_it_can_again(
    acme: Scenario, sqlite_file: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    checked = HeartbeatMonitor(acme.database.write_heartbeat)
    checked.write_heartbeat()
    assert checked.is_healthy()
    away = sqlite_file.with_name("away.sqlite3")
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        if how == "locked":
            other.execute("BEGIN IMMEDIATE")
        elif how == "deleted":
            sqlite_file.rename(away)
        else:
            acme.database.engine.dispose()
            with acme.database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA query_only = ON")
        assert checked.is_healthy()  # as of the last write
        checked.write_heartbeat()
        checked.write_heartbeat()
        assert not checked.is_healthy()
        if how == "locked":
            other.execute("ROLLBACK")
        elif how == "deleted":
            away.rename(sqlite_file)
        else:
            acme.database.engine.dispose()
    checked.write_heartbeat()
    assert checked.is_healthy()
    assert [
        r.getMessage().partition(" (")[0]
        for r in caplog.records
        if r.name == "collab.health"
    ] == [
        "the database cannot be written to",
        "the database can be written to again",
    ]


def test_a_heartbeat_that_never_ends_is_no_health(
    acme: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = HeartbeatMonitor(acme.database.write_heartbeat)
    checked.write_heartbeat()
    monkeypatch.setattr(health, "VALID_SECONDS", -1.0)
    assert not checked.is_healthy()

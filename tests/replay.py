"""Replaying the events of a workspace into empty tables, to hold the result against what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from storage.database import Database
from storage.journal import project
from storage.tables import STATE, metadata, workspaces


def stored(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the state, in an order of its own."""
    columns = {t.name: [c for c in t.c if c.name != "seq"] for t in STATE}
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(*columns[table.name]))), key=repr)
        for table in STATE
    }


def replayed(database: Database, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The state that the journal alone gives."""
    fresh = Database.open(f"sqlite:///{folder / 'replay.sqlite3'}")
    try:
        with fresh.engine.begin() as connection:
            metadata.drop_all(connection)
            metadata.create_all(connection)
            for workspace in database.journal.workspaces():
                connection.execute(insert(workspaces).values(id=workspace, title="", bot="", seq=0))
                project(connection, database.journal.export(workspace))
            return stored(connection)
    finally:
        fresh.close()


def assert_replay_gives_state(database: Database, folder: Path) -> None:
    """The tables are what the events say, and nothing else."""
    with database.engine.begin() as connection:
        now = stored(connection)
    assert now == replayed(database, folder)

"""Replaying the events of a workspace into empty tables, to hold the result against what is stored."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Connection, StaticPool, create_engine, insert, select

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


@cache
def empty_tables() -> bytes:
    """A database in memory with the tables of the code and nothing in them."""
    made = sqlite3.connect(":memory:")
    engine = create_engine("sqlite://", creator=lambda: made, poolclass=StaticPool)
    metadata.create_all(engine)
    return made.serialize()


def replayed(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The state that the journal alone gives."""
    memory = sqlite3.connect(":memory:")
    memory.deserialize(empty_tables())
    fresh = create_engine("sqlite://", creator=lambda: memory, poolclass=StaticPool)
    try:
        with fresh.begin() as connection:
            for workspace in database.journal.workspaces():
                connection.execute(insert(workspaces).values(id=workspace, title="", bot="", seq=0))
                project(connection, database.journal.export(workspace))
            return stored(connection)
    finally:
        fresh.dispose()
        memory.close()


def assert_replay_gives_state(database: Database) -> None:
    """The tables are what the events say, and nothing else."""
    with database.engine.begin() as connection:
        now = stored(connection)
    assert now == replayed(database)

"""Replaying the events of a workspace into empty tables, to hold the result against what is stored."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, insert, select

import storage.tables.partial_indexes  # noqa: F401 - adds its indexes
from storage.database import Database
from storage.projector import project_events
from storage.tables import STATE_TABLES, metadata, workspaces

STATE_QUERIES = {
    table.name: select(*(column for column in table.c if column.name != "seq"))
    for table in STATE_TABLES
}


def read_state(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the state, in an order of its own."""
    return {
        name: sorted((tuple(row) for row in connection.execute(rows)), key=repr)
        for name, rows in STATE_QUERIES.items()
    }


@cache
def create_empty_database() -> tuple[Engine, bytes]:
    """A database in memory, and how it is with the tables of the code and nothing in them."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine, memory_connection(engine).serialize()


def memory_connection(engine: Engine) -> sqlite3.Connection:
    """The one connection of a database in memory."""
    with engine.connect() as connection:
        found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def replay_events(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return the state that the event log alone gives."""
    fresh, nothing = create_empty_database()
    memory_connection(fresh).deserialize(nothing)
    with fresh.begin() as connection:
        for workspace in database.event_log.list_workspaces():
            connection.execute(
                insert(workspaces).values(id=workspace, title="", bot="", seq=0)
            )
            project_events(connection, database.event_log.export_events(workspace))
        return read_state(connection)


def assert_replay_gives_state(database: Database) -> None:
    """The tables are what the events say, and nothing else."""
    with database.engine.begin() as connection:
        now = read_state(connection)
    assert now == replay_events(database)

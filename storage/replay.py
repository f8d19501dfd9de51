"""Replays the events of a database and compares what they give with its tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, insert, select

import storage.tables.partial_indexes  # noqa: F401 - adds its indexes
from collab.events import RecordedEvent
from collab.model import WorkspaceId
from storage.projector import project_events
from storage.tables import STATE_TABLES, metadata, workspaces

STATE_QUERIES = {
    table.name: select(*(column for column in table.c if column.name != "seq"))
    for table in STATE_TABLES
}
State = dict[str, list[tuple[Any, ...]]]


def read_state(connection: Connection) -> State:
    """Return every row of the current state, sorted."""
    return {
        name: sorted((tuple(row) for row in connection.execute(rows)), key=repr)
        for name, rows in STATE_QUERIES.items()
    }


def create_memory_engine() -> Engine:
    """Return an engine for an empty database in memory with the tables of the code."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


def replay_events(
    connection: Connection, log: Iterable[tuple[WorkspaceId, list[RecordedEvent]]]
) -> State:
    """Return the state that the events alone give, in empty tables."""
    for workspace, recorded in log:
        connection.execute(
            insert(workspaces).values(id=workspace, title="", bot="", seq=0)
        )
        project_events(connection, iter(recorded))
    return read_state(connection)


def find_differing_tables(stored: State, replayed: State) -> list[str]:
    """Return the names of the tables that are not what the events say."""
    return [name for name in sorted(stored) if stored[name] != replayed[name]]

"""Checks a database: whether its tables are what its events say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from collab.events import RecordedEvent
from collab.model import WorkspaceId
from storage.connections import Connections
from storage.event_store import EventRepository
from storage.replay import (
    create_memory_engine,
    find_differing_tables,
    read_state,
    replay_events,
)
from storage.tables import workspaces

PAGE_SIZE = 1000
CHECK_SECONDS = 600.0  # for a large record
_SELECT_COUNTS = select(workspaces.c.id, workspaces.c.seq).order_by(workspaces.c.id)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check has found: the newest event of each workspace, events that are
    missing, and the tables that are not what the events say.

    A workspace counts its events, so that those cut off at the end are missing, too.
    """

    last_events: dict[WorkspaceId, int]
    missing_events: dict[WorkspaceId, list[int]]
    differing_tables: Sequence[str]

    @property
    def is_fine(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.missing_events and not self.differing_tables


def verify(connections: Connections) -> Verification:
    """Replay all events of one snapshot into empty tables, and compare."""
    with connections.read() as connection:
        connections.extend_time_limit(connection, CHECK_SECONDS)
        counts = {
            WorkspaceId(row.id): int(row.seq)
            for row in connection.execute(_SELECT_COUNTS)
        }
        log = {each: list(_list_events(connection, each)) for each in counts}
        stored = read_state(connection)
    with create_memory_engine().begin() as empty:
        replayed = replay_events(empty, log.items())
    missing = {
        each: _find_gaps(recorded, counts[each]) for each, recorded in log.items()
    }
    return Verification(
        counts,
        {each: gaps for each, gaps in missing.items() if gaps},
        find_differing_tables(stored, replayed),
    )


def _list_events(
    connection: Connection, workspace: WorkspaceId
) -> Iterator[RecordedEvent]:
    events = EventRepository(connection, workspace, {})
    first = 1
    while page := events.list_events_from(first, PAGE_SIZE):
        yield from page
        first = page[-1].seq + 1


def _find_gaps(recorded: Sequence[RecordedEvent], count: int) -> list[int]:
    """Return the numbers of events that are not there."""
    numbers = {each.seq for each in recorded}
    return [number for number in range(1, count + 1) if number not in numbers]

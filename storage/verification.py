"""Checks a database: whether its tables are what its events say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from collab.backups import Verification
from collab.events import RecordedEvent
from collab.model import WorkspaceId
from storage.connections import Connections
from storage.event_store import EventRepository
from storage.replay import (
    State,
    create_memory_engine,
    find_differing_tables,
    read_state,
    replay_events,
)
from storage.tables import events, workspaces

PAGE_SIZE = 1000
CHECK_SECONDS = 600.0  # for a large record
# What reading an event raises that something else has written.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
_SELECT_COUNTS = select(workspaces.c.id, workspaces.c.seq).order_by(workspaces.c.id)


def verify(connections: Connections) -> Verification:
    """Replay all events of one snapshot into empty tables, and compare."""
    with connections.read() as connection:
        connections.extend_time_limit(connection, CHECK_SECONDS)
        counts = {
            WorkspaceId(row.id): int(row.seq)
            for row in connection.execute(_SELECT_COUNTS)
        }
        records = {each: _read_events(connection, each) for each in counts}
        stored = read_state(connection)
    wrong = {each: _find_wrong(records[each], counts[each]) for each in counts}
    wrong = {each: numbers for each, numbers in wrong.items() if numbers}
    differing = [] if wrong else _compare(stored, records)
    return Verification(counts, wrong, differing)


@dataclass(frozen=True, slots=True)
class _Record:
    """The events of a workspace, and the numbers of those that cannot be read."""

    events: list[RecordedEvent]
    unreadable: list[int]


def _read_events(connection: Connection, workspace: WorkspaceId) -> _Record:
    repository = EventRepository(connection, workspace, {})
    record = _Record([], [])
    for first in _list_page_starts(connection, workspace):
        try:
            record.events.extend(repository.list_events_from(first, PAGE_SIZE))
        except UNREADABLE:
            _read_one_by_one(connection, workspace, first, record)
    return record


def _list_page_starts(connection: Connection, workspace: WorkspaceId) -> list[int]:
    """Return the numbers with which pages of events begin."""
    return _list_numbers(connection, workspace, 1)[::PAGE_SIZE]


def _list_numbers(
    connection: Connection, workspace: WorkspaceId, first: int
) -> list[int]:
    statement = (
        select(events.c.seq)
        .where(events.c.workspace == workspace, events.c.seq >= first)
        .order_by(events.c.seq)
    )
    return list(connection.execute(statement).scalars())


def _read_one_by_one(
    connection: Connection, workspace: WorkspaceId, first: int, record: _Record
) -> None:
    """Read a page of which an event cannot be read."""
    repository = EventRepository(connection, workspace, {})
    for number in _list_numbers(connection, workspace, first)[:PAGE_SIZE]:
        try:
            record.events.extend(repository.list_events_from(number, 1))
        except UNREADABLE:
            record.unreadable.append(number)


def _find_wrong(record: _Record, count: int) -> list[int]:
    """Return the numbers of events that are missing, unreadable or too many."""
    numbers = {each.seq for each in record.events}
    expected = set(range(1, count + 1))
    return sorted((numbers ^ expected) | set(record.unreadable))


def _compare(stored: State, records: Mapping[WorkspaceId, _Record]) -> list[str]:
    """Return the tables that differ from what all events give; all if those give none."""
    log = [(each, record.events) for each, record in records.items()]
    with create_memory_engine().begin() as empty:
        try:
            replayed = replay_events(empty, log)
        except SQLAlchemyError:
            return sorted(stored)
    return find_differing_tables(stored, replayed)

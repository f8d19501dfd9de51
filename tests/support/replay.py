"""Replaying the events of a workspace into empty tables, to hold the result against what is stored."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, select

from collab.events import RecordedEvent
from collab.model import WorkspaceId
from collab.past_access import APPLY_BY_EVENT, build_graph
from storage import replay
from storage.database import Database
from storage.replay import State, create_memory_engine, read_state
from storage.tables import memberships, resources, team_assignments, team_shares


@cache
def create_empty_database() -> tuple[Engine, bytes]:
    """A database in memory, and how it is with the tables of the code and nothing in them."""
    engine = create_memory_engine()
    return engine, memory_connection(engine).serialize()


def memory_connection(engine: Engine) -> sqlite3.Connection:
    """The one connection of a database in memory."""
    with engine.connect() as connection:
        found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


Log = dict[WorkspaceId, list[RecordedEvent]]


def read_log(database: Database) -> Log:
    """Return all events of each workspace."""
    log = database.event_log
    return {each: list(log.export_events(each)) for each in log.list_workspaces()}


def replay_events(log: Log) -> State:
    """Return the state that the event log alone gives."""
    fresh, nothing = create_empty_database()
    memory_connection(fresh).deserialize(nothing)
    with fresh.begin() as connection:
        return replay.replay_events(connection, log.items())


def assert_replay_gives_state(database: Database) -> None:
    """The tables are what the events say, and nothing else."""
    with database.engine.begin() as connection:
        now = read_state(connection)
        access = read_access(connection)
    log = read_log(database)
    assert now == replay_events(log)
    assert access == fold_access(log)


def read_access(connection: Connection) -> dict[str, set[tuple[Any, ...]]]:
    """What the tables say of who has access."""
    held, lent, given, things = (
        memberships.c,
        team_shares.c,
        team_assignments.c,
        resources.c,
    )
    queries = {
        "memberships": select(
            held.resource, held.person, held.role, held.since, held.until
        ),
        "shares": select(lent.resource, lent.team, lent.role),
        "assignments": select(given.team, given.resource, given.person),
        "resources": select(
            things.id,
            things.kind,
            things.parent,
            things.payer,
            things.disabled,
            things.gone,
            things.retired,
        ),
    }
    return {
        name: {tuple(row) for row in connection.execute(query)}
        for name, query in queries.items()
    }


def fold_access(log: Log) -> dict[str, set[tuple[Any, ...]]]:
    """The same, as questions about the past read it from the events."""
    access: dict[str, set[tuple[Any, ...]]] = {
        name: set() for name in ("memberships", "shares", "assignments", "resources")
    }
    for recorded in log.values():
        past = build_graph(
            each for each in recorded if type(each.event) in APPLY_BY_EVENT
        )
        access["memberships"] |= {
            (m.resource, m.person, m.role, m.since, m.until)
            for members in past.members.values()
            for m in members.values()
        }
        access["shares"] |= {
            (resource, team, role)
            for resource, teams in past.shares.items()
            for team, role in teams.items()
        }
        access["assignments"] |= {
            (team, resource, person)
            for team, assigned in past.assigned.items()
            for resource, people in assigned.items()
            for person in people
        }
        access["resources"] |= {
            (r.id, r.kind, r.parent, r.payer, r.disabled, r.gone, r.retired)
            for r in past.resources.values()
        }
    return access

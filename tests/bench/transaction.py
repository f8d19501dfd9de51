"""A command's transaction against the same statements, with the same values, handed to the driver by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from tests.bench.company import found, inviting
from tests.bench.measure import Row, at_least, at_most, interleaved, ms, without
from tests.bench.place import Place, file_of

WARM = 5
Statement = tuple[str, Any, bool]


def measure(place: Place, rounds: int = 500) -> Iterator[Row]:
    """`Invite` on both databases, one thread."""
    here = place.kinds()
    ours, raw = sqlite(place, rounds)
    figures = f"{ms(ours)} against {ms(raw)}"
    yield at_most(
        "an invite's transaction, SQLite",
        "its statements in raw sqlite3",
        ours / raw,
        4,
        figures,
    )
    what, beside = (
        "an invite's transaction, PostgreSQL",
        "its statements in raw psycopg",
    )
    if "PostgreSQL" not in here:
        yield without("PostgreSQL", what, beside, "≥ 0.75 ×")
        return
    ours, raw = postgresql(place, rounds)
    figures = f"{1 / ours:.0f}/s against {1 / raw:.0f}/s"
    yield at_least(what, beside, raw / ours, 0.75, figures)


def sqlite(place: Place, rounds: int) -> list[float]:
    """Seconds of ours and of raw sqlite3."""
    seed = place.seeded("SQLite", found)
    said = captured(place.database("SQLite", seed), rounds)
    with closing(raw_sqlite(place.database("SQLite", seed))) as connection:
        return beside(
            place.database("SQLite", seed),
            rounds,
            lambda turn: replay_sqlite(connection, said[turn]),
        )


def postgresql(place: Place, rounds: int) -> list[float]:
    """Seconds of ours and of raw psycopg."""
    seed = place.seeded("PostgreSQL", found)
    said = captured(place.database("PostgreSQL", seed), rounds)
    with raw_postgresql(place.database("PostgreSQL", seed)) as connection:
        return beside(
            place.database("PostgreSQL", seed),
            rounds,
            lambda turn: replay(connection, said[turn]),
        )


def beside(url: str, rounds: int, raw: Callable[[int], None]) -> list[float]:
    """The real transactions and, in turn, the same ones by hand."""
    turns = iter(range(rounds + WARM))
    with inviting(url) as invite:
        return interleaved(rounds, invite, lambda: raw(next(turns)), warm=WARM)


def captured(url: str, rounds: int) -> list[list[Statement]]:
    """What each of the transactions says to its driver."""
    said: list[Statement] = []

    def heard(
        _connection: Any,
        _cursor: Any,
        statement: str,
        values: Any,
        _context: Any,
        many: bool,
    ) -> None:
        said.append((statement, values, many))

    with listening(heard), inviting(url) as invite:
        said.clear()
        transactions = []
        for _ in range(rounds + WARM):
            invite()
            transactions.append([s for s in said if not s[0].startswith("BEGIN")])
            said.clear()
    return transactions


@contextmanager
def listening(heard: Callable[..., None]) -> Iterator[None]:
    """Hear every statement of every engine for a while."""
    from sqlalchemy import Engine  # noqa: PLC0415

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", heard)


def raw_sqlite(url: str) -> sqlite3.Connection:
    """A connection that is set as ours are."""
    connection = sqlite3.connect(file_of(url), isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def raw_postgresql(url: str) -> psycopg.Connection[Any]:
    """A connection that begins a transaction with its first statement."""
    return psycopg.connect(
        url.replace("postgresql+psycopg", "postgresql"), options="-c timezone=UTC"
    )


def replay_sqlite(connection: sqlite3.Connection, transaction: list[Statement]) -> None:
    """The same transaction by hand."""
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    for statement, values, many in transaction:
        if many:
            cursor.executemany(statement, values)
        else:
            cursor.execute(statement, values)
            cursor.fetchall()
    connection.execute("COMMIT")


def replay(connection: psycopg.Connection[Any], transaction: list[Statement]) -> None:
    """The same transaction by hand."""
    with connection.cursor() as cursor:
        for statement, values, many in transaction:
            if many and isinstance(values, list):
                cursor.executemany(statement.encode(), values)
            else:
                cursor.execute(statement.encode(), values)
                if cursor.description:
                    cursor.fetchall()
    connection.commit()

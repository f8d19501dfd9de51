"""Many rows, written straight into the tables: the database makes them, each from its number `i`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from storage.database import Database
from tests.bench.company import TEAM

NUMBERS = {
    "SQLite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :n) ",
    "PostgreSQL": "WITH n(i) AS (SELECT generate_series(0, :n - 1)) ",
}
# Foreign keys are not looked after for these rows: that would take minutes.
BEFORE = {
    "SQLite": ("PRAGMA foreign_keys = OFF", "PRAGMA cache_size = -500000", "BEGIN"),
    "PostgreSQL": (
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL session_replication_role = replica",
    ),
}
# Ids sort by age, as real ones do.
PADDED = {
    "SQLite": "printf('%07d', {0})",
    "PostgreSQL": "lpad(CAST({0} AS text), 7, '0')",
}
LATER = {
    "SQLite": "strftime('%Y-%m-%d %H:%M:%f000', :{0}, '+' || i || ' seconds')",
    "PostgreSQL": "CAST(:{0} AS timestamptz) + i * interval '1 second'",
}
PEOPLE = """INSERT INTO people (workspace, id, team, account, title, tz, bot, guest, active, profiled, sort_name)
{numbers} SELECT :w, 'PB' || {i}, :w, 'UB' || {i}, 'Somebody', 'UTC', false, false, true, true, 'somebody' FROM n"""


def write(
    database: Database,
    kind: str,
    rows: Iterable[tuple[str, int]],
    ids: Mapping[str, str] | None = None,
    moments: Mapping[str, datetime] | None = None,
    **values: Any,
) -> None:
    """Run each statement for as many numbers.

    `{i}` and the names of `ids` stand for the padded number, and for others that are counted from it; the names of
    `moments` for a moment that is a second later for each number; the names of `values` for themselves.
    """
    moments = moments or {}
    forms = {
        "numbers": NUMBERS[kind],
        **{name: LATER[kind].format(name) for name in moments},
    }
    forms |= {
        name: PADDED[kind].format(it) for name, it in {"i": "i", **(ids or {})}.items()
    }
    given = {
        "w": TEAM,
        **values,
        **{name: as_taken(kind, moment) for name, moment in moments.items()},
    }
    with database.engine.connect() as connection:
        for said in BEFORE[kind]:
            connection.exec_driver_sql(said)
        for statement, many in rows:
            prepared = text(statement.format(**forms))
            asked = prepared.compile().params
            connection.execute(
                prepared,
                {
                    name: it
                    for name, it in {"n": many, **given}.items()
                    if name in asked
                },
            )
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
        # What was left out for this connection is there again for the next.
        connection.invalidate()


def as_taken(kind: str, moment: datetime) -> Any:
    """A moment as the database takes it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if kind == "SQLite" else moment

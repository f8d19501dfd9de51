"""One database, opened: SQLite or PostgreSQL by its URL, its schema, and what stands on it."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError

from collab.deadline import shorten
from storage.connections import READING, WRITING, Connections, begun
from storage.due_failures import DueFailures
from storage.file_guard import FileGuard
from storage.journal import Journal
from storage.outbox import Outbox
from storage.troubles import reason_of
from storage.unit import StoredUnits

if TYPE_CHECKING:
    from alembic.config import Config

PATIENCE = 2.0  # seconds; Slack waits three
CONNECTIONS = 8
_BEAT = text(
    "INSERT INTO heartbeats (id, beaten_at) VALUES (1, 1.0)"
    " ON CONFLICT (id) DO UPDATE SET beaten_at = heartbeats.beaten_at + 1"
)
MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseTrouble(Exception):
    """The database cannot be used; `reason` says why, `place` names it without its password.

    Reasons: malformed_url, unreachable, busy, read_only, full, disk, newer (than the code), old (not upgraded), broken.
    """

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(f"{reason}: {place}")
        self.reason = reason
        self.place = place


class Database:
    """One database with everything that the rest of the house asks of it."""

    def __init__(self, engine: Engine, *, locked: bool = True) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.place = engine.url.render_as_string(hide_password=True)
        connections = Connections(engine, PATIENCE, most=CONNECTIONS, locked=locked)
        self._connections = connections
        self.units = StoredUnits(connections)
        self._file_guard = FileGuard(engine, engine.url.database) if self.is_sqlite and engine.url.database else None
        self.outbox = Outbox(connections)
        self.journal = Journal(connections)
        self.due_failures = DueFailures(connections)

    @classmethod
    def open(cls, url: str, *, locked: bool = True) -> Database:
        """Open a database by its URL and make sure that it answers."""
        known = _url(url)
        engine = _sqlite(known) if known.get_backend_name() == "sqlite" else _postgresql(known)
        database = cls(engine, locked=locked)
        database._try(lambda connection: connection.execute(text("SELECT 1")))
        return database

    def schema(self) -> str | None:
        """The version of the schema; nothing for an empty database."""
        version: str | None = self._try(_version)
        return version

    def check(self) -> None:
        """Refuse a schema that is not the code's."""
        version = self.schema()
        if version != head_version():
            raise DatabaseTrouble("old" if version is None or version < head_version() else "newer", self.place)

    def upgrade(self) -> None:
        """Bring the schema to the code's version; a newer one is refused."""
        version = self.schema()
        if version == head_version():
            return
        if version is not None and version > head_version():
            raise DatabaseTrouble("newer", self.place)
        self._try(self._migrate)

    def beat(self) -> None:
        """Write a little, to see whether that works; raises Unavailable."""
        with self._connections.write() as connection:
            connection.execute(_BEAT)

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()
        if self._file_guard:
            self._file_guard.forget()

    def _migrate(self, connection: Connection) -> None:
        from alembic import command  # noqa: PLC0415 - needed by an upgrade alone, and slow to import

        command.upgrade(migration_config(connection), "head")

    def _try(self, ask: Any) -> Any:
        how = WRITING if ask == self._migrate else READING
        try:
            with begun(self.engine, how if self.is_sqlite else None) as connection:
                return ask(connection)
        except SQLAlchemyError as problem:
            raise DatabaseTrouble(reason_of(problem), self.place) from None


@cache
def head_version() -> str:
    """Return the version of the newest migration: the highest number that a file in the folder begins with."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migration_config(connection: Connection | None) -> Config:
    """Alembic's settings for this package's migrations."""
    from alembic.config import Config  # noqa: PLC0415 - needed by an upgrade alone, and slow to import

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _url(url: str) -> URL:
    try:
        known = make_url(url)
    except ArgumentError:
        raise DatabaseTrouble("malformed_url", "DATABASE_URL") from None
    if known.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return known.set(drivername="postgresql+psycopg")
    if known.drivername == "sqlite" and known.database:
        return known
    raise DatabaseTrouble("malformed_url", "DATABASE_URL")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Write-ahead log, every commit on disk before it counts, foreign keys; transactions are begun by us."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(shorten(PATIENCE) * 1000)}")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
    cursor.close()


def _postgresql(url: URL) -> Engine:
    limit = int(PATIENCE * 1000)
    # A row by its key is found by an index even where the table was small when it was last counted.
    ours = {"lock_timeout": limit, "statement_timeout": limit, "timezone": "UTC", "random_page_cost": 1.1}
    # What the address itself asks for stays, such as the endpoint of a hosted server; the last word on a name is ours.
    options = [_text(url.query.get("options", "")), *(f"-c {name}={value}" for name, value in ours.items())]
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
        connect_args={
            "connect_timeout": int(PATIENCE),
            "options": " ".join(filter(None, options)),
        },
    )
    event.listen(engine, "checkout", _still_there)
    # Several rows in one statement; the driver's own way takes three exchanges with the server.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine


def _text(value: str | tuple[str, ...]) -> str:
    """Return a parameter of an address, which may stand there several times, as one text."""
    return value if isinstance(value, str) else " ".join(value)


def _still_there(connection: Any, _record: object, _proxy: object) -> None:
    """A connection that was let go while nobody used it is opened anew; to hear that, no exchange is needed."""
    with DefaultSelector() as heard:
        heard.register(connection, EVENT_READ)
        if heard.select(0):
            raise DisconnectionError

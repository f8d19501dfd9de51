"""Connections that write and that read: begun in the right way, in turn, and with failures as the core knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from collab.deadline import is_over, shorten
from collab.service import Unavailable
from storage.locks import Turns
from storage.troubles import unavailable

READING, WRITING = "BEGIN", "BEGIN IMMEDIATE"
SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
LIMITED = "SELECT set_config('lock_timeout', '{0}', true), set_config('statement_timeout', '{0}', true)"


class Connections:
    """Where transactions come from. Without `locked` racing writers are not held apart: for negative controls."""

    def __init__(self, engine: Engine, patience: float, *, most: int, locked: bool = True) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        self._engine = engine
        self._is_sqlite = is_sqlite
        self._patience = patience
        self._free = BoundedSemaphore(most)  # the pool itself knows no deadlines
        # Usually PostgreSQL shows each statement what is committed then; a snapshot is one state for all of them. In
        # SQLite's write-ahead log every transaction has one, from its first statement on.
        self._read_engine = engine if is_sqlite else engine.execution_options(**SNAPSHOT)
        self._turns = Turns(patience, one_for_all=is_sqlite) if locked else None
        # SQLite's driver leaves it to us how a transaction begins, or whether there is one.
        self._reading = READING if is_sqlite else None
        self._writing = WRITING if is_sqlite and locked else None
        self.locked = locked

    @contextmanager
    def write(self, workspace: str | None = None) -> Iterator[Connection]:
        """A transaction that writes, when its turn has come: it commits at its end and rolls back on an exception."""
        turn = self._turns.held(workspace) if self._turns else nullcontext()
        is_committing = False
        try:
            with turn, self._slot(), troubled(), begun(self._engine, self._writing, self.limit) as connection:
                yield connection
                _check_deadline()
                is_committing = True
        except Unavailable as failed:
            failed.is_unsure = is_committing and failed.reason == "unreachable"
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that reads one snapshot and is rolled back at its end."""
        with self._slot(), troubled(), self._read_engine.connect() as connection:
            self.limit(connection)
            if self._reading:
                connection.exec_driver_sql(self._reading)
            yield connection

    def limit(self, connection: Connection) -> None:
        """Let the statements that follow wait no longer than what is left until the request's deadline."""
        seconds = shorten(self._patience)
        if self._is_sqlite:
            # A connection keeps its limit, so that the usual one is put back.
            if connection.info.get("patience", self._patience) != seconds:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {_milliseconds(seconds)}")
                connection.info["patience"] = seconds
        elif seconds < self._patience:
            connection.exec_driver_sql(LIMITED.format(_milliseconds(seconds)))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Wait for one of the pool's connections until the deadline."""
        _check_deadline()
        if not self._free.acquire(timeout=shorten(self._patience)):
            raise Unavailable("busy")
        try:
            yield
        finally:
            self._free.release()


def _check_deadline() -> None:
    """Refuse what nobody waits for any more; raised before a commit, it takes back what was done."""
    if is_over():
        raise Unavailable("busy")


def _milliseconds(seconds: float) -> int:
    """Return at least one: PostgreSQL takes 0 for no limit."""
    return max(1, int(seconds * 1000))


@contextmanager
def begun(
    engine: Engine, how: str | None, limit: Callable[[Connection], None] = lambda _: None
) -> Iterator[Connection]:
    """A transaction that commits at its end and rolls back on an exception, begun by a statement where one is needed.

    A listener to SQLAlchemy's own event would do so too, but with any of those each statement takes a third longer.
    """
    with engine.begin() as connection:
        limit(connection)
        if how:
            connection.exec_driver_sql(how)
        yield connection


@contextmanager
def troubled() -> Iterator[None]:
    """Failures of the database, without its words, which may quote what people typed."""
    try:
        yield
    except SQLAlchemyError as problem:
        raise unavailable(problem) from None

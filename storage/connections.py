"""Connections that write and that read: begun in the right way, in turn, and with failures as the core knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from collab.service import Unavailable
from storage.locks import Turns
from storage.troubles import unavailable

READING, WRITING = "BEGIN", "BEGIN IMMEDIATE"


class Connections:
    """Where transactions come from. Without `locked` racing writers are not held apart: for negative controls."""

    def __init__(self, engine: Engine, patience: float, *, locked: bool = True) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        self._engine = engine
        # PostgreSQL shows each statement what is committed then, in a transaction or without one: two exchanges fewer.
        self._reader = engine if is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
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
            with turn, troubled(), begun(self._engine, self._writing) as connection:
                yield connection
                is_committing = True
        except Unavailable as failed:
            failed.is_unsure = is_committing and failed.reason == "unreachable"
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that reads; on SQLite all of it at one moment."""
        with troubled(), begun(self._reader, self._reading) as connection:
            yield connection


@contextmanager
def begun(engine: Engine, how: str | None) -> Iterator[Connection]:
    """A transaction that commits at its end and rolls back on an exception, begun by a statement where one is needed.

    A listener to SQLAlchemy's own event would do so too, but with any of those each statement takes a third longer.
    """
    with engine.begin() as connection:
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

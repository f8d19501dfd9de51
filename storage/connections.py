"""Database transactions: how they begin, wait for their turn and report failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import BoundedSemaphore
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from collab.deadline import is_deadline_over, limit_to_deadline
from collab.unit_of_work import Unavailable
from storage.errors import as_unavailable
from storage.locks import WriterQueue
from storage.postgresql import PLANNER_SETTINGS, build_settings_statement

BEGIN_READ, BEGIN_WRITE = "BEGIN", "BEGIN IMMEDIATE"
SNAPSHOT: dict[str, Any] = {
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}
CountTransaction = Callable[[str, float], None]  # read or write, and seconds
Pipeline = Callable[[Connection], AbstractContextManager[Any]]
_TIME_LIMITS = {"lock_timeout": "{0}", "statement_timeout": "{0}"}
SET_TIME_LIMITS = build_settings_statement(_TIME_LIMITS)
SET_STATEMENT_TIMEOUT = build_settings_statement({"statement_timeout": "{0}"})
SET_TIME_LIMITS_AND_PLANNER = build_settings_statement(_TIME_LIMITS | PLANNER_SETTINGS)


class Connections:
    """Opens transactions.

    Without `is_locking` racing writers are not serialized: for negative controls.
    With `is_pooled` a connection keeps no settings from one transaction to the next.
    `open_pipeline` is entered around each transaction that writes.
    """

    def __init__(
        self,
        engine: Engine,
        wait_seconds: float,
        *,
        max_connections: int,
        is_locking: bool = True,
        is_pooled: bool = False,
        open_pipeline: Pipeline = nullcontext,
    ) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        self._engine = engine
        self._is_sqlite = is_sqlite
        self._is_pooled = is_pooled
        self._wait_seconds = wait_seconds
        self._free_connections = BoundedSemaphore(
            max_connections
        )  # the pool itself knows no deadlines
        # By default each statement on PostgreSQL sees what is committed by then; a
        # snapshot is one state for all. With SQLite's write-ahead log every transaction
        # has one.
        self._read_engine = (
            engine if is_sqlite else engine.execution_options(**SNAPSHOT)
        )
        self._writer_queue = (
            WriterQueue(wait_seconds, is_shared=is_sqlite) if is_locking else None
        )
        # SQLite's driver lets us begin transactions ourselves.
        self._begin_read = BEGIN_READ if is_sqlite else None
        self._begin_write = BEGIN_WRITE if is_sqlite and is_locking else None
        self.is_locking = is_locking
        self._open_pipeline = open_pipeline
        self.count_transaction: CountTransaction | None = None

    @contextmanager
    def write(self, workspace: str | None = None) -> Iterator[Connection]:
        """Open a transaction that writes, when its turn has come.

        It is committed at the end, and rolled back on an exception.
        """
        turn = (
            self._writer_queue.acquire(workspace)
            if self._writer_queue
            else nullcontext()
        )
        is_committing = False
        try:
            with (
                turn,
                self._reserve_connection(),
                self._measure("write"),
                translate_database_errors(),
                open_transaction(
                    self._engine,
                    self._begin_write,
                    self._set_first_limits,
                    self._open_pipeline,
                ) as connection,
            ):
                yield connection
                _reject_after_deadline()
                is_committing = True
        except Unavailable as failed:
            failed.is_unsure = is_committing and failed.reason == "unreachable"
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that reads one snapshot and is rolled back at its end."""
        with (
            self._reserve_connection(),
            self._measure("read"),
            translate_database_errors(),
            self._read_engine.connect() as connection,
        ):
            if self._is_pooled:
                # One round trip with BEGIN.
                with self._open_pipeline(connection):
                    self._set_first_limits(connection)
            else:
                self.set_time_limits(connection)
            if self._begin_read:
                connection.exec_driver_sql(self._begin_read)
            yield connection

    def _set_first_limits(self, connection: Connection) -> None:
        """Limit the statements of a new transaction; make its settings behind a pooler."""
        if not self._is_pooled:
            self.set_time_limits(connection)
            return
        seconds = limit_to_deadline(self._wait_seconds)
        connection.exec_driver_sql(
            SET_TIME_LIMITS_AND_PLANNER.format(_to_milliseconds(seconds))
        )

    def set_time_limits(self, connection: Connection) -> None:
        """Limit the following statements to the time left until the deadline."""
        seconds = limit_to_deadline(self._wait_seconds)
        if self._is_sqlite:
            # A connection keeps its limit, so that the usual one is put back.
            if connection.info.get("patience", self._wait_seconds) != seconds:
                connection.exec_driver_sql(
                    f"PRAGMA busy_timeout = {_to_milliseconds(seconds)}"
                )
                connection.info["patience"] = seconds
        elif seconds < self._wait_seconds:
            connection.exec_driver_sql(
                SET_TIME_LIMITS.format(_to_milliseconds(seconds))
            )

    def extend_time_limit(self, connection: Connection, seconds: float) -> None:
        """Let each following statement take so long, at most until the deadline."""
        if not self._is_sqlite:
            limit = _to_milliseconds(limit_to_deadline(seconds))
            connection.exec_driver_sql(SET_STATEMENT_TIMEOUT.format(limit))

    @contextmanager
    def _measure(self, kind: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            if self.count_transaction:
                self.count_transaction(kind, perf_counter() - start)

    @contextmanager
    def _reserve_connection(self) -> Iterator[None]:
        """Wait for one of the pool's connections until the deadline."""
        _reject_after_deadline()
        if not self._free_connections.acquire(
            timeout=limit_to_deadline(self._wait_seconds)
        ):
            raise Unavailable("busy")
        try:
            yield
        finally:
            self._free_connections.release()


def _reject_after_deadline() -> None:
    """Raise Unavailable after the deadline; before a commit this rolls back."""
    if is_deadline_over():
        raise Unavailable("busy")


def _to_milliseconds(seconds: float) -> int:
    """Return at least one: PostgreSQL takes 0 for no limit."""
    return max(1, int(seconds * 1000))


@contextmanager
def open_transaction(
    engine: Engine,
    how: str | None,
    limit: Callable[[Connection], None] = lambda _: None,
    open_pipeline: Pipeline = nullcontext,
) -> Iterator[Connection]:
    """Run a transaction: commit at the end, roll back on an exception.

    `how` is the statement that begins it, if one is needed: with a listener to
    SQLAlchemy's event each statement takes a third longer.
    """
    with (
        engine.connect() as connection,
        connection.begin() as transaction,
        open_pipeline(connection),
    ):
        limit(connection)
        if how:
            connection.exec_driver_sql(how)
        yield connection
        transaction.commit()


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Translate failures of the database, without its text, which may quote input."""
    try:
        yield
    except SQLAlchemyError as problem:
        raise as_unavailable(problem) from None

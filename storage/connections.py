"""Connections that write and that read: begun in the right way, in turn, and with failures as the core knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from storage.locks import FairLock
from storage.troubles import unavailable


class Connections:
    """Where transactions come from. Without `locked` racing writers are not held apart: for negative controls."""

    def __init__(self, engine: Engine, queue: FairLock | None, *, locked: bool = True) -> None:
        how = ("BEGIN IMMEDIATE" if locked else None) if queue else "BEGIN"
        self._writing = engine.execution_options(begin=how)
        self._reading = engine
        self._queue = queue if locked else None
        self.locked = locked

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: it commits at its end and rolls back on an exception."""
        with self._queue.held() if self._queue else nullcontext(), troubled(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads."""
        with troubled(), self._reading.begin() as connection:
            yield connection


@contextmanager
def troubled() -> Iterator[None]:
    """Failures of the database, without its words, which may quote what people typed."""
    try:
        yield
    except SQLAlchemyError as problem:
        raise unavailable(problem) from None

"""Detects that a file of SQLite was deleted or replaced while the program runs."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

FileIdentity = tuple[int, int]  # device and inode


class FileGuard:
    """Refuses to use files that are not those that were opened.

    SQLite goes on writing into a file that has no name any more, and makes an empty one
    in its place when asked to open it again. What is acknowledged then is lost at the
    next start.

    The database's own file must be the one that was opened first, until `forget_file`.
    Its write-ahead log and the index of the log stay the same while a connection of any
    process is open; the last one that closes deletes both.
    """

    def __init__(self, engine: Engine, path: str) -> None:
        self._path = str(Path(path).absolute())
        self._log_path = f"{self._path}-wal"
        self._index_path = f"{self._path}-shm"
        self._file: FileIdentity | None = None
        self._log: FileIdentity | None = None
        self._index: FileIdentity | None = None
        self._open_connections: set[int] = set()
        event.listen(engine, "do_connect", self._check_before_connecting)
        event.listen(engine, "connect", self._remember_files)
        event.listen(engine, "checkout", self._check_at_checkout)
        event.listen(engine, "checkin", self._remember_log)
        event.listen(engine, "close", self._forget_connection)

    def forget_file(self) -> None:
        """Take whatever files are there at the next connection."""
        self._file = self._log = self._index = None

    def _remember_files(self, connection: Any, _record: Any) -> None:
        self._file = self._file or read_file_identity(self._path)
        if not self._open_connections:
            self._log = self._index = None
        self._remember_log()
        self._open_connections.add(id(connection))

    def _remember_log(self, *_: Any) -> None:
        """Remember the log; a new database has none before its first transaction."""
        if self._log is None:
            self._log = read_file_identity(self._log_path)
            self._index = read_file_identity(self._index_path)

    def _forget_connection(self, connection: Any, _record: Any) -> None:
        self._open_connections.discard(id(connection))

    def _has_file_changed(self) -> bool:
        return self._file is not None and read_file_identity(self._path) != self._file

    def _has_log_changed(self) -> bool:
        return (
            self._log is not None and read_file_identity(self._log_path) != self._log
        ) or (
            self._index is not None
            and read_file_identity(self._index_path) != self._index
        )

    def _is_log_open(self) -> bool:
        """Return whether this process, or another one, has the former log open."""
        is_index_there = (
            self._index is not None
            and read_file_identity(self._index_path) == self._index
        )
        return bool(self._open_connections) or is_index_there

    def _check_before_connecting(self, *_: Any) -> None:
        if self._has_file_changed():
            raise sqlite3.OperationalError(
                "the database's file was deleted or replaced"
            )
        # A new connection beside an old one would make another log.
        if self._has_log_changed() and self._is_log_open():
            raise sqlite3.OperationalError(
                "the write-ahead log of the database was deleted or replaced"
            )

    def _check_at_checkout(self, connection: Any, *_: Any) -> None:
        if self._has_file_changed():
            raise InvalidatePoolError
        if self._has_log_changed():
            self._save_log(connection)
            raise InvalidatePoolError

    def _save_log(self, connection: sqlite3.Connection) -> None:
        """Copy what was acknowledged from a deleted log into the database's file.

        The log is emptied, lest it be put back later and undo what was written since.
        Where another log is in its place, another process may already write into it.
        """
        if read_file_identity(self._log_path) is None:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def read_file_identity(path: str) -> FileIdentity | None:
    """Return what tells a file from every other, or None when it is not there."""
    try:
        # Called at every use of a connection; Path.stat takes twice as long.
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino

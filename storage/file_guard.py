"""Detects that a SQLite file was deleted or replaced while the program runs."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

FileIdentity = tuple[int, int]  # device and inode


class FileGuard:
    """Refuses to use a file that is not the one that was opened first, until it is back or `forget` is called.

    SQLite goes on writing into a file that has no name any more, and makes an empty one in its place when asked to open
    it again. What is acknowledged then is lost at the next start.
    """

    def __init__(self, engine: Engine, path: str) -> None:
        self._path = Path(path).absolute()
        self._identity_at_opening: FileIdentity | None = None
        event.listen(engine, "do_connect", self._check_before_connecting)
        event.listen(engine, "connect", self._remember_identity)
        event.listen(engine, "checkout", self._check_at_checkout)

    def forget_file(self) -> None:
        """Take whatever file is there at the next connection."""
        self._identity_at_opening = None

    def _remember_identity(self, *_: Any) -> None:
        self._identity_at_opening = self._identity_at_opening or read_file_identity(
            self._path
        )

    def _has_file_changed(self) -> bool:
        return (
            self._identity_at_opening is not None
            and read_file_identity(self._path) != self._identity_at_opening
        )

    def _check_before_connecting(self, *_: Any) -> None:
        if self._has_file_changed():
            raise sqlite3.OperationalError(
                "the database's file was deleted or replaced"
            )

    def _check_at_checkout(self, *_: Any) -> None:
        if self._has_file_changed():
            raise InvalidatePoolError


def read_file_identity(path: Path) -> FileIdentity | None:
    """Return what tells a file from every other, or None when it is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116 - at every use of a connection, and Path.stat takes twice as long
    except OSError:
        return None
    return status.st_dev, status.st_ino

"""Reasons of database failures, without its text, which may quote input."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from collab.unit_of_work import Unavailable

_REASON_BY_SQLITE_CODE = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
}
_REASON_BY_SQLSTATE = {
    "55P03": "busy",
    "57014": "busy",
    "40P01": "busy",
    "40001": "busy",
    "53300": "busy",
    "25006": "read_only",
    "42501": "read_only",
    "53100": "full",
    "53200": "full",
    "3D000": "unreachable",
    "58030": "disk",
}

UNREACHABLE_CLASSES = {
    "08",
    "28",
    "57",
}  # connection, authorisation, operator's intervention


def failure_reason(problem: SQLAlchemyError) -> str:
    """Return why it failed: busy, read_only, full, disk, unreachable or broken.

    Without a code of the database the class decides: OperationalError and
    InterfaceError are about the connection, all others about the statement.
    """
    if isinstance(problem, PoolTimeout):
        return "busy"
    cause = problem.orig if isinstance(problem, DBAPIError) else None
    state = getattr(cause, "sqlstate", None)
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return _REASON_BY_SQLITE_CODE.get(code & 0xFF, "broken")
    if state:
        return _REASON_BY_SQLSTATE.get(
            state, "unreachable" if state[:2] in UNREACHABLE_CLASSES else "broken"
        )
    return (
        "unreachable"
        if isinstance(problem, OperationalError | InterfaceError)
        else "broken"
    )


def as_unavailable(problem: SQLAlchemyError) -> Unavailable:
    """Return the failure as an error of the core."""
    return Unavailable(failure_reason(problem))

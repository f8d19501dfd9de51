"""Failed items of due work in the database; no event records them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from collab.due_failures import DueFailure
from storage.connections import Connections
from storage.sql import WorkspaceReader, of_workspace, param
from storage.tables import due_failures

_COLUMNS = due_failures.c
_SELECT_FAILURE = select(
    _COLUMNS.workspace,
    _COLUMNS.kind,
    _COLUMNS.item,
    _COLUMNS.attempts,
    _COLUMNS.retry_at,
    _COLUMNS.error_id,
)
_FAILURES_OF_WORKSPACE = _SELECT_FAILURE.where(of_workspace(due_failures))
_ALL_FAILURES = _SELECT_FAILURE.order_by(
    _COLUMNS.attempts.desc(), _COLUMNS.workspace, _COLUMNS.kind, _COLUMNS.item
).limit(param("most"))
_INSERT_FAILURE = due_failures.insert()
_DELETE_FAILURE = delete(due_failures).where(
    of_workspace(due_failures),
    _COLUMNS.kind == param("of_kind"),
    _COLUMNS.item == param("of_item"),
)


class DueFailureRepository(WorkspaceReader):
    """Reads failed items of due work."""

    def list_due_failures(self) -> Sequence[DueFailure]:
        """Return the items of due work that failed and were not done since."""
        return [DueFailure(*row) for row in self._read_rows(_FAILURES_OF_WORKSPACE)]


def save_failure(connection: Connection, failure: DueFailure) -> None:
    """Record that an item failed, in place of its earlier failure."""
    delete_failures(connection, [failure])
    connection.execute(_INSERT_FAILURE, asdict(failure))


def delete_failures(connection: Connection, failures: Sequence[DueFailure]) -> None:
    """Remove failures whose items are done or no longer due."""
    rows = [{"w": f.workspace, "of_kind": f.kind, "of_item": f.item} for f in failures]
    if rows:
        connection.execute(_DELETE_FAILURE, rows)


class DueFailureLog:
    """Return the failures of all workspaces, for the operator."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def list_failures(self, limit: int = 20) -> Sequence[DueFailure]:
        """Return the failures, those that failed most often first."""
        with self._connections.read() as connection:
            return [
                DueFailure(*row)
                for row in connection.execute(_ALL_FAILURES, {"most": limit})
            ]

"""Items of due work that failed, as stored; no event tells of them, as nothing happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from collab.due_work import DueFailure
from storage.connections import Connections
from storage.statements import Reader, given, in_workspace
from storage.tables import due_failures

_F = due_failures.c
_FAILURE = select(_F.workspace, _F.kind, _F.item, _F.attempts, _F.retry_at, _F.error_id)
_OF_WORKSPACE = _FAILURE.where(in_workspace(due_failures))
_ALL = _FAILURE.order_by(_F.attempts.desc(), _F.workspace, _F.kind, _F.item).limit(given("most"))
_ADD = due_failures.insert()
_REMOVE = delete(due_failures).where(
    in_workspace(due_failures), _F.kind == given("of_kind"), _F.item == given("of_item")
)


class DueFailureFacts(Reader):
    """Answers about due work that failed."""

    def due_failures(self) -> Sequence[DueFailure]:
        """The items of due work that failed and were not done since."""
        return [DueFailure(*row) for row in self._rows(_OF_WORKSPACE)]


def postpone(connection: Connection, failure: DueFailure) -> None:
    """Record that an item failed, in place of its earlier failure."""
    forget(connection, [failure])
    connection.execute(_ADD, asdict(failure))


def forget(connection: Connection, failures: Sequence[DueFailure]) -> None:
    """Remove failures whose items are done or no longer due."""
    rows = [{"w": f.workspace, "of_kind": f.kind, "of_item": f.item} for f in failures]
    if rows:
        connection.execute(_REMOVE, rows)


class DueFailures:
    """The failures of all workspaces, for the operator."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def list(self, most: int = 20) -> Sequence[DueFailure]:
        """Return the failures, those that failed most often first."""
        with self._connections.read() as connection:
            return [DueFailure(*row) for row in connection.execute(_ALL, {"most": most})]

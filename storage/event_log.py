"""The event log: every event of a workspace in order, for export and replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from collab.events import RecordedEvent
from collab.model import WorkspaceId
from storage.connections import Connections
from storage.event_store import EventRepository
from storage.sql import param
from storage.tables import processed_requests, workspaces

_SELECT_WORKSPACE_IDS = select(workspaces.c.id).order_by(workspaces.c.id)
_DELETE_OLD_REQUESTS = delete(processed_requests).where(
    processed_requests.c.workspace.in_(_SELECT_WORKSPACE_IDS.order_by(None)),
    processed_requests.c.at < param("before"),
)
_PAGE_SIZE = 1000
REQUESTS_KEPT = timedelta(days=1)  # Slack repeats a request for an hour at most


class EventLog:
    """Reads all events, for export and replay, and forgets old requests."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def list_workspaces(self) -> Sequence[WorkspaceId]:
        """Return the ids of all workspaces."""
        with self._connections.read() as connection:
            return list(connection.execute(_SELECT_WORKSPACE_IDS).scalars())

    def export_events(self, workspace: WorkspaceId) -> Iterator[RecordedEvent]:
        """Iterate over all events of a workspace, oldest first, read in pages."""
        first, page = 1, self._read_page(workspace, 1)
        while page:
            yield from page
            first = page[-1].seq + 1
            page = self._read_page(workspace, first)

    def delete_old_requests(self, at: datetime) -> int:
        """Forget the requests that are not repeated any more; return how many."""
        values = {"before": at - REQUESTS_KEPT}
        with self._connections.write() as connection:
            return connection.execute(_DELETE_OLD_REQUESTS, values).rowcount

    def _read_page(self, workspace: WorkspaceId, first: int) -> Sequence[RecordedEvent]:
        with self._connections.read() as connection:
            return EventRepository(connection, workspace, {}).list_events_from(
                first, _PAGE_SIZE
            )

"""The event log: every event of a workspace in order, for export and replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from collab.events import RecordedEvent
from collab.model import WorkspaceId
from storage.connections import Connections
from storage.event_store import EventRepository
from storage.tables import workspaces

_SELECT_WORKSPACE_IDS = select(workspaces.c.id).order_by(workspaces.c.id)
_PAGE_SIZE = 1000


class EventLog:
    """Reads all events, for export and replay."""

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

    def _read_page(self, workspace: WorkspaceId, first: int) -> Sequence[RecordedEvent]:
        with self._connections.read() as connection:
            return EventRepository(connection, workspace, {}).list_events_from(
                first, _PAGE_SIZE
            )

"""Sent messages: those that are kept up to date, and the starts of threads."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, delete, select, text

from collab.invitations.links import InvitationLink
from collab.model import WorkspaceId
from collab.notifications.sent_messages import LiveMessage, MessageThread, SentRecord
from storage.connections import Connections
from storage.invitation_links import mark_link_sent
from storage.sql import param
from storage.tables import live_messages, message_threads

_INSERT_LIVE_MESSAGE = live_messages.insert()
_SELECT_LIVE_MESSAGES = (
    select(
        live_messages.c.workspace,
        live_messages.c.subject_id,
        live_messages.c.target,
        live_messages.c.message,
        live_messages.c.address,
        live_messages.c.topics,
    )
    .where(
        live_messages.c.workspace == param("w"),
        live_messages.c.subject_id == param("subject_id"),
        live_messages.c.target == param("target"),
    )
    .order_by(live_messages.c.id)
)
_DELETE_LIVE_MESSAGE = delete(live_messages).where(
    live_messages.c.workspace == param("workspace"),
    live_messages.c.subject_id == param("subject_id"),
    live_messages.c.target == param("target"),
    live_messages.c.address == param("address"),
)


_IS_THREAD = (
    message_threads.c.workspace == param("w"),
    message_threads.c.target == param("target"),
    message_threads.c.subject_id == param("subject_id"),
)
_SELECT_THREAD = select(message_threads.c.address).where(*_IS_THREAD)
_INSERT_THREAD = text(
    "INSERT INTO message_threads (workspace, target, subject_id, address)"
    " VALUES (:workspace, :target, :subject_id, :address)"
    " ON CONFLICT (workspace, target, subject_id)"
    " DO UPDATE SET address = excluded.address"
)


def save_sent_message(connection: Connection, record: SentRecord) -> None:
    """Save a live message, the start of a thread, or that a link was sent."""
    if isinstance(record, InvitationLink):
        mark_link_sent(connection, record)
        return
    is_thread = isinstance(record, MessageThread)
    insert = _INSERT_THREAD if is_thread else _INSERT_LIVE_MESSAGE
    connection.execute(insert, asdict(record))


class SentMessageStore:
    """Saves and reads live messages and threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def save_live_message(self, message: LiveMessage) -> None:
        """Save a message that is to be kept up to date."""
        with self._connections.write() as connection:
            connection.execute(_INSERT_LIVE_MESSAGE, asdict(message))

    def delete_live_message(self, message: LiveMessage) -> None:
        """Delete a message that does not exist any more."""
        row = asdict(message)
        del row["message"], row["topics"]
        with self._connections.write() as connection:
            connection.execute(_DELETE_LIVE_MESSAGE, row)

    def list_live_messages(
        self, workspace: WorkspaceId, subject_id: str, target: str
    ) -> list[LiveMessage]:
        """Return the messages that a target got about a subject, oldest first."""
        with self._connections.read() as connection:
            named = {"w": workspace, "subject_id": subject_id, "target": target}
            rows = connection.execute(_SELECT_LIVE_MESSAGES, named)
            return [LiveMessage(*row) for row in rows]

    def find_thread_address(
        self, workspace: WorkspaceId, target: str, subject_id: str
    ) -> str | None:
        """Return the address of the first message of a target's thread."""
        with self._connections.read() as connection:
            named = {"w": workspace, "target": target, "subject_id": subject_id}
            address: str | None = connection.execute(_SELECT_THREAD, named).scalar()
            return address

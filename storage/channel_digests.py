"""What is held for channels that hear of things together, until it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, text, update

from collab import events
from collab.events import RecordedEvent
from collab.model import DueChannelDigest, QueuedForChannel
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import channel_digest_items

_IS_QUEUED = text(
    "held.digest IS NULL"
)  # spelled out, so that the partial index serves
_COLUMNS = channel_digest_items.c
_DUE_DIGESTS = (
    select(_COLUMNS.channel, _COLUMNS.resource, func.max(_COLUMNS.person), func.count())
    .where(of_workspace(channel_digest_items), _IS_QUEUED, _COLUMNS.due <= param("at"))
    .group_by(_COLUMNS.channel, _COLUMNS.resource)
    .order_by(_COLUMNS.channel, _COLUMNS.resource)
    .limit(param("most"))
)
_EVENTS_OF_DIGEST = (
    select(_COLUMNS.seq)
    .where(
        of_workspace(channel_digest_items),
        _COLUMNS.digest == param("of"),
        text("held.digest IS NOT NULL"),
    )
    .order_by(_COLUMNS.seq)
    .limit(param("most"))
)
_INSERT_ITEM = channel_digest_items.insert()
_ITEMS_OF_CHANNEL_LINK = (
    of_workspace(channel_digest_items),
    _IS_QUEUED,
    _COLUMNS.channel == param("c"),
    _COLUMNS.resource == param("r"),
)
_ASSIGN_TO_DIGEST = (
    update(channel_digest_items)
    .where(*_ITEMS_OF_CHANNEL_LINK, _COLUMNS.due <= param("at"))
    .values(digest=param("of"))
)
_DELETE_QUEUED_ITEMS = delete(channel_digest_items).where(*_ITEMS_OF_CHANNEL_LINK)
_DELETE_DIGEST_ITEMS = delete(channel_digest_items).where(
    of_workspace(channel_digest_items),
    _COLUMNS.digest == param("of"),
    text("held.digest IS NOT NULL"),
)


class ChannelDigestRepository(WorkspaceReader):
    """Answers about what channels hear of together."""

    def list_due_channel_digests(
        self, at: datetime, most: int
    ) -> Sequence[DueChannelDigest]:
        """What channels are to be told together by a moment."""
        return [
            DueChannelDigest(*row)
            for row in self._read_rows(_DUE_DIGESTS, at=at, most=most)
        ]

    def list_channel_digest_event_seqs(self, seq: int, most: int) -> Sequence[int]:
        """The numbers of the first few facts that a channel is told together with one event, oldest first."""
        return [
            row.seq for row in self._read_rows(_EVENTS_OF_DIGEST, of=seq, most=most)
        ]


def queue_events(
    connection: Connection, workspace: str, kept: Sequence[QueuedForChannel]
) -> None:
    """Hold what channels are to hear of later."""
    rows = [
        {"workspace": workspace, "seq": h.seq, "due": h.due, "digest": None}
        | {
            "channel": h.link.channel,
            "resource": h.link.resource,
            "person": h.link.person,
        }
        for h in kept
    ]
    if rows:
        connection.execute(_INSERT_ITEM, rows)


def delete_digest_items(connection: Connection, workspace: str, seq: int) -> None:
    """What was told with one event is held no more."""
    connection.execute(_DELETE_DIGEST_ITEMS, {"w": workspace, "of": seq})


def assign_items_to_digest(
    recorded: RecordedEvent, event: events.ChannelDigested
) -> Iterator[Write]:
    """All that was due for a channel is told with this."""
    of_link = {"w": recorded.workspace, "c": event.channel, "r": event.resource}
    yield _ASSIGN_TO_DIGEST, of_link | {"at": recorded.at, "of": recorded.seq}


def delete_queued_items(
    recorded: RecordedEvent, event: events.ChannelUnlinked
) -> Iterator[Write]:
    """A channel that hears of a resource no more is not told what was held for it."""
    yield (
        _DELETE_QUEUED_ITEMS,
        {"w": recorded.workspace, "c": event.channel, "r": event.resource},
    )

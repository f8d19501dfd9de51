"""Messages that are queued for digests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, and_, case, delete, func, select, text, update

from collab import events
from collab.events import RecordedEvent
from collab.model import DigestItem, DueDigest, WorkspaceId
from collab.notifications.digests import MAX_PERSONAL_DIGEST_ITEMS
from collab.notifications.targets import format_channel_target
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import digest_items

# Spelled out, so that the partial indexes serve.
IS_QUEUED_FOR_DIGEST = text("digest_items.digest_seq IS NULL")
_IS_IN_DIGEST = text("digest_items.digest_seq IS NOT NULL")
_COLUMNS = digest_items.c
_IS_PERSONAL = _COLUMNS.resource_id == ""
_RANK = func.dense_rank().over(
    partition_by=(_COLUMNS.recipient, _COLUMNS.resource_id), order_by=_COLUMNS.seq
)
# A person with many items gets several digests; a channel gets one, however long.
_DUE_ITEMS = (
    select(
        _COLUMNS.recipient,
        _COLUMNS.resource_id,
        _COLUMNS.escalate_to,
        _COLUMNS.seq,
        case((_IS_PERSONAL, (_RANK - 1) // MAX_PERSONAL_DIGEST_ITEMS), else_=0).label(
            "part"
        ),
    )
    .where(
        of_workspace(digest_items), IS_QUEUED_FOR_DIGEST, _COLUMNS.due <= param("at")
    )
    .subquery()
)
_DIGEST_KEY = (_DUE_ITEMS.c.recipient, _DUE_ITEMS.c.resource_id, _DUE_ITEMS.c.part)
DUE_DIGESTS = (
    select(
        _DUE_ITEMS.c.recipient,
        func.count().label("item_count"),
        func.max(_DUE_ITEMS.c.seq).label("last_seq"),
        func.nullif(_DUE_ITEMS.c.resource_id, "").label("resource_id"),
        func.max(_DUE_ITEMS.c.escalate_to).label("escalate_to"),
    )
    .group_by(*_DIGEST_KEY)
    .order_by(*_DIGEST_KEY)
    .limit(param("most"))
)
_OF_DIGEST = and_(
    of_workspace(digest_items), _COLUMNS.digest_seq == param("of"), _IS_IN_DIGEST
)
_ITEMS_OF_DIGEST = (
    select(
        _COLUMNS.recipient,
        _COLUMNS.seq,
        _COLUMNS.message,
        _COLUMNS.due,
        func.nullif(_COLUMNS.resource_id, ""),
        _COLUMNS.escalate_to,
    )
    .where(_OF_DIGEST)
    .order_by(_COLUMNS.seq, _COLUMNS.message)
    .limit(param("most"))
)
_INSERT_ITEM = digest_items.insert()
_QUEUED_FOR_RECIPIENT = and_(
    of_workspace(digest_items),
    IS_QUEUED_FOR_DIGEST,
    _COLUMNS.recipient == param("target"),
    _COLUMNS.resource_id == param("resource"),
)
_DUE_FOR_RECIPIENT = and_(
    _QUEUED_FOR_RECIPIENT,
    _COLUMNS.due <= param("at"),
    _COLUMNS.seq <= param("last_seq"),
)
_ASSIGN_TO_DIGEST = (
    update(digest_items).where(_DUE_FOR_RECIPIENT).values(digest_seq=param("of"))
)
_DELETE_DUE_ITEMS = delete(digest_items).where(_DUE_FOR_RECIPIENT)
_DELETE_QUEUED_ITEMS = delete(digest_items).where(_QUEUED_FOR_RECIPIENT)
_DELETE_DIGEST = delete(digest_items).where(_OF_DIGEST)


class DigestRepository(WorkspaceReader):
    """Reads messages that are queued for digests."""

    def list_due_digests(self, at: datetime, most: int) -> Sequence[DueDigest]:
        """Return the first digests that are due at a time."""
        rows = self._read_rows(DUE_DIGESTS, at=at, most=most)
        return [DueDigest(*row) for row in rows]

    def list_digest_items(self, seq: int, most: int) -> Sequence[DigestItem]:
        """Return the first items of an event's digest, in the order of their events."""
        rows = self._read_rows(_ITEMS_OF_DIGEST, of=seq, most=most)
        return [DigestItem(*row) for row in rows]


def queue_items(
    connection: Connection, workspace: WorkspaceId, items: Sequence[DigestItem]
) -> None:
    """Insert items that are queued for digests."""
    rows = [
        {"workspace": workspace, **asdict(item), "resource_id": item.resource_id or ""}
        for item in items
    ]
    if rows:
        connection.execute(_INSERT_ITEM, rows)


def delete_sent_items(connection: Connection, workspace: WorkspaceId, seq: int) -> None:
    """Delete the items of the digest of an event, as it was delivered."""
    connection.execute(_DELETE_DIGEST, {"w": workspace, "of": seq})


def assign_items_to_digest(
    recorded: RecordedEvent, event: events.DigestSent
) -> Iterator[Write]:
    """Assign a recipient's due items to a digest, or delete them if it is discarded."""
    due = {
        "w": recorded.workspace,
        "target": event.recipient,
        "resource": event.resource or "",
        "at": recorded.at,
        "last_seq": event.last_seq,
    }
    if event.is_discarded:
        yield _DELETE_DUE_ITEMS, due
    else:
        yield _ASSIGN_TO_DIGEST, due | {"of": recorded.seq}


def delete_queued_items(
    recorded: RecordedEvent, event: events.ChannelUnlinked
) -> Iterator[Write]:
    """Delete what is queued for a channel about a resource that it was linked to."""
    yield (
        _DELETE_QUEUED_ITEMS,
        {
            "w": recorded.workspace,
            "target": format_channel_target(event.channel),
            "resource": event.resource,
        },
    )

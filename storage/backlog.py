"""What waits in the outbox of all workspaces, for the operator."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from storage.outbox import HAS_FAILED, IS_QUEUED, IS_RUNNING
from storage.tables import events, outbox

_WAITING = select(func.count()).select_from(outbox).where(IS_QUEUED, IS_RUNNING)
_FAILED = select(func.count()).select_from(outbox).where(HAS_FAILED)
_OLDEST_EVENT_AT = (
    select(func.min(events.c.at))
    .select_from(outbox)
    .join(
        events,
        (events.c.workspace == outbox.c.workspace) & (events.c.seq == outbox.c.seq),
    )
    .where(IS_QUEUED, IS_RUNNING)
)


class OutboxBacklog(NamedTuple):
    """How many deliveries wait and were given up.

    `oldest_event_at` is when the oldest event with a waiting delivery happened; other
    deliveries have no time of their own.
    """

    waiting: int
    failed: int
    oldest_event_at: datetime | None


def read_backlog(connection: Connection) -> OutboxBacklog:
    """Return what waits, without what waits for a workspace to be switched on."""
    return OutboxBacklog(
        connection.execute(_WAITING).scalar_one(),
        connection.execute(_FAILED).scalar_one(),
        connection.execute(_OLDEST_EVENT_AT).scalar(),
    )

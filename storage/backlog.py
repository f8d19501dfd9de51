"""What waits in the outbox of all workspaces, for the operator."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, not_, or_, select, text

from storage.tables import events, outbox, workspaces

# Spelled out, so that the partial indexes serve.
_IS_QUEUED, _HAS_FAILED = (
    text("outbox.state = 'queued'"),
    text("outbox.state = 'failed'"),
)
_STOPPED_WORKSPACES = select(workspaces.c.id).where(
    or_(not_(workspaces.c.installed), workspaces.c.disabled)
)
_IS_RUNNING = outbox.c.workspace.not_in(_STOPPED_WORKSPACES)
_WAITING = select(func.count()).select_from(outbox).where(_IS_QUEUED, _IS_RUNNING)
_FAILED = select(func.count()).select_from(outbox).where(_HAS_FAILED)
_OLDEST_EVENT_AT = (
    select(func.min(events.c.at))
    .select_from(outbox)
    .join(
        events,
        (events.c.workspace == outbox.c.workspace) & (events.c.seq == outbox.c.seq),
    )
    .where(_IS_QUEUED, _IS_RUNNING)
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

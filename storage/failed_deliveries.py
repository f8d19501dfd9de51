"""Deliveries that failed for good, as far as they concern a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select, text

from collab import events
from collab.events import RecordedEvent
from collab.model import Delivery, DeliveryId, PersonId
from collab.notifications.messages import BACKGROUND_MESSAGES, DELIVERY_FAILED
from collab.notifications.targets import format_person_target
from storage.outbox import (
    DELIVERY_COLUMNS,
    RETRY_FAILED,
    delivery_from_row,
)
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import outbox

_COLUMNS = outbox.c
# Spelled out, so that the partial indexes serve.
_HAS_FAILED = text("outbox.state = 'failed'")
_FAILED_FOR_PERSON = select(*DELIVERY_COLUMNS).where(
    of_workspace(outbox),
    _HAS_FAILED,
    or_(_COLUMNS.escalate_to == param("p"), _COLUMNS.target == param("target")),
    _COLUMNS.seq.is_not(None),
    _COLUMNS.message.not_in(sorted({*BACKGROUND_MESSAGES, DELIVERY_FAILED})),
)
_NEWEST_FAILED = _FAILED_FOR_PERSON.order_by(_COLUMNS.id.desc()).limit(param("most"))
_FAILED_BY_ID = _FAILED_FOR_PERSON.where(_COLUMNS.id == param("row"))


class DeliveryRepository(WorkspaceReader):
    """Reads notifications that could not be delivered."""

    def list_failed_deliveries(
        self, person_id: PersonId, most: int
    ) -> Sequence[Delivery]:
        """Return what was for a person, or is escalated to them; newest first."""
        target = format_person_target(person_id)
        rows = self._read_rows(_NEWEST_FAILED, p=person_id, target=target, most=most)
        return [delivery_from_row(row) for row in rows]

    def find_failed_delivery(
        self, person_id: PersonId, delivery_id: DeliveryId
    ) -> Delivery | None:
        """Return one of these by its id."""
        target = format_person_target(person_id)
        row = self._read_row(_FAILED_BY_ID, p=person_id, target=target, row=delivery_id)
        return delivery_from_row(row) if row else None


def retry_delivery(
    _recorded: RecordedEvent, event: events.NoticeRetried
) -> Iterator[Write]:
    """Queue a failed delivery again."""
    yield RETRY_FAILED, {"row": event.delivery}

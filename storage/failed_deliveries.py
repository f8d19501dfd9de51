"""Deliveries that failed for good, as far as they concern a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select, text, union_all

from collab import events
from collab.events import RecordedEvent
from collab.model import (
    Delivery,
    DeliveryId,
    InvitationId,
    MailProgress,
    PersonId,
)
from collab.notifications.messages import BACKGROUND_MESSAGES, DELIVERY_FAILED
from collab.notifications.targets import format_person_target
from storage.outbox import (
    DELIVERY_COLUMNS,
    RETRY_FAILED,
    delivery_from_row,
)
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import outbox

_COLUMNS = outbox.c
# Spelled out, so that the partial indexes serve.
_HAS_FAILED = text("outbox.state = 'failed'")
_IS_QUEUED = text("outbox.state = 'queued'")
_FAILED_FOR_PERSON = select(*DELIVERY_COLUMNS).where(
    of_workspace(outbox),
    _HAS_FAILED,
    or_(_COLUMNS.escalate_to == param("p"), _COLUMNS.target == param("target")),
    _COLUMNS.seq.is_not(None),
    _COLUMNS.message.not_in(sorted({*BACKGROUND_MESSAGES, DELIVERY_FAILED})),
)
_NEWEST_FAILED = _FAILED_FOR_PERSON.order_by(_COLUMNS.id.desc()).limit(param("most"))
_FAILED_BY_ID = _FAILED_FOR_PERSON.where(_COLUMNS.id == param("row"))


# Each by its partial index; the later ones of a person come last.
_UNSENT_INVITATIONS = union_all(
    *(
        select(
            _COLUMNS.id,
            _COLUMNS.subject_id,
            _COLUMNS.more,
            _COLUMNS.state,
            _COLUMNS.attempts,
            _COLUMNS.not_before,
            _COLUMNS.problem,
        ).where(
            of_workspace(outbox),
            is_in_state,
            in_array(_COLUMNS.target, "targets"),
            _COLUMNS.message.in_(["invitation", "invitation_reminder"]),
        )
        for is_in_state in (_HAS_FAILED, _IS_QUEUED)
    )
).order_by("id")


class DeliveryRepository(WorkspaceReader):
    """Reads notifications that could not be delivered, or not yet."""

    def get_mail_progress(
        self, person_ids: Collection[PersonId]
    ) -> Mapping[InvitationId, MailProgress]:
        """Return how far the unsent messages about invitations of people came."""
        targets = [format_person_target(each) for each in sorted(person_ids)]
        progress: dict[InvitationId, MailProgress] = {}
        for row in self._read_rows(_UNSENT_INVITATIONS, targets=targets):
            subject_ids = [row.subject_id, *(each.subject_id for each in row.more)]
            row_progress = _read_progress(row)
            progress |= {
                InvitationId(each): row_progress for each in subject_ids if each
            }
        return progress

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


def _read_progress(row: Any) -> MailProgress:
    if row.state == "failed":
        return MailProgress("failed", problem=row.problem)
    if not row.problem:
        return MailProgress("queued")
    next_at = datetime.fromtimestamp(row.not_before, UTC)
    return MailProgress("delayed", next_at, row.problem)


def retry_delivery(
    _recorded: RecordedEvent, event: events.NoticeRetried
) -> Iterator[Write]:
    """Queue a failed delivery again."""
    yield RETRY_FAILED, {"row": event.delivery}

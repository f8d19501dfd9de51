"""What is told later: notices that wait for a digest, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, text

from collab import events
from collab.events import RecordedEvent
from collab.model import Delivery, QueuedForPerson
from collab.notifications.messages import (
    DELIVERY_FAILED,
    HOME,
    MEMBERS,
    PROFILE,
    REFRESH,
)
from collab.notifications.personal import list_digest_entries
from collab.notifications.targets import format_person_target
from storage.outbox import (
    DELIVERY_COLUMNS,
    RETRY_FAILED,
    delivery_from_row,
)
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import outbox, personal_digest_items

_COLUMNS = personal_digest_items.c
_DUE_ITEMS = (
    select(_COLUMNS.person, _COLUMNS.seq, _COLUMNS.message, _COLUMNS.due)
    .where(of_workspace(personal_digest_items), _COLUMNS.due <= param("at"))
    .order_by(_COLUMNS.person, _COLUMNS.seq, _COLUMNS.message)
    .limit(param("most"))
)
_INSERT_ITEM = personal_digest_items.insert()
_DELETE_ITEM = delete(personal_digest_items).where(
    of_workspace(personal_digest_items),
    _COLUMNS.person == param("p"),
    _COLUMNS.seq == param("fact"),
    _COLUMNS.message == param("named"),
)
_OUTBOX_COLUMNS = outbox.c
_HAS_FAILED = text(
    "outbox.state = 'dead'"
)  # spelled out, so that the partial indexes serve
_FAILED_FOR_PERSON = (
    select(*DELIVERY_COLUMNS)
    .where(
        of_workspace(outbox),
        _HAS_FAILED,
        or_(
            _OUTBOX_COLUMNS.answerable == param("p"),
            _OUTBOX_COLUMNS.target == param("target"),
        ),
    )
    .where(
        _OUTBOX_COLUMNS.seq.is_not(None),
        _OUTBOX_COLUMNS.message.not_in(
            [HOME, PROFILE, MEMBERS, REFRESH, DELIVERY_FAILED]
        ),
    )
)
_NEWEST_FAILED = _FAILED_FOR_PERSON.order_by(_OUTBOX_COLUMNS.id.desc()).limit(
    param("most")
)
_FAILED_BY_ID = _FAILED_FOR_PERSON.where(_OUTBOX_COLUMNS.id == param("row"))


class PersonalDigestRepository(WorkspaceReader):
    """Answers about what is told later."""

    def list_due_personal_digest_items(
        self, at: datetime, most: int
    ) -> Sequence[QueuedForPerson]:
        """The notices that wait for a digest which is due by a moment, those of one person together, in their order."""
        return [
            QueuedForPerson(*row)
            for row in self._read_rows(_DUE_ITEMS, at=at, most=most)
        ]


class DeliveryRepository(WorkspaceReader):
    """Reads notifications that could not be delivered."""

    def list_failed_deliveries(self, person: str, most: int) -> Sequence[Delivery]:
        """What could not be delivered to a person, or is theirs to answer for; the newest first."""
        return [
            delivery_from_row(row)
            for row in self._read_rows(
                _NEWEST_FAILED, p=person, target=format_person_target(person), most=most
            )
        ]

    def find_failed_delivery(self, person: str, delivery: int) -> Delivery | None:
        """The one of these of that number."""
        row = self._read_row(
            _FAILED_BY_ID, p=person, target=format_person_target(person), row=delivery
        )
        return delivery_from_row(row) if row else None


def queue_notifications(
    connection: Connection, workspace: str, notices: Sequence[QueuedForPerson]
) -> None:
    """Notices wait for their person's digest."""
    if notices:
        connection.execute(
            _INSERT_ITEM,
            [{"workspace": workspace, **asdict(notice)} for notice in notices],
        )


def delete_sent_items(
    recorded: RecordedEvent, event: events.PersonDigested
) -> Iterator[Write]:
    """What was kept for somebody is on its way."""
    for seq, message in list_digest_entries(event):
        yield (
            _DELETE_ITEM,
            {"w": recorded.workspace, "p": event.person, "fact": seq, "named": message},
        )


def retry_delivery(
    _recorded: RecordedEvent, event: events.NoticeRetried
) -> Iterator[Write]:
    """What could not be delivered waits again."""
    yield RETRY_FAILED, {"row": event.delivery}

"""The outbox: queued notifications, in order for each target.

The outbox worker claims them under a lease by the database's clock.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    case,
    false,
    func,
    not_,
    or_,
    select,
    text,
    update,
)

from collab.model import Delivery, DeliveryId, Notification, PersonId, WorkspaceId
from collab.notifications.delivery_failures import build_failure_notifications
from collab.notifications.messages import DIGEST_MESSAGES, HOME
from collab.notifications.sent_messages import SentRecord
from collab.notifications.targets import (
    format_home_target,
)
from storage import digests, sent_messages
from storage.people import PeopleRepository
from storage.sent_messages import SentMessageStore
from storage.sql import DatabaseNow, in_array, param
from storage.tables import home_tabs, outbox, workspaces

_NOW = DatabaseNow()
_COLUMNS = outbox.c
_EARLIER = outbox.alias("earlier")
# Spelled out, so that the partial indexes serve.
IS_QUEUED = text("outbox.state = 'queued'")
HAS_FAILED = text("outbox.state = 'failed'")
_EARLIER_IS_QUEUED = text("earlier.state = 'queued'")
DELIVERY_COLUMNS = (
    _COLUMNS.id,
    _COLUMNS.workspace,
    _COLUMNS.target,
    _COLUMNS.message,
    _COLUMNS.seq,
    _COLUMNS.subject_id,
    _COLUMNS.escalate_to,
    _COLUMNS.payload,
    _COLUMNS.more,
    _COLUMNS.attempts,
    _COLUMNS.lease,
    _COLUMNS.problem,
)
# A look-up of each target's first row. As an anti-join, PostgreSQL would compare all
# queued rows with each other when its statistics are from an empty outbox. `coalesce`
# hides how selective the condition is: otherwise PostgreSQL would expect few matches
# and read all queued rows, where the first few in their order are enough.
_FIRST_OF_TARGET = (
    select(_EARLIER.c.id)
    .where(
        _EARLIER.c.workspace == _COLUMNS.workspace,
        _EARLIER.c.target == _COLUMNS.target,
        _EARLIER_IS_QUEUED,
    )
    .order_by(_EARLIER.c.id)
    .limit(1)
    .correlate(outbox)
    .scalar_subquery()
)
_IS_FIRST_OF_TARGET = func.coalesce(_COLUMNS.id == _FIRST_OF_TARGET, false())
# A lease or a pause that ends later than the maximum is from before the clock was set
# back, and counts as over.
MAX_LEASE_SECONDS, MAX_PAUSE_SECONDS = 120.0, 3 * 86_400.0  # seconds
_NOT_BEFORE = case(
    (_COLUMNS.not_before > _NOW + MAX_PAUSE_SECONDS, 0.0), else_=_COLUMNS.not_before
)
_LEASED_UNTIL = case(
    (_COLUMNS.leased_until > _NOW + MAX_LEASE_SECONDS, 0.0), else_=_COLUMNS.leased_until
)
# Deliveries of a workspace without the app, or where it is switched off, wait. They are
# few, so that the list is short.
_STOPPED_WORKSPACES = select(workspaces.c.id).where(
    or_(not_(workspaces.c.installed), workspaces.c.disabled)
)
IS_RUNNING = _COLUMNS.workspace.not_in(_STOPPED_WORKSPACES)
_CLAIMABLE = (
    select(_COLUMNS.id)
    .where(
        IS_QUEUED,
        _NOT_BEFORE <= _NOW,
        _LEASED_UNTIL <= _NOW,
        _IS_FIRST_OF_TARGET,
        IS_RUNNING,
    )
    .order_by(_COLUMNS.id)
    .limit(param("most"))
    .with_for_update(skip_locked=True)
)
_TAKE_LEASE = (
    update(outbox)
    .where(in_array(_COLUMNS.id, "ids"))
    .values(
        leased_until=_NOW + param("length"),
        lease=param("token"),
        attempts=_COLUMNS.attempts + 1,
    )
)
_CLAIMED_DELIVERIES = (
    select(*DELIVERY_COLUMNS).where(in_array(_COLUMNS.id, "ids")).order_by(_COLUMNS.id)
)
_IS_LEASED_BY_CALLER = and_(
    _COLUMNS.id == param("row"), _COLUMNS.lease == param("token"), IS_QUEUED
)
_MARK_SENT = (
    update(outbox)
    .where(_IS_LEASED_BY_CALLER)
    .values(state="sent", payload=None, leased_until=0.0)
)
_SCHEDULE_RETRY = (
    update(outbox)
    .where(_IS_LEASED_BY_CALLER)
    .values(
        not_before=_NOW + param("after"),
        leased_until=0.0,
        lease="",
        problem=param("why"),
        attempts=_COLUMNS.attempts - param("uncounted"),
    )
)
_FAILED_BEFORE = and_(
    _COLUMNS.workspace == param("w"),
    IS_QUEUED,
    _COLUMNS.not_before > _NOW,
    _COLUMNS.problem.is_not(None),
    _COLUMNS.problem != param("limited"),
)
_RETRY_NOW = (
    update(outbox)
    .where(_FAILED_BEFORE, in_array(_COLUMNS.message, "messages"))
    .values(not_before=0.0)
)
_RETRY_OTHERS_NOW = (
    update(outbox)
    .where(_FAILED_BEFORE, not_(in_array(_COLUMNS.message, "messages")))
    .values(not_before=0.0)
)
_MARK_FAILED = (
    update(outbox)
    .where(_IS_LEASED_BY_CALLER)
    .values(state="failed", leased_until=0.0, problem=param("why"))
)
RETRY_FAILED = (
    update(outbox)
    .where(_COLUMNS.id == param("row"), _COLUMNS.state == "failed")
    .values(state="queued", attempts=0, not_before=0.0, problem=None)
)
_FAILED_DELIVERIES = (
    select(*DELIVERY_COLUMNS)
    .where(HAS_FAILED)
    .order_by(_COLUMNS.id.desc())
    .limit(param("most"))
)
_DELIVERY_BY_ID = select(*DELIVERY_COLUMNS).where(_COLUMNS.id == param("row"))
_CLAIMABLE_AT = case((_NOT_BEFORE > _LEASED_UNTIL, _NOT_BEFORE), else_=_LEASED_UNTIL)
_SECONDS_TO_NEXT = select(func.min(_CLAIMABLE_AT) - _NOW).where(
    IS_QUEUED, _IS_FIRST_OF_TARGET, IS_RUNNING
)
_INSERT_DELIVERY = outbox.insert()
# A queued Home update shows later changes too, unless a worker has begun to read: then
# its row is leased or locked.
_UNSENT_HOME_UPDATES = (
    select(_COLUMNS.target)
    .where(
        _COLUMNS.workspace == param("w"),
        in_array(_COLUMNS.target, "targets"),
        IS_QUEUED,
        _COLUMNS.lease == "",
    )
    .with_for_update(skip_locked=True)
)
_HOME_PAGES = select(home_tabs.c.pages).where(
    home_tabs.c.workspace == param("w"), home_tabs.c.person == param("p")
)
_UPDATE_HOME_PAGES = (
    update(home_tabs)
    .where(home_tabs.c.workspace == param("w"), home_tabs.c.person == param("p"))
    .values(pages=param("new_pages"))
)
_INSERT_HOME = text(
    "INSERT INTO home_tabs (workspace, person, pages) VALUES (:w, :p, '')"
    " ON CONFLICT DO NOTHING"
)


def enqueue_notifications(
    connection: Connection, workspace: WorkspaceId, notices: Sequence[Notification]
) -> None:
    """Queue notifications in their order; a Home that is already queued stays once."""
    homes = [notice.target for notice in notices if notice.message == HOME]
    rows = [
        _delivery_row(workspace, n.target, n.message) | _topics_of(n)
        for n in notices
        if n.message != HOME
    ]
    rows += _build_home_rows(connection, workspace, homes)
    if rows:
        connection.execute(_INSERT_DELIVERY, rows)


def _build_home_rows(
    connection: Connection, workspace: WorkspaceId, targets: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of the App Homes whose update is not queued yet."""
    if not targets:
        return []
    values = {"w": workspace, "targets": targets}
    unsent = set(connection.execute(_UNSENT_HOME_UPDATES, values).scalars())
    nothing = dict.fromkeys(("seq", "subject_id", "escalate_to", "payload", "more"))
    return [
        _delivery_row(workspace, target, HOME) | nothing
        for target in targets
        if target not in unsent
    ]


class Outbox(SentMessageStore):
    """Claims, settles and retries deliveries for the outbox worker."""

    def claim_deliveries(self, limit: int, lease: timedelta) -> list[Delivery]:
        """Lease the first deliveries of up to `limit` targets to the caller.

        An attempt is counted when it is claimed.
        """
        with self._connections.write() as connection:
            ids = list(connection.execute(_CLAIMABLE, {"most": limit}).scalars())
            if not ids:
                return []
            token = secrets.token_hex(8)
            connection.execute(
                _TAKE_LEASE,
                {"ids": ids, "length": lease.total_seconds(), "token": token},
            )
            return [
                delivery_from_row(row)
                for row in connection.execute(_CLAIMED_DELIVERIES, {"ids": ids})
            ]

    def mark_sent(self, delivery: Delivery, *records: SentRecord) -> bool:
        """Mark a delivery as sent, and save what later deliveries need of it.

        Return False if the lease was lost before.
        """
        with self._connections.write() as connection:
            for record in records:
                sent_messages.save_sent_message(connection, record)
            settled = (
                connection.execute(_MARK_SENT, _lease_parameters(delivery)).rowcount
                == 1
            )
            if settled and delivery.message in DIGEST_MESSAGES and delivery.seq:
                digests.delete_sent_items(connection, delivery.workspace, delivery.seq)
            return settled

    def schedule_retry(
        self,
        delivery: Delivery,
        after: timedelta,
        problem: str,
        *,
        is_counted: bool = True,
    ) -> None:
        """Release a delivery, to be tried again after a while.

        `is_counted` is false when it was not tried.
        """
        values = {
            "after": after.total_seconds(),
            "why": problem,
            "uncounted": 0 if is_counted else 1,
        }
        with self._connections.write() as connection:
            connection.execute(_SCHEDULE_RETRY, _lease_parameters(delivery) | values)

    def mark_failed(self, delivery: Delivery, problem: str) -> None:
        """Mark a delivery as failed, and enqueue the notifications that follow."""
        with self._connections.write() as connection:
            is_settled = connection.execute(
                _MARK_FAILED, _lease_parameters(delivery) | {"why": problem}
            ).rowcount
            if is_settled:
                people = PeopleRepository(connection, delivery.workspace, {})
                notifications = tuple(
                    build_failure_notifications(delivery, problem, people)
                )
                enqueue_notifications(connection, delivery.workspace, notifications)

    def enqueue_message(
        self, workspace: WorkspaceId, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Queue a message that does not follow from an event."""
        row = _delivery_row(workspace, target, message) | {
            "payload": _format_payload(payload)
        }
        with self._connections.write() as connection:
            connection.execute(_INSERT_DELIVERY, row)

    def enqueue_home_update(
        self,
        workspace: WorkspaceId,
        person: PersonId,
        pages: Sequence[int] | None = None,
    ) -> None:
        """Queue an update of a person's App Home.

        `pages` are the pages of its lists from now on; None leaves them as they are.
        """
        named = {"w": workspace, "p": person}
        with self._connections.write() as connection:
            if pages is not None:
                connection.execute(_INSERT_HOME, named)
                connection.execute(
                    _UPDATE_HOME_PAGES, named | {"new_pages": tuple(map(str, pages))}
                )
            targets = [format_home_target(person)]
            rows = _build_home_rows(connection, workspace, targets)
            if rows:
                connection.execute(_INSERT_DELIVERY, rows)

    def get_home_pages(self, workspace: WorkspaceId, person: PersonId) -> list[int]:
        """Return the current page of each list of a person's App Home.

        The list is empty when it was never opened.
        """
        with self._connections.read() as connection:
            row = connection.execute(
                _HOME_PAGES, {"w": workspace, "p": person}
            ).scalar()
            return [int(page) for page in row or ()]

    def retry_now(
        self,
        workspace: WorkspaceId,
        messages: Collection[str],
        *,
        are_excluded: bool = False,
    ) -> None:
        """Make deliveries that failed before due at once.

        Only these messages or, if excluded, all but these.
        Deliveries that Slack rate-limited keep their pause.
        """
        with self._connections.write() as connection:
            statement = _RETRY_OTHERS_NOW if are_excluded else _RETRY_NOW
            connection.execute(
                statement,
                {"w": workspace, "messages": messages, "limited": "ratelimited"},
            )

    def seconds_until_next(self) -> float | None:
        """Return the seconds until a delivery can be claimed; None without one."""
        with self._connections.read() as connection:
            seconds = connection.execute(_SECONDS_TO_NEXT).scalar()
            return None if seconds is None else max(0.0, float(seconds))

    def list_failed(self, limit: int = 100) -> list[Delivery]:
        """Return failed deliveries, newest first."""
        with self._connections.read() as connection:
            return [
                delivery_from_row(row)
                for row in connection.execute(_FAILED_DELIVERIES, {"most": limit})
            ]

    def find_delivery(self, row: DeliveryId) -> Delivery | None:
        """Return a delivery in any state; None if it does not exist."""
        with self._connections.read() as connection:
            stored = connection.execute(_DELIVERY_BY_ID, {"row": row}).one_or_none()
            return delivery_from_row(stored) if stored else None

    def retry_failed(self, row: int) -> bool:
        """Queue a failed delivery again; return False if it does not exist."""
        with self._connections.write() as connection:
            return connection.execute(RETRY_FAILED, {"row": row}).rowcount == 1


def _delivery_row(workspace: WorkspaceId, target: str, message: str) -> dict[str, Any]:
    fresh = {
        "state": "queued",
        "attempts": 0,
        "not_before": 0.0,
        "leased_until": 0.0,
        "lease": "",
    }
    return {"workspace": workspace, "target": target, "message": message, **fresh}


def _topics_of(notice: Notification) -> dict[str, Any]:
    return {
        "more": notice.more,
        "seq": notice.seq,
        "subject_id": notice.subject_id,
        "escalate_to": notice.escalate_to,
        "payload": _format_payload(notice.payload) if notice.payload else None,
    }


def _format_payload(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False)


def _lease_parameters(delivery: Delivery) -> dict[str, Any]:
    return {"row": delivery.id, "token": delivery.lease}


def delivery_from_row(row: Any) -> Delivery:
    """Return a row of the outbox as a delivery.

    A row with a damaged payload is returned too, so that it blocks no other.
    """
    values = dict(zip(row._fields, row, strict=True))
    stored = values.pop("payload")
    payload = read_payload(stored)
    return Delivery(
        **values, payload=payload, is_damaged=bool(stored) and payload is None
    )


def read_payload(stored: str | None) -> dict[str, Any] | None:
    """Return a stored payload; None without one, and for a damaged one."""
    try:
        payload = json.loads(stored) if stored else None
    except (ValueError, TypeError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None

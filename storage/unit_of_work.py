"""Units of work: one writer at a time in one workspace.

State, events and notifications are committed together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, not_, or_, select, text, union_all

from collab.due_failures import DueFailure
from collab.events import PersonErased, RecordedEvent
from collab.model import Account, DigestItem, Notification, Workspace, WorkspaceId
from storage import digests, due_failures, event_store, outbox
from storage.access_graph import AccessGraphRepository
from storage.access_requests import AccessRequestRepository
from storage.billing import BillingRepository
from storage.channels import ChannelLinkRepository
from storage.combined_reads import combine_statements, name_parameters
from storage.connections import Connections
from storage.digests import IS_QUEUED_FOR_DIGEST, DigestRepository
from storage.due_failures import DueFailureRepository
from storage.erasure import Erasure
from storage.event_store import EventRepository
from storage.failed_deliveries import DeliveryRepository
from storage.invitations import InvitationRepository
from storage.key_rotation import KeyRotationRepository
from storage.member_lists import MemberListRepository
from storage.memo import update_memo
from storage.people import PeopleRepository
from storage.request_facts import RequestFactsReader
from storage.resources import ResourceRepository
from storage.sql import SELECT_WORKSPACE, Write, param
from storage.successions import SuccessionRepository
from storage.tables import (
    access_requests,
    digest_items,
    invitations,
    memberships,
    people,
    workspaces,
)
from storage.tables import due_failures as failures
from storage.teams import TeamRepository

# Not a lock of the key: the outbox worker meanwhile writes rows that refer to it.
_LOCK_WORKSPACE = SELECT_WORKSPACE.with_for_update(key_share=True)
_INSERT_WORKSPACE = text(
    "INSERT INTO workspaces (id, title, bot, seq) VALUES (:w, '', '', 0)"
    " ON CONFLICT DO NOTHING"
)
_IS_INVITATION_PENDING = text(
    "invitations.state = 'pending'"
)  # spelled out, so that the partial indexes serve
_IS_REQUEST_OPEN = text("access_requests.state = 'pending'")
_WORKSPACES_WITH_DUE_ITEMS = select(workspaces.c.id).where(
    workspaces.c.installed,
    not_(workspaces.c.disabled),
    or_(
        exists().where(
            invitations.c.workspace == workspaces.c.id,
            _IS_INVITATION_PENDING,
            invitations.c.due <= param("at"),
        ),
        exists().where(
            memberships.c.workspace == workspaces.c.id, memberships.c.due <= param("at")
        ),
        exists().where(
            access_requests.c.workspace == workspaces.c.id,
            _IS_REQUEST_OPEN,
            access_requests.c.expires <= param("at"),
        ),
        exists().where(
            digest_items.c.workspace == workspaces.c.id,
            IS_QUEUED_FOR_DIGEST,
            digest_items.c.due <= param("at"),
        ),
        exists().where(
            failures.c.workspace == workspaces.c.id, failures.c.retry_at <= param("at")
        ),
        exists().where(
            people.c.workspace == workspaces.c.id,
            people.c.lapses <= param("at"),
            memberships.c.workspace == people.c.workspace,
            memberships.c.person == people.c.id,
        ),
    ),
)
_NEXT_DUE_TIMES = union_all(
    select(func.min(invitations.c.due).label("due")).where(_IS_INVITATION_PENDING),
    select(func.min(memberships.c.due)),
    select(func.min(access_requests.c.expires)).where(_IS_REQUEST_OPEN),
    select(func.min(digest_items.c.due)).where(IS_QUEUED_FOR_DIGEST),
    select(func.min(people.c.lapses)).where(
        exists().where(
            memberships.c.workspace == people.c.workspace,
            memberships.c.person == people.c.id,
        )
    ),
)


class _RolledBack(Exception):
    """Ends a rehearsal: the transaction is rolled back."""


class StoredRepositories:
    """All repositories of one workspace; they share one connection and one memo."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._memo: dict[tuple[str, Hashable], Any] = {}
        self._connection = connection
        self._workspace = workspace
        parts = connection, workspace, self._memo
        self.people = PeopleRepository(*parts)
        self.resources = ResourceRepository(*parts)
        self.memberships = MemberListRepository(*parts)
        self.graph = AccessGraphRepository(*parts)
        self.teams = TeamRepository(*parts)
        self.invitations = InvitationRepository(*parts)
        self.access_requests = AccessRequestRepository(*parts)
        self.successions = SuccessionRepository(*parts)
        self.billing = BillingRepository(*parts)
        self.key_rotation = KeyRotationRepository(*parts)
        self.channels = ChannelLinkRepository(*parts)
        self.digests = DigestRepository(*parts)
        self.deliveries = DeliveryRepository(*parts)
        self.due_failures = DueFailureRepository(*parts)
        self.events = EventRepository(*parts)
        self._request_facts = RequestFactsReader(*parts)
        self._dialect = connection.dialect

    def get_workspace(self) -> Workspace | None:
        """Return the workspace itself; None before it is installed."""
        return self.people.get_workspace()

    def remember_workspace(self, row: Any) -> None:
        """Remember the workspace's row, which the transaction has locked."""
        self.people.remember_workspace(row)

    def prefetch(
        self, idempotency_key: str | None, accounts: Sequence[Account]
    ) -> None:
        """Read at once what a command asks first, to be remembered."""
        self._request_facts.read_request_facts(idempotency_key, accounts)

    def update_memo(self, writes: Sequence[Write]) -> None:
        """Read again what this transaction may have changed."""
        update_memo(self._memo, writes, self._dialect)

    def read_together(self, reads: Sequence[Callable[[], object]]) -> None:
        """Run the first statement of each of some reads, as one; remember the rows."""
        before = dict(self._memo)
        collected: list[tuple[Any, dict[str, Any]]] = []
        self._memo["collected", ""] = collected
        try:
            for read in reads:
                read()
        finally:
            self._memo.clear()
            self._memo.update(before)
        combined = combine_statements(tuple(each for each, _ in collected))
        values: dict[str, Any] = {}
        for number, (_, own) in enumerate(collected):
            values |= name_parameters({"w": self._workspace, **own}, number)
        rows = self._connection.execute(combined.statement, values).all()
        ahead: dict[Any, list[Any]] = {}
        for (statement, own), found in zip(
            collected, combined.split_rows(rows), strict=True
        ):
            ahead.setdefault(statement, []).append((own, found))
        self._memo["ahead", ""] = ahead


class StoredUnitOfWork:
    """One transaction that may change things."""

    def __init__(self, connection: Connection, locked: Row[Any]) -> None:
        self._connection = connection
        self._workspace: WorkspaceId = locked.id
        self.repositories = StoredRepositories(connection, locked.id)
        self.repositories.remember_workspace(locked)
        self.last_seq: int = locked.seq
        self.enqueued: list[Notification] = []

    def prefetch(
        self, idempotency_key: str | None, accounts: Sequence[Account]
    ) -> None:
        """Read at once what a command needs first: earlier result and people."""
        self.repositories.prefetch(idempotency_key, accounts)

    def previous_result(self, idempotency_key: str) -> Sequence[RecordedEvent] | None:
        """Return the events recorded under this key before; None if there are none."""
        return self.repositories.events.previous_result(idempotency_key)

    def append(
        self, recorded: Sequence[RecordedEvent], idempotency_key: str | None
    ) -> None:
        """Append events, and update the tables of current state.

        Of an erased person, earlier events and what is on its way lose the names, too.
        """
        writes = event_store.append_events(self._connection, recorded, idempotency_key)
        for each in recorded:
            if isinstance(each.event, PersonErased):
                Erasure(self._connection, self._workspace, each.event).erase()
        self.last_seq = recorded[-1].seq
        self.repositories.update_memo(writes)

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """Put notifications into the outbox."""
        self.enqueued += notifications
        outbox.enqueue_notifications(self._connection, self._workspace, notifications)

    def queue_for_digest(self, items: Sequence[DigestItem]) -> None:
        """Store messages for the next digests of their recipients."""
        digests.queue_items(self._connection, self._workspace, items)

    def save_due_failure(self, failure: DueFailure) -> None:
        """Record that an item of due work failed, in place of its earlier failure."""
        due_failures.save_failure(self._connection, failure)

    def delete_due_failures(self, failures: Sequence[DueFailure]) -> None:
        """Remove failures whose items are done or no longer due."""
        due_failures.delete_failures(self._connection, failures)


class StoredUnitOfWorkFactory:
    """Opens units of work and reading transactions."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock_statement = (
            _LOCK_WORKSPACE if connections.is_locking else SELECT_WORKSPACE
        )

    @contextmanager
    def write(self, workspace: WorkspaceId) -> Iterator[StoredUnitOfWork]:
        """Open a unit of work under the workspace's lock.

        It is committed at the end, and rolled back on an exception.
        """
        with self._connections.write(workspace) as connection:
            locked = self._lock_workspace(connection, workspace)
            self._connections.set_time_limits(connection)
            yield StoredUnitOfWork(connection, locked)

    @contextmanager
    def rehearse(self, workspace: WorkspaceId) -> Iterator[StoredUnitOfWork]:
        """Open a unit of work under the workspace's lock; it is never committed."""
        with suppress(_RolledBack), self.write(workspace) as unit:
            yield unit
            raise _RolledBack

    @contextmanager
    def read(self, workspace: WorkspaceId) -> Iterator[StoredRepositories]:
        """Open a transaction that reads."""
        with self._connections.read() as connection:
            yield StoredRepositories(connection, workspace)

    def list_due_workspaces(self, at: datetime) -> Sequence[WorkspaceId]:
        """Return the workspaces in which something is due."""
        with self._connections.read() as connection:
            return list(
                connection.execute(_WORKSPACES_WITH_DUE_ITEMS, {"at": at}).scalars()
            )

    def get_next_due_time(self) -> datetime | None:
        """Return when something is due next in any workspace."""
        with self._connections.read() as connection:
            return min(
                (due for due in connection.execute(_NEXT_DUE_TIMES).scalars() if due),
                default=None,
            )

    def _lock_workspace(
        self, connection: Connection, workspace: WorkspaceId
    ) -> Row[Any]:
        locked_row = connection.execute(self._lock_statement, {"w": workspace}).first()
        if locked_row is None:
            connection.execute(_INSERT_WORKSPACE, {"w": workspace})
            locked_row = connection.execute(
                self._lock_statement, {"w": workspace}
            ).one()
        return locked_row

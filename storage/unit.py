"""Transactions: one writer at a time in one workspace; state, events and notices commit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select, text, union_all

from collab.due_work import DueFailure
from collab.events import Recorded
from collab.notices import Held, Notice
from collab.telling import Kept
from storage import digests, due_failures, journal, outbox, told
from storage.billing import BillingFacts
from storage.connections import Connections
from storage.digests import IS_HELD, DigestFacts
from storage.due_failures import DueFailureFacts
from storage.invitations import InvitationFacts
from storage.journal import EventFacts
from storage.people import PeopleFacts
from storage.questions import QuestionFacts
from storage.reach import ReachFacts
from storage.statements import THE_WORKSPACE, given
from storage.tables import due_failures as failures
from storage.tables import held, invitations, kept, memberships, people, requests, workspaces
from storage.told import ToldFacts

# Not a lock of the key: what is sent meanwhile is settled in rows that refer to the workspace.
_LOCK = THE_WORKSPACE.with_for_update(key_share=True)
_ADD = text("INSERT INTO workspaces (id, title, bot, seq) VALUES (:w, '', '', 0) ON CONFLICT DO NOTHING")
IS_PENDING = text("invitations.state = 'pending'")  # spelled out, so that the partial indexes serve
IS_OPEN = text("requests.state = 'pending'")
_DUE = select(workspaces.c.id).where(
    workspaces.c.installed,
    or_(
        exists().where(invitations.c.workspace == workspaces.c.id, IS_PENDING, invitations.c.due <= given("at")),
        exists().where(memberships.c.workspace == workspaces.c.id, memberships.c.due <= given("at")),
        exists().where(requests.c.workspace == workspaces.c.id, IS_OPEN, requests.c.expires <= given("at")),
        exists().where(held.c.workspace == workspaces.c.id, IS_HELD, held.c.due <= given("at")),
        exists().where(kept.c.workspace == workspaces.c.id, kept.c.due <= given("at")),
        exists().where(failures.c.workspace == workspaces.c.id, failures.c.retry_at <= given("at")),
        exists().where(
            people.c.workspace == workspaces.c.id,
            people.c.lapses <= given("at"),
            memberships.c.workspace == people.c.workspace,
            memberships.c.person == people.c.id,
        ),
    ),
)
_NEXT = union_all(
    select(func.min(invitations.c.due).label("due")).where(IS_PENDING),
    select(func.min(memberships.c.due)),
    select(func.min(requests.c.expires)).where(IS_OPEN),
    select(func.min(held.c.due)).where(IS_HELD),
    select(func.min(kept.c.due)),
    select(func.min(people.c.lapses)).where(
        exists().where(memberships.c.workspace == people.c.workspace, memberships.c.person == people.c.id)
    ),
)


class StoredFacts(
    PeopleFacts,
    ReachFacts,
    InvitationFacts,
    QuestionFacts,
    BillingFacts,
    DigestFacts,
    DueFailureFacts,
    EventFacts,
    ToldFacts,
):
    """Everything that decisions may ask of one workspace."""


class StoredUnit:
    """One transaction that may change things."""

    def __init__(self, connection: Connection, locked: Row[Any]) -> None:
        self._connection = connection
        self._workspace: str = locked.id
        self.facts = StoredFacts(connection, locked.id)
        self.facts.remember_workspace(locked)
        self.last_seq: int = locked.seq

    def repeated(self, delivery: str) -> Sequence[Recorded] | None:
        """What the same delivery recorded before, if it did."""
        return self.facts.repeated(delivery)

    def record(self, recorded: Sequence[Recorded], delivery: str | None) -> None:
        """Journal the events and bring the state up to date."""
        journal.append(self._connection, recorded, delivery)
        self.last_seq = recorded[-1].seq
        self.facts.clear_memo()

    def tell(self, notices: Sequence[Notice]) -> None:
        """Put notices into the outbox."""
        outbox.put(self._connection, self._workspace, notices)

    def hold(self, kept: Sequence[Held]) -> None:
        """Keep what channels are to hear of later."""
        digests.put(self._connection, self._workspace, kept)

    def keep(self, notices: Sequence[Kept]) -> None:
        """Keep notices for their person's digest."""
        told.keep(self._connection, self._workspace, notices)

    def postpone(self, failure: DueFailure) -> None:
        """Record that an item of due work failed, in place of its earlier failure."""
        due_failures.postpone(self._connection, failure)

    def forget_failures(self, failures: Sequence[DueFailure]) -> None:
        """Remove failures whose items are done or no longer due."""
        due_failures.forget(self._connection, failures)


class StoredUnits:
    """Where the core's transactions come from."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = _LOCK if connections.locked else THE_WORKSPACE

    @contextmanager
    def change(self, workspace: str) -> Iterator[StoredUnit]:
        """A transaction that holds the workspace's lock, commits at its end and rolls back on an exception."""
        with self._connections.write(workspace) as connection:
            locked = self._locked(connection, workspace)
            self._connections.limit(connection)
            yield StoredUnit(connection, locked)

    @contextmanager
    def look(self, workspace: str) -> Iterator[StoredFacts]:
        """A transaction that reads."""
        with self._connections.read() as connection:
            yield StoredFacts(connection, workspace)

    def due_workspaces(self, at: datetime) -> Sequence[str]:
        """The workspaces in which something is due."""
        with self._connections.read() as connection:
            return list(connection.execute(_DUE, {"at": at}).scalars())

    def next_due(self) -> datetime | None:
        """When something is due next, anywhere."""
        with self._connections.read() as connection:
            return min((due for due in connection.execute(_NEXT).scalars() if due), default=None)

    def _locked(self, connection: Connection, workspace: str) -> Row[Any]:
        found = connection.execute(self._lock, {"w": workspace}).first()
        if found is None:
            connection.execute(_ADD, {"w": workspace})
            found = connection.execute(self._lock, {"w": workspace}).one()
        return found

"""Transactions as the core uses them; storage implements them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from collab.due_failures import DueFailure
from collab.events import RecordedEvent
from collab.model import Account, DigestItem, Notification, WorkspaceId
from collab.repositories import Repositories


class Unavailable(Exception):
    """The database cannot be used now; nothing was changed.

    `reason` is a word for the operator's log: busy, read_only, full, disk,
    unreachable or broken. `is_unsure`: the connection broke during a commit, so
    nobody knows whether something was changed.
    """

    def __init__(self, reason: str, *, is_unsure: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unsure = is_unsure

    @property
    def is_outage(self) -> bool:
        """Whether the database fails for everybody, not for one broken row."""
        return self.reason != "broken"


class UnitOfWork(Protocol):
    """One transaction that may write; it holds the workspace's lock until it ends."""

    @property
    def repositories(self) -> Repositories:
        """The repositories, as this transaction sees them."""

    @property
    def last_seq(self) -> int:
        """The sequence number of the workspace's last event."""

    @property
    def enqueued(self) -> Sequence[Notification]:
        """The notifications that this transaction put into the outbox."""

    def prefetch(
        self, idempotency_key: str | None, accounts: Sequence[Account]
    ) -> None:
        """Read at once what a command asks first: an earlier result and people by account.

        The repositories then answer from it until this transaction writes.
        """

    def previous_result(self, idempotency_key: str) -> Sequence[RecordedEvent] | None:
        """Return the events that were recorded under this key before; None if new."""

    def append(
        self, recorded: Sequence[RecordedEvent], idempotency_key: str | None
    ) -> None:
        """Store events and update the tables that are derived from them."""

    def enqueue(self, notifications: Sequence[Notification]) -> None:
        """Put notifications into the outbox."""

    def queue_for_digest(self, items: Sequence[DigestItem]) -> None:
        """Store messages for the next digests of their recipients."""

    def save_due_failure(self, failure: DueFailure) -> None:
        """Store that an item of due work failed; replace its earlier failure."""

    def delete_due_failures(self, failures: Sequence[DueFailure]) -> None:
        """Delete failures whose items are done or no longer due."""


class UnitOfWorkFactory(Protocol):
    """Starts transactions."""

    def write(self, workspace: WorkspaceId) -> AbstractContextManager[UnitOfWork]:
        """Start a transaction that commits at its end and rolls back on an error."""

    def rehearse(self, workspace: WorkspaceId) -> AbstractContextManager[UnitOfWork]:
        """Start a transaction that may write and is rolled back at its end."""

    def read(self, workspace: WorkspaceId) -> AbstractContextManager[Repositories]:
        """Start a transaction that only reads, from one snapshot."""

    def list_due_workspaces(self, at: datetime) -> Sequence[WorkspaceId]:
        """Return the ids of the workspaces in which something is due."""

    def get_next_due_time(self) -> datetime | None:
        """Return when something is due next in any workspace; None if nothing is."""

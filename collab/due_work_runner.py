"""Runs what is due: batch by batch, and around items that fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from collab import due_work
from collab.context import Context
from collab.due_failures import DueFailure, ItemKey
from collab.event_handlers import append_follow_up_events
from collab.events import Event, RecordedEvent
from collab.model import Caller, WorkspaceId
from collab.repositories import Repositories
from collab.unit_of_work import Unavailable, UnitOfWork, UnitOfWorkFactory

BATCH_SIZE = 500


class Store(Protocol):
    """Stores events in a unit of work."""

    def __call__(
        self,
        unit: UnitOfWork,
        context: Context,
        caller: Caller,
        events: Sequence[Event],
        /,
    ) -> list[RecordedEvent]: ...


class DueWorkRunner:
    """Runs the due work of all workspaces.

    A batch is one transaction. If it raises, it is split in halves until the item that
    raises is alone; that item is paused and tried again later, the others are done.
    """

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        make_context: Callable[[Repositories, datetime], Context],
        store: Store,
        on_commit: Callable[[], None],
        report_defect: Callable[[str, Exception], str],
    ) -> None:
        self._units = units
        self._make_context = make_context
        self._store = store
        self._on_commit = on_commit
        self._report_defect = report_defect

    def run(self, at: datetime) -> int:
        """Run everything that is due; return the number of items done.

        Raises Unavailable, after the other workspaces, when the database failed.
        """
        done = 0
        outage: Unavailable | None = None
        for workspace in self._units.list_due_workspaces(at):
            try:
                done += self._run_workspace(workspace, at)
            except Unavailable as unavailable:
                outage = unavailable
            except Exception as error:  # noqa: BLE001 - the other workspaces go on
                self._report_defect(f"due work of workspace {workspace}", error)
        if outage:
            raise outage
        return done

    def _run_workspace(self, workspace: WorkspaceId, at: datetime) -> int:
        total = 0
        while done := self._run_batch(workspace, at):
            total += done
            self._on_commit()
        return total

    def _run_batch(self, workspace: WorkspaceId, at: datetime) -> int:
        try:
            return self.run_batch_once(workspace, at)
        except Exception as error:  # the other items go on
            if _is_outage(error):
                raise
            return self._run_by_halves(
                workspace, at, self._list_due_keys(workspace, at)
            )

    def _run_by_halves(
        self, workspace: WorkspaceId, at: datetime, keys: Sequence[ItemKey]
    ) -> int:
        """Run items in halves; pause one that raises when it is alone in a transaction."""
        if not keys:
            return 0
        try:
            return self.run_batch_once(workspace, at, keys)
        except Exception as error:  # see _run_batch
            if _is_outage(error):
                raise
            if len(keys) == 1:
                self._pause_item(workspace, keys[0], at, error)
                return 0
        middle = len(keys) // 2
        first = self._run_by_halves(workspace, at, keys[:middle])
        return first + self._run_by_halves(workspace, at, keys[middle:])

    def run_batch_once(
        self,
        workspace: WorkspaceId,
        at: datetime,
        only: Sequence[ItemKey] | None = None,
    ) -> int:
        """Run due items in one transaction, all or only these; return how many."""
        chosen = None if only is None else set(only)
        with self._units.write(workspace) as unit:
            context = self._make_context(unit.repositories, at)
            failures = unit.repositories.due_failures.list_due_failures()
            paused = {failure.key for failure in failures if failure.is_paused(at)}
            items = due_work.load_due_items(
                unit.repositories, at, BATCH_SIZE, paused, chosen
            )
            events = append_follow_up_events(
                context, due_work.decide_due(context, items)
            )
            self._store(unit, context, Caller(workspace, None, "time"), events)
            unit.delete_due_failures(
                [
                    failure
                    for failure in failures
                    if failure.key not in paused
                    and (chosen is None or failure.key in chosen)
                ]
            )
            return sum(len(items_of_type) for items_of_type in items.values())

    def _list_due_keys(self, workspace: WorkspaceId, at: datetime) -> list[ItemKey]:
        """Return the keys of all due items; pause a type that cannot be loaded."""
        with self._units.read(workspace) as repositories:
            failures = repositories.due_failures.list_due_failures()
        paused = {failure.key for failure in failures if failure.is_paused(at)}
        keys: list[ItemKey] = []
        for kind in due_work.DUE_WORK_TYPES:
            try:
                with self._units.read(workspace) as repositories:
                    items = due_work.load_due_items_of_kind(
                        repositories, kind, at, BATCH_SIZE, paused
                    )
            except (
                Exception
            ) as error:  # the other kinds go on, whatever a broken row causes
                if _is_outage(error):
                    raise
                self._pause_item(workspace, (kind, due_work.EVERY_ITEM), at, error)
            else:
                keys += due_work.list_item_keys({kind: items})
        return keys

    def _pause_item(
        self, workspace: WorkspaceId, key: ItemKey, at: datetime, error: Exception
    ) -> None:
        """Report the defect of one item and pause it, longer each time."""
        kind, item_id = key
        error_id = self._report_defect(
            f"{kind} {item_id} that is due in workspace {workspace}", error
        )
        with self._units.write(workspace) as unit:
            attempts = 1
            for failure in unit.repositories.due_failures.list_due_failures():
                if failure.key == key:
                    attempts = failure.attempts + 1
            retry_at = at + due_work.get_retry_pause(attempts)
            unit.save_due_failure(
                DueFailure(workspace, kind, item_id, attempts, retry_at, error_id)
            )


def _is_outage(error: Exception) -> bool:
    return isinstance(error, Unavailable) and error.is_outage

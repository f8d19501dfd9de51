"""Successions in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update

from collab import events
from collab.events import RecordedEvent
from collab.model import ResourceId, Succession, SuccessionId
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import IS_PENDING, succession_support, successions

_COLUMNS = successions.c
_SELECT_SUCCESSION = select(
    _COLUMNS.id,
    _COLUMNS.resource,
    _COLUMNS.person,
    _COLUMNS.role,
    _COLUMNS.asked,
    _COLUMNS.state,
    _COLUMNS.chosen,
).where(of_workspace(successions))
_SUCCESSION_BY_ID = _SELECT_SUCCESSION.where(_COLUMNS.id == param("id"))
_OPEN_SUCCESSION_ON = _SELECT_SUCCESSION.where(
    IS_PENDING, _COLUMNS.resource == param("resource")
)
_OPEN_SUCCESSIONS = _SELECT_SUCCESSION.where(IS_PENDING).order_by(_COLUMNS.id)
_SELECT_SUPPORT = select(
    succession_support.c.elector, succession_support.c.person
).where(
    of_workspace(succession_support), succession_support.c.succession == param("id")
)


class SuccessionRepository(WorkspaceReader):
    """Reads open questions about who takes over from a deactivated person."""

    def find_open_succession(self, resource: ResourceId) -> Succession | None:
        """Return the open succession on a resource."""
        return self._read_succession(_OPEN_SUCCESSION_ON, resource=resource)

    def list_open_successions(self) -> Sequence[Succession]:
        """Return all open successions."""
        return [
            self._succession_with_support(row)
            for row in self._read_rows(_OPEN_SUCCESSIONS)
        ]

    def get_succession(self, succession: SuccessionId) -> Succession | None:
        """Return a succession by id, in any state."""
        return self._read_succession(_SUCCESSION_BY_ID, id=succession)

    def _read_succession(self, statement: Any, **values: str) -> Succession | None:
        row = self._read_row(statement, **values)
        return self._succession_with_support(row) if row else None

    def _succession_with_support(self, row: Any) -> Succession:
        chosen = {
            r.elector: r.person for r in self._read_rows(_SELECT_SUPPORT, id=row.id)
        }
        return replace(Succession(*row), support=chosen)


_INSERT_SUCCESSION = successions.insert()
_DELETE_SUPPORT = delete(succession_support).where(
    of_workspace(succession_support),
    succession_support.c.succession == param("of"),
    succession_support.c.elector == param("whose"),
)
_INSERT_SUPPORT = succession_support.insert()
_CLOSE_SUCCESSION = (
    update(successions)
    .where(of_workspace(successions), _COLUMNS.id == param("of"), IS_PENDING)
    .values(state=param("new_state"), chosen=param("new_chosen"))
)
SINGLE_USE_STATEMENTS = frozenset({_CLOSE_SUCCESSION})


def insert_succession(
    recorded: RecordedEvent, event: events.SuccessionOpened
) -> Iterator[Write]:
    """Insert an open succession."""
    row = {"id": event.succession, "resource": event.resource, "person": event.person}
    open_values = {"role": event.role, "asked": event.asked, "state": "pending"}
    yield _INSERT_SUCCESSION, {"workspace": recorded.workspace, **row, **open_values}


def replace_support(
    recorded: RecordedEvent, event: events.SuccessionSupported
) -> Iterator[Write]:
    """Replace the vote of an elector."""
    yield (
        _DELETE_SUPPORT,
        {"w": recorded.workspace, "of": event.succession, "whose": event.elector},
    )
    row = {
        "succession": event.succession,
        "elector": event.elector,
        "person": event.person,
    }
    yield _INSERT_SUPPORT, {"workspace": recorded.workspace, **row}


def close_succession(
    recorded: RecordedEvent, event: events.SuccessionSettled | events.SuccessionClosed
) -> Iterator[Write]:
    """Close a succession as settled or, without a successor, as closed."""
    chosen = event.person if isinstance(event, events.SuccessionSettled) else None
    now = {"new_state": "settled" if chosen else "closed", "new_chosen": chosen}
    yield _CLOSE_SUCCESSION, {"w": recorded.workspace, "of": event.succession, **now}

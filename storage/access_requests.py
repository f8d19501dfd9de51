"""Access requests and successions as stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from collab import events
from collab.events import RecordedEvent
from collab.model import AccessRequest, Succession
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import (
    IS_PENDING,
    access_requests,
    stale_keys,
    succession_support,
    successions,
)

_REQUEST_COLUMNS = access_requests.c
_SELECT_REQUEST = select(
    _REQUEST_COLUMNS.id,
    _REQUEST_COLUMNS.resource,
    _REQUEST_COLUMNS.person,
    _REQUEST_COLUMNS.role,
    _REQUEST_COLUMNS.note,
    _REQUEST_COLUMNS.asked,
    _REQUEST_COLUMNS.state,
    _REQUEST_COLUMNS.sent,
    _REQUEST_COLUMNS.expires,
    _REQUEST_COLUMNS.answered,
    _REQUEST_COLUMNS.answered_by,
).where(of_workspace(access_requests))
_REQUEST_BY_ID = _SELECT_REQUEST.where(_REQUEST_COLUMNS.id == param("id"))
_OPEN_REQUESTS = _SELECT_REQUEST.where(IS_PENDING).order_by(
    _REQUEST_COLUMNS.sent, _REQUEST_COLUMNS.id
)
_OPEN_OF_PERSON = _OPEN_REQUESTS.where(_REQUEST_COLUMNS.person == param("person"))
_OPEN_ON_RESOURCE = _OPEN_REQUESTS.where(_REQUEST_COLUMNS.resource == param("resource"))
_OPEN_REQUEST = _OPEN_ON_RESOURCE.where(_REQUEST_COLUMNS.person == param("person"))
_DUE_REQUESTS = (
    _SELECT_REQUEST.where(IS_PENDING, _REQUEST_COLUMNS.expires <= param("at"))
    .order_by(_REQUEST_COLUMNS.expires)
    .limit(param("most"))
)
_SUCCESSION_COLUMNS = successions.c
_SELECT_SUCCESSION = select(
    _SUCCESSION_COLUMNS.id,
    _SUCCESSION_COLUMNS.resource,
    _SUCCESSION_COLUMNS.person,
    _SUCCESSION_COLUMNS.role,
    _SUCCESSION_COLUMNS.asked,
    _SUCCESSION_COLUMNS.state,
    _SUCCESSION_COLUMNS.chosen,
).where(of_workspace(successions))
_SUCCESSION_BY_ID = _SELECT_SUCCESSION.where(_SUCCESSION_COLUMNS.id == param("id"))
_OPEN_SUCCESSION_ON = _SELECT_SUCCESSION.where(
    IS_PENDING, _SUCCESSION_COLUMNS.resource == param("resource")
)
_OPEN_SUCCESSIONS = _SELECT_SUCCESSION.where(IS_PENDING).order_by(
    _SUCCESSION_COLUMNS.id
)
_SELECT_SUPPORT = select(
    succession_support.c.elector, succession_support.c.person
).where(
    of_workspace(succession_support), succession_support.c.succession == param("id")
)
_SELECT_STALE_KEYS = (
    select(stale_keys.c.resource, stale_keys.c.person, stale_keys.c.since)
    .where(of_workspace(stale_keys), in_array(stale_keys.c.resource, "ids"))
    .order_by(stale_keys.c.since, stale_keys.c.person)
)


class AccessRequestRepository(WorkspaceReader):
    """Answers about access requests, successions, and keys that wait to be rotated."""

    def get_access_request(self, request: str) -> AccessRequest | None:
        """An access request by id, in whatever state."""
        return self._read_request(_REQUEST_BY_ID, id=request)

    def find_open_request(self, person: str, resource: str) -> AccessRequest | None:
        """The open request of a person for a role on a resource."""
        return self._read_request(_OPEN_REQUEST, person=person, resource=resource)

    def list_open_requests(self) -> Sequence[AccessRequest]:
        """All open requests, oldest first."""
        return [AccessRequest(*row) for row in self._read_rows(_OPEN_REQUESTS)]

    def list_open_requests_of(self, person: str) -> Sequence[AccessRequest]:
        """The open requests of a person."""
        return [
            AccessRequest(*row)
            for row in self._read_rows(_OPEN_OF_PERSON, person=person)
        ]

    def list_open_requests_on(self, resource: str) -> Sequence[AccessRequest]:
        """The open requests for roles on a resource, oldest first."""
        return [
            AccessRequest(*row)
            for row in self._read_rows(_OPEN_ON_RESOURCE, resource=resource)
        ]

    def list_due_requests(self, at: datetime, most: int) -> Sequence[AccessRequest]:
        """Open requests that nobody answered in time."""
        return [
            AccessRequest(*row)
            for row in self._read_rows(_DUE_REQUESTS, at=at, most=most)
        ]

    def _read_request(self, statement: Any, **values: str) -> AccessRequest | None:
        row = self._read_row(statement, **values)
        return AccessRequest(*row) if row else None


class KeyRotationRepository(WorkspaceReader):
    """Reads which resources' keys should be rotated."""

    def list_stale_keys(
        self, resources: Collection[str]
    ) -> Mapping[str, Sequence[tuple[str, datetime]]]:
        """Return who lost access to each resource whose keys wait to be rotated, and when, the first one first."""
        rows = (
            self._read_rows(_SELECT_STALE_KEYS, ids=list(resources))
            if resources
            else ()
        )
        people_by_resource: dict[str, list[tuple[str, datetime]]] = {}
        for row in rows:
            people_by_resource.setdefault(row.resource, []).append(
                (row.person, row.since)
            )
        return people_by_resource


class SuccessionRepository(WorkspaceReader):
    """Reads open questions about who takes over from a deactivated person."""

    def find_open_succession(self, resource: str) -> Succession | None:
        """Who is to follow somebody on a resource, while that is open."""
        return self._read_succession(_OPEN_SUCCESSION_ON, resource=resource)

    def list_open_successions(self) -> Sequence[Succession]:
        """Everything on which somebody is to follow, while that is open."""
        return [
            self._succession_with_support(row)
            for row in self._read_rows(_OPEN_SUCCESSIONS)
        ]

    def get_succession(self, succession: str) -> Succession | None:
        """The same by id, in whatever state."""
        return self._read_succession(_SUCCESSION_BY_ID, id=succession)

    def _read_succession(self, statement: Any, **values: str) -> Succession | None:
        row = self._read_row(statement, **values)
        return self._succession_with_support(row) if row else None

    def _succession_with_support(self, row: Any) -> Succession:
        chosen = {
            r.elector: r.person for r in self._read_rows(_SELECT_SUPPORT, id=row.id)
        }
        return replace(Succession(*row), support=chosen)


_INSERT_REQUEST = access_requests.insert()
_CLOSE_REQUEST = (
    update(access_requests)
    .where(of_workspace(access_requests), _REQUEST_COLUMNS.id == param("q"), IS_PENDING)
    .values(
        state=param("new_state"),
        answered=param("new_answered"),
        answered_by=param("new_by"),
    )
)
_INSERT_SUCCESSION = successions.insert()
_DELETE_SUPPORT = delete(succession_support).where(
    of_workspace(succession_support),
    succession_support.c.succession == param("of"),
    succession_support.c.elector == param("whose"),
)
_INSERT_SUPPORT = succession_support.insert()
_CLOSE_SUCCESSION = (
    update(successions)
    .where(of_workspace(successions), _SUCCESSION_COLUMNS.id == param("of"), IS_PENDING)
    .values(state=param("new_state"), chosen=param("new_chosen"))
)
SINGLE_USE_STATEMENTS = frozenset({_CLOSE_REQUEST, _CLOSE_SUCCESSION})


def insert_request(
    recorded: RecordedEvent, event: events.RequestSent
) -> Iterator[Write]:
    """One more request waits."""
    yield (
        _INSERT_REQUEST,
        {
            "workspace": recorded.workspace,
            "id": event.request,
            "resource": event.resource,
            "person": event.person,
            "role": event.role,
            "note": event.note,
            "asked": event.asked,
            "state": "pending",
            "sent": recorded.at,
            "expires": event.expires,
        },
    )


def build_closing_projection(
    state: str,
) -> Callable[[RecordedEvent, Any], Iterator[Write]]:
    """The end of a request, in the state of that name."""

    def settle(recorded: RecordedEvent, event: Any) -> Iterator[Write]:
        now = {
            "new_state": state,
            "new_answered": recorded.at,
            "new_by": recorded.actor,
        }
        yield _CLOSE_REQUEST, {"w": recorded.workspace, "q": event.request} | now

    return settle


def insert_succession(
    recorded: RecordedEvent, event: events.SuccessionOpened
) -> Iterator[Write]:
    """Somebody is to follow."""
    row = {"id": event.succession, "resource": event.resource, "person": event.person}
    open_values = {"role": event.role, "asked": event.asked, "state": "pending"}
    yield _INSERT_SUCCESSION, {"workspace": recorded.workspace, **row, **open_values}


def replace_support(
    recorded: RecordedEvent, event: events.SuccessionSupported
) -> Iterator[Write]:
    """One who chooses is for somebody, and for nobody else."""
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
    """Nobody needs to be chosen any more."""
    chosen = event.person if isinstance(event, events.SuccessionSettled) else None
    now = {"new_state": "settled" if chosen else "closed", "new_chosen": chosen}
    yield _CLOSE_SUCCESSION, {"w": recorded.workspace, "of": event.succession, **now}

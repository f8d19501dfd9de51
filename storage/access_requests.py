"""Access requests in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from collab import events
from collab.events import RecordedEvent
from collab.model import AccessRequest, AccessRequestId, PersonId, ResourceId
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import IS_PENDING, access_requests

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


class AccessRequestRepository(WorkspaceReader):
    """Reads access requests."""

    def get_access_request(self, request: AccessRequestId) -> AccessRequest | None:
        """Return an access request by id, in any state."""
        return self._read_request(_REQUEST_BY_ID, id=request)

    def find_open_request(
        self, person: PersonId, resource: ResourceId
    ) -> AccessRequest | None:
        """Return the open request of a person for a role on a resource."""
        return self._read_request(_OPEN_REQUEST, person=person, resource=resource)

    def list_open_requests(self) -> Sequence[AccessRequest]:
        """Return all open requests, oldest first."""
        return [AccessRequest(*row) for row in self._read_rows(_OPEN_REQUESTS)]

    def list_open_requests_of(self, person: PersonId) -> Sequence[AccessRequest]:
        """Return the open requests of a person."""
        return [
            AccessRequest(*row)
            for row in self._read_rows(_OPEN_OF_PERSON, person=person)
        ]

    def list_open_requests_on(self, resource: ResourceId) -> Sequence[AccessRequest]:
        """Return the open requests for roles on a resource, oldest first."""
        return [
            AccessRequest(*row)
            for row in self._read_rows(_OPEN_ON_RESOURCE, resource=resource)
        ]

    def list_due_requests(self, at: datetime, most: int) -> Sequence[AccessRequest]:
        """Return open requests that have expired by a moment, earliest first."""
        return [
            AccessRequest(*row)
            for row in self._read_rows(_DUE_REQUESTS, at=at, most=most)
        ]

    def _read_request(self, statement: Any, **values: str) -> AccessRequest | None:
        row = self._read_row(statement, **values)
        return AccessRequest(*row) if row else None


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
_REOPEN_REQUEST = (
    update(access_requests)
    .where(of_workspace(access_requests), _REQUEST_COLUMNS.id == param("q"))
    .values(state="pending", answered=None, answered_by=None)
)
SINGLE_USE_STATEMENTS = frozenset({_CLOSE_REQUEST, _REOPEN_REQUEST})


def insert_request(
    recorded: RecordedEvent, event: events.RequestSent
) -> Iterator[Write]:
    """Insert an open access request."""
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
    """Return a projection that closes a request in a state.

    If the event says why, that is the state.
    """

    def settle(recorded: RecordedEvent, event: Any) -> Iterator[Write]:
        now = {
            "new_state": getattr(event, "why", state),
            "new_answered": recorded.at,
            "new_by": recorded.actor,
        }
        yield _CLOSE_REQUEST, {"w": recorded.workspace, "q": event.request} | now

    return settle


def reopen_request(
    recorded: RecordedEvent, event: events.RequestReopened
) -> Iterator[Write]:
    """Set a request that had ended to pending again."""
    yield _REOPEN_REQUEST, {"w": recorded.workspace, "q": event.request}

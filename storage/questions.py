"""Access requests and successions as stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from collab import events
from collab.events import Recorded
from collab.requests import Request
from collab.successions import Succession
from storage.statements import Reader, Write, given, in_workspace, one_of
from storage.tables import IS_PENDING, requests, stale_keys, successions, support

_R = requests.c
_REQUEST = select(
    _R.id,
    _R.resource,
    _R.person,
    _R.role,
    _R.note,
    _R.asked,
    _R.state,
    _R.sent,
    _R.expires,
    _R.answered,
    _R.answered_by,
).where(in_workspace(requests))
_BY_ID = _REQUEST.where(_R.id == given("id"))
_OPEN = _REQUEST.where(IS_PENDING).order_by(_R.sent, _R.id)
_OF_PERSON = _OPEN.where(_R.person == given("person"))
_ON_RESOURCE = _OPEN.where(_R.resource == given("resource"))
_ONE = _ON_RESOURCE.where(_R.person == given("person"))
_DUE = _REQUEST.where(IS_PENDING, _R.expires <= given("at")).order_by(_R.expires).limit(given("most"))
_S = successions.c
_SUCCESSION = select(_S.id, _S.resource, _S.person, _S.role, _S.asked, _S.state, _S.chosen).where(
    in_workspace(successions)
)
_SUCCESSION_BY_ID = _SUCCESSION.where(_S.id == given("id"))
_SUCCESSION_ON = _SUCCESSION.where(IS_PENDING, _S.resource == given("resource"))
_SUCCESSIONS = _SUCCESSION.where(IS_PENDING).order_by(_S.id)
_SUPPORT = select(support.c.elector, support.c.person).where(in_workspace(support), support.c.succession == given("id"))
_STALE = (
    select(stale_keys.c.resource, stale_keys.c.person, stale_keys.c.since)
    .where(in_workspace(stale_keys), one_of(stale_keys.c.resource, "ids"))
    .order_by(stale_keys.c.since, stale_keys.c.person)
)


class QuestionFacts(Reader):
    """Answers about access requests, successions, and keys that wait to be rotated."""

    def request(self, request: str) -> Request | None:
        """An access request by id, in whatever state."""
        return self._request(_BY_ID, id=request)

    def asked_for(self, person: str, resource: str) -> Request | None:
        """The open request of a person for a role on a resource."""
        return self._request(_ONE, person=person, resource=resource)

    def open_requests(self) -> Sequence[Request]:
        """All open requests, oldest first."""
        return [Request(*row) for row in self._rows(_OPEN)]

    def requests_of(self, person: str) -> Sequence[Request]:
        """The open requests of a person."""
        return [Request(*row) for row in self._rows(_OF_PERSON, person=person)]

    def requests_on(self, resource: str) -> Sequence[Request]:
        """The open requests for roles on a resource, oldest first."""
        return [Request(*row) for row in self._rows(_ON_RESOURCE, resource=resource)]

    def due_requests(self, at: datetime, most: int) -> Sequence[Request]:
        """Open requests that nobody answered in time."""
        return [Request(*row) for row in self._rows(_DUE, at=at, most=most)]

    def succession(self, resource: str) -> Succession | None:
        """Who is to follow somebody on a resource, while that is open."""
        return self._succession(_SUCCESSION_ON, resource=resource)

    def successions(self) -> Sequence[Succession]:
        """Everything on which somebody is to follow, while that is open."""
        return [self._with_support(row) for row in self._rows(_SUCCESSIONS)]

    def succession_by_id(self, succession: str) -> Succession | None:
        """The same by id, in whatever state."""
        return self._succession(_SUCCESSION_BY_ID, id=succession)

    def stale_keys(self, resources: Collection[str]) -> Mapping[str, Sequence[tuple[str, datetime]]]:
        """Return who lost access to each resource whose keys wait to be rotated, and when, the first one first."""
        rows = self._rows(_STALE, ids=list(resources)) if resources else ()
        found: dict[str, list[tuple[str, datetime]]] = {}
        for row in rows:
            found.setdefault(row.resource, []).append((row.person, row.since))
        return found

    def _succession(self, statement: Any, **values: str) -> Succession | None:
        row = self._row(statement, **values)
        return self._with_support(row) if row else None

    def _with_support(self, row: Any) -> Succession:
        chosen = {r.elector: r.person for r in self._rows(_SUPPORT, id=row.id)}
        return replace(Succession(*row), support=chosen)

    def _request(self, statement: Any, **values: str) -> Request | None:
        row = self._row(statement, **values)
        return Request(*row) if row else None


_SEND = requests.insert()
_SETTLE = (
    update(requests)
    .where(in_workspace(requests), _R.id == given("q"), IS_PENDING)
    .values(state=given("new_state"), answered=given("new_answered"), answered_by=given("new_by"))
)
_OPEN_SUCCESSION = successions.insert()
_WITHDRAW = delete(support).where(
    in_workspace(support), support.c.succession == given("of"), support.c.elector == given("whose")
)
_SUPPORTS = support.insert()
_CLOSE = (
    update(successions)
    .where(in_workspace(successions), _S.id == given("of"), IS_PENDING)
    .values(state=given("new_state"), chosen=given("new_chosen"))
)
CONSUMING = frozenset({_SETTLE, _CLOSE})


def sent(recorded: Recorded, event: events.RequestSent) -> Iterator[Write]:
    """One more request waits."""
    yield (
        _SEND,
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


def settled(state: str) -> Callable[[Recorded, Any], Iterator[Write]]:
    """The end of a request, in the state of that name."""

    def settle(recorded: Recorded, event: Any) -> Iterator[Write]:
        now = {"new_state": state, "new_answered": recorded.at, "new_by": recorded.actor}
        yield _SETTLE, {"w": recorded.workspace, "q": event.request} | now

    return settle


def opened(recorded: Recorded, event: events.SuccessionOpened) -> Iterator[Write]:
    """Somebody is to follow."""
    row = {"id": event.succession, "resource": event.resource, "person": event.person}
    waits = {"role": event.role, "asked": event.asked, "state": "pending"}
    yield _OPEN_SUCCESSION, {"workspace": recorded.workspace, **row, **waits}


def supported(recorded: Recorded, event: events.SuccessionSupported) -> Iterator[Write]:
    """One who chooses is for somebody, and for nobody else."""
    yield _WITHDRAW, {"w": recorded.workspace, "of": event.succession, "whose": event.elector}
    row = {"succession": event.succession, "elector": event.elector, "person": event.person}
    yield _SUPPORTS, {"workspace": recorded.workspace, **row}


def closed(recorded: Recorded, event: events.SuccessionSettled | events.SuccessionClosed) -> Iterator[Write]:
    """Nobody needs to be chosen any more."""
    chosen = event.person if isinstance(event, events.SuccessionSettled) else None
    now = {"new_state": "settled" if chosen else "closed", "new_chosen": chosen}
    yield _CLOSE, {"w": recorded.workspace, "of": event.succession, **now}

"""What follows from an event within the same act: questions that have their answer, or nothing to be about, end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from collab import events, requests, successions
from collab.events import Event
from collab.people import has_lapsed

if TYPE_CHECKING:
    from collab.case import Case


def consequences(case: Case, happened: Sequence[Event]) -> list[Event]:
    """The events, and behind them what follows from each."""
    settled = {getattr(e, "succession", None) for e in happened} | {getattr(e, "request", None) for e in happened}
    following = [f for e in happened for f in FOLLOWS.get(type(e), _nothing)(case, e)]
    new = {_subject(f): f for f in following if _subject(f) not in settled}
    return [*happened, *new.values()]


def _nothing(_case: Case, _event: Any) -> Iterator[Event]:
    return iter(())


def _subject(event: Any) -> str:
    found: str = getattr(event, "request", None) or event.succession
    return found


def role_taken(case: Case, event: Any) -> Iterator[Event]:
    """Somebody holds a role: for good, nobody is missing there any more; and nobody needs to give it to them."""
    if event.until is None:
        yield from successions.closed(case, event.resource, event.role)
    found = case.facts.asked_for(event.person, event.resource)
    resource = case.facts.resource(event.resource)
    kind = case.kinds[resource.kind] if resource else None
    if found and kind and kind.rank(event.role) <= kind.rank(found.role):
        yield requests.ended(found, "held")


def controlled(case: Case, event: Any) -> Iterator[Event]:
    """Something stands in another thing, or is paid for: it is controlled, whoever is missing."""
    resource = case.facts.resource(event.resource)
    now = getattr(event, "parent", None) or getattr(event, "payer", None)
    if resource and now and case.kinds[resource.kind].stays_controlled:
        yield from successions.closed(case, event.resource, case.kinds[resource.kind].highest)


def gone(case: Case, event: events.ResourceDeleted) -> Iterator[Event]:
    """A thing is gone, and with it every question about it."""
    yield from successions.closed(case, event.resource)
    for request in case.facts.requests_on(event.resource):
        yield requests.ended(request, "gone")


def changed_account(case: Case, event: events.PersonProfiled) -> Iterator[Event]:
    """An account was deactivated: others follow where somebody must. It returned: nobody is missing there."""
    person = case.facts.person(event.person)
    if event.active:
        came_back = person is not None and not has_lapsed(person, case.at)
        for membership in case.facts.suspended(event.person) if came_back else ():
            if membership.until is None:
                yield from successions.closed(case, membership.resource, membership.role)
        return
    if person and person.active:
        yield from successions.open_for(case, person.id)
    for request in case.facts.requests_of(event.person):
        yield requests.ended(request, "asker")


FOLLOWS: Mapping[type[Event], Callable[[Case, Any], Iterator[Event]]] = {
    events.MemberJoined: role_taken,
    events.MemberRoleChanged: role_taken,
    events.MemberRestored: role_taken,
    events.MemberExtended: role_taken,
    events.PayerChanged: controlled,
    events.ResourceMoved: controlled,
    events.ResourceDeleted: gone,
    events.PersonProfiled: changed_account,
}

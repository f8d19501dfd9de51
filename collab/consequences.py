"""What follows from an event within the same act: questions that have their answer, or nothing to be about, end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from collab import access, events, requests, successions
from collab.events import Event
from collab.notices import person_of
from collab.offers import PAY, revoked
from collab.people import has_lapsed

if TYPE_CHECKING:
    from collab.case import Case
    from collab.people import Person

INVITATIONS = 100  # of one person that are sent again at most


def consequences(case: Case, happened: Sequence[Event]) -> list[Event]:
    """The events, and behind them what follows from each."""
    settled = {about for e in happened if (about := _subject(e))}
    following = [f for e in happened for f in FOLLOWS.get(type(e), _nothing)(case, e)]
    new = {_subject(f) or f: f for f in following if _subject(f) not in settled}
    return [*happened, *new.values()]


def _nothing(_case: Case, _event: Any) -> Iterator[Event]:
    return iter(())


def _subject(event: Any) -> str | None:
    """The question that an event answers or ends, when it does."""
    names = ("succession", "request") if not event.name.startswith("invitation.") else ("invitation",)
    return next(filter(None, (getattr(event, name, None) for name in names)), None)


def role_taken(case: Case, event: Any) -> Iterator[Event]:
    """Somebody holds a role: nobody is missing there any more, if it lasts, and nobody needs to give it to them."""
    if event.until is None:
        yield from successions.closed(case, event.resource, event.role)
    found = case.facts.asked_for(event.person, event.resource)
    resource = case.facts.resource(event.resource)
    kind = case.kinds[resource.kind] if resource else None
    if found and kind and kind.rank(event.role) <= kind.rank(found.role):
        yield requests.ended(found, "held")


def paid(case: Case, event: events.PayerChanged) -> Iterator[Event]:
    """Another payer: offers of the billing die, but the one that did it (BIL-05). Whoever was missing is not needed."""
    yield from _controlled(case, event.resource) if event.payer else ()
    for offer in case.facts.pending_on(event.resource):
        if offer.purpose == PAY and offer.id != event.invitation:
            yield revoked(offer, "overtaken")


def moved(case: Case, event: events.ResourceMoved) -> Iterator[Event]:
    """Something stands in another thing: it is controlled, whoever is missing."""
    yield from _controlled(case, event.resource) if event.parent else ()
    found, waits = case.facts.resource(event.resource), case.facts.succession(event.resource)
    moved_to = replace(found, parent=event.parent) if found else None
    if moved_to and waits and access.supplied(case, moved_to, waits.role):
        yield from successions.closed(case, event.resource, waits.role)


def _controlled(case: Case, place: str) -> Iterator[Event]:
    resource = case.facts.resource(place)
    if resource and case.kinds[resource.kind].stays_controlled:
        yield from successions.closed(case, place, case.kinds[resource.kind].highest)


def gone(case: Case, event: events.ResourceDeleted) -> Iterator[Event]:
    """A thing is gone, and with it every question about it."""
    yield from successions.closed(case, event.resource)
    for request in case.facts.requests_on(event.resource):
        yield requests.ended(request, "gone")


def went(case: Case, event: events.MemberLeft | events.MemberRemoved) -> Iterator[Event]:
    """End the requests of somebody who is out of a thing, on it and on all inside it (MEM-12)."""
    open_ones = case.facts.requests_of(event.person)
    places = {event.resource, *(r.id for r in case.facts.everything_inside(event.resource))} if open_ones else ()
    yield from (requests.ended(request, "left") for request in open_ones if request.resource in places)


def time_over(case: Case, event: events.MemberEnded) -> Iterator[Event]:
    """End the request for another role on a thing, of somebody whose role there ended by time (MEM-12)."""
    found = case.facts.asked_for(event.person, event.resource)
    if found:
        yield requests.ended(found, "left")


def changed_account(case: Case, event: events.PersonProfiled) -> Iterator[Event]:
    """An account was deactivated: others follow where somebody must. It returned: nobody is missing there."""
    person = case.facts.person(event.person)
    if event.active:
        yield from _returned(case, person) if person else ()
        return
    if person and person.active:
        yield from successions.open_for(case, person.id)
        yield from successions.ask_next(case, person.id)
    for request in case.facts.requests_of(event.person):
        yield requests.ended(request, "asker")


def _returned(case: Case, person: Person) -> Iterator[Event]:
    """What somebody holds again for good, unless they return too late, needs nobody to follow."""
    if has_lapsed(person, case.at):
        return
    for membership in case.facts.suspended(person.id):
        if membership.until is None:
            yield from successions.closed(case, membership.resource, membership.role)


def merged(case: Case, event: events.PersonMerged) -> Iterator[Event]:
    """Send the invitations again that reached nobody because nobody had the address then."""
    addressee = case.facts.person(event.person)
    if addressee is None or addressee.user:
        return
    for delivery in case.facts.undelivered(addressee.id, INVITATIONS):
        if delivery.message == "invitation" and person_of(delivery.target) == addressee.id:
            yield events.NoticeRetried(delivery.id, delivery.target, delivery.message)


FOLLOWS: Mapping[type[Event], Callable[[Case, Any], Iterator[Event]]] = {
    events.MemberJoined: role_taken,
    events.MemberRoleChanged: role_taken,
    events.MemberRestored: role_taken,
    events.MemberExtended: role_taken,
    events.MemberLeft: went,
    events.MemberRemoved: went,
    events.MemberEnded: time_over,
    events.PayerChanged: paid,
    events.ResourceMoved: moved,
    events.ResourceDeleted: gone,
    events.PersonProfiled: changed_account,
    events.PersonMerged: merged,
}

"""What follows from an event within the same act: questions that have their answer, or nothing to be about, end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from collab import access_requests, authorization, events, successions
from collab.context import Context
from collab.events import Event
from collab.invitations.rules import PAY, build_revoked_event
from collab.model import Person
from collab.notifications.targets import parse_person_id
from collab.people import has_lapsed

MAX_RETRIED_INVITATIONS = 100  # of one person that are sent again at most


def append_follow_up_events(context: Context, happened: Sequence[Event]) -> list[Event]:
    """The events, and behind them what follows from each."""
    settled = {about for e in happened if (about := _get_open_item_id(e))}
    following = [
        f
        for e in happened
        for f in EVENT_HANDLERS.get(type(e), _no_follow_up)(context, e)
    ]
    new = {
        _get_open_item_id(f) or f: f
        for f in following
        if _get_open_item_id(f) not in settled
    }
    return [*happened, *new.values()]


def _no_follow_up(_case: Context, _event: Any) -> Iterator[Event]:
    return iter(())


def _get_open_item_id(event: Any) -> str | None:
    """The question that an event answers or ends, when it does."""
    names = (
        ("succession", "request")
        if not event.name.startswith("invitation.")
        else ("invitation",)
    )
    return next(filter(None, (getattr(event, name, None) for name in names)), None)


def handle_role_assigned(context: Context, event: Any) -> Iterator[Event]:
    """Somebody holds a role: nobody is missing there any more, if it lasts, and nobody needs to give it to them."""
    if event.until is None:
        yield from successions.close_succession(context, event.resource, event.role)
    found = context.access_requests.find_open_request(event.person, event.resource)
    resource = context.resources.get_resource(event.resource)
    kind = context.roles[resource.kind] if resource else None
    if found and kind and kind.get_rank(event.role) <= kind.get_rank(found.role):
        yield access_requests.build_ended_event(found, "held")


def handle_payer_changed(
    context: Context, event: events.PayerChanged
) -> Iterator[Event]:
    """Another payer: offers of the billing die, but the one that did it (BIL-05). Whoever was missing is not needed."""
    yield from (
        _close_succession_if_controlled(context, event.resource) if event.payer else ()
    )
    for offer in context.invitations.list_pending_invitations_on(event.resource):
        if offer.purpose == PAY and offer.id != event.invitation:
            yield build_revoked_event(offer, "overtaken")


def handle_resource_moved(
    context: Context, event: events.ResourceMoved
) -> Iterator[Event]:
    """Something stands in another thing: it is controlled, whoever is missing."""
    yield from (
        _close_succession_if_controlled(context, event.resource) if event.parent else ()
    )
    found, waits = (
        context.resources.get_resource(event.resource),
        context.successions.find_open_succession(event.resource),
    )
    moved_to = replace(found, parent=event.parent) if found else None
    if (
        moved_to
        and waits
        and authorization.is_role_supplied_by_parent(context, moved_to, waits.role)
    ):
        yield from successions.close_succession(context, event.resource, waits.role)


def _close_succession_if_controlled(context: Context, place: str) -> Iterator[Event]:
    resource = context.resources.get_resource(place)
    if resource and context.roles[resource.kind].must_stay_controlled:
        yield from successions.close_succession(
            context, place, context.roles[resource.kind].highest_role
        )


def handle_resource_deleted(
    context: Context, event: events.ResourceDeleted
) -> Iterator[Event]:
    """A thing is gone, and with it every question about it."""
    yield from successions.close_succession(context, event.resource)
    for request in context.access_requests.list_open_requests_on(event.resource):
        yield access_requests.build_ended_event(request, "gone")


def handle_member_departed(
    context: Context, event: events.MemberLeft | events.MemberRemoved
) -> Iterator[Event]:
    """End the requests of somebody who is out of a thing, on it and on all inside it (MEM-12)."""
    open_ones = context.access_requests.list_open_requests_of(event.person)
    places = (
        {
            event.resource,
            *(r.id for r in context.resources.list_descendants(event.resource)),
        }
        if open_ones
        else ()
    )
    yield from (
        access_requests.build_ended_event(request, "left")
        for request in open_ones
        if request.resource in places
    )


def handle_membership_expired(
    context: Context, event: events.MemberEnded
) -> Iterator[Event]:
    """End the request for another role on a thing, of somebody whose role there ended by time (MEM-12)."""
    found = context.access_requests.find_open_request(event.person, event.resource)
    if found:
        yield access_requests.build_ended_event(found, "left")


def handle_account_changed(
    context: Context, event: events.PersonProfiled
) -> Iterator[Event]:
    """An account was deactivated: others follow where somebody must. It returned: nobody is missing there."""
    person = context.people.get_person(event.person)
    if event.active:
        yield from _close_successions_of_returned(context, person) if person else ()
        return
    if person and person.active:
        yield from successions.open_successions_for(context, person.id)
        yield from successions.ask_next_electors(context, person.id)
    for request in context.access_requests.list_open_requests_of(event.person):
        yield access_requests.build_ended_event(request, "asker")


def _close_successions_of_returned(context: Context, person: Person) -> Iterator[Event]:
    """What somebody holds again for good, unless they return too late, needs nobody to follow."""
    if has_lapsed(person, context.at):
        return
    for membership in context.memberships.list_suspended_memberships_of(person.id):
        if membership.until is None:
            yield from successions.close_succession(
                context, membership.resource, membership.role
            )


def handle_person_merged(
    context: Context, event: events.PersonMerged
) -> Iterator[Event]:
    """Send the invitations again that reached nobody because nobody had the address then."""
    addressee = context.people.get_person(event.person)
    if addressee is None or addressee.user:
        return
    for delivery in context.deliveries.list_failed_deliveries(
        addressee.id, MAX_RETRIED_INVITATIONS
    ):
        if (
            delivery.message == "invitation"
            and parse_person_id(delivery.target) == addressee.id
        ):
            yield events.NoticeRetried(delivery.id, delivery.target, delivery.message)


EVENT_HANDLERS: Mapping[type[Event], Callable[[Context, Any], Iterator[Event]]] = {
    events.MemberJoined: handle_role_assigned,
    events.MemberRoleChanged: handle_role_assigned,
    events.MemberRestored: handle_role_assigned,
    events.MemberExtended: handle_role_assigned,
    events.MemberLeft: handle_member_departed,
    events.MemberRemoved: handle_member_departed,
    events.MemberEnded: handle_membership_expired,
    events.PayerChanged: handle_payer_changed,
    events.ResourceMoved: handle_resource_moved,
    events.ResourceDeleted: handle_resource_deleted,
    events.PersonProfiled: handle_account_changed,
    events.PersonMerged: handle_person_merged,
}

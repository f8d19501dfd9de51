"""Event handlers: events that follow from another one in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from collab import access_requests, authorization, events, successions
from collab.context import Context
from collab.events import Event
from collab.handovers import taking_back
from collab.invitations.due_invitations import REMINDER_SETTINGS, reschedule_reminders
from collab.invitations.rules import (
    BILLING_PURPOSES,
    HANDOVER,
    build_revoked_event,
)
from collab.model import Person, ResourceId
from collab.notifications.targets import parse_person_id
from collab.people import has_lapsed

MAX_RETRIED_INVITATIONS = 100  # of one person

RoleAssigned = (
    events.MemberJoined
    | events.MemberRoleChanged
    | events.MemberRestored
    | events.MemberExtended
)


def append_follow_up_events(context: Context, decided: Sequence[Event]) -> list[Event]:
    """Return the events of a decision and then those that follow from each.

    An open item that is answered or ended once is not ended again.
    """
    answered_ids = {item_id for e in decided if (item_id := _get_open_item_id(e))}
    following: dict[str | Event, Event] = {}
    for event in decided:
        handler = EVENT_HANDLERS.get(type(event))
        if handler is None:
            continue
        for follow_up in handler(context, event):
            item_id = _get_open_item_id(follow_up)
            if item_id not in answered_ids:
                following[item_id or follow_up] = follow_up
    return [*decided, *following.values()]


def end_overtaken_questions(context: Context, events: Sequence[Event]) -> list[Event]:
    """Return the ends of the open questions that recorded events have overtaken: access
    requests (MEM-12), and requests to undo a handover (HND-04).
    """
    return [
        *access_requests.end_requests_without_view(context, events),
        *taking_back.close_overtaken_offers(context, events),
    ]


def _get_open_item_id(event: Event) -> str | None:
    """Return the id of the invitation, access request or succession that an event
    answers or ends.
    """
    if event.name.startswith("invitation."):
        return getattr(event, "invitation", None)
    return getattr(event, "succession", None) or getattr(event, "request", None)


def handle_role_assigned(context: Context, event: RoleAssigned) -> Iterator[Event]:
    """Close the succession for a role that lasts, and end the person's request for this
    or a lower role.
    """
    if event.until is None:
        yield from successions.close_succession(context, event.resource, event.role)
    request = context.access_requests.find_open_request(event.person, event.resource)
    resource = context.resources.get_resource(event.resource)
    if request is None or resource is None:
        return
    get_rank = context.roles[resource.kind].get_rank
    if get_rank(event.role) <= get_rank(request.role):
        yield access_requests.build_ended_event(request, "held")


def handle_payer_changed(
    context: Context, event: events.PayerChanged
) -> Iterator[Event]:
    """Close the succession where a payer controls the resource, and revoke other offers
    of its billing (BIL-05), also those that hand over what contains it (HND-05).
    """
    if event.payer:
        yield from _close_succession_if_controlled(context, event.resource)
    resource = context.resources.get_resource(event.resource)
    if resource is None:
        return
    for place in (resource, *authorization.iterate_containers(context, resource)):
        purposes = BILLING_PURPOSES if place.id == resource.id else {HANDOVER}
        for invitation in context.invitations.list_pending_invitations_on(place.id):
            if invitation.purpose in purposes and invitation.id != event.invitation:
                yield build_revoked_event(invitation, "overtaken")


def handle_resource_moved(
    context: Context, event: events.ResourceMoved
) -> Iterator[Event]:
    """Close the succession for a role that the new container supplies."""
    if event.parent:
        yield from _close_succession_if_controlled(context, event.resource)
    resource = context.resources.get_resource(event.resource)
    succession = context.successions.find_open_succession(event.resource)
    if resource is None or succession is None:
        return
    role, moved = succession.role, replace(resource, parent=event.parent)
    if authorization.is_role_supplied_by_parent(context, moved, role):
        yield from successions.close_succession(context, event.resource, role)


def _close_succession_if_controlled(
    context: Context, resource_id: ResourceId
) -> Iterator[Event]:
    """Close the succession for the highest role on a resource that a payer or a
    container controls.
    """
    resource = context.resources.get_resource(resource_id)
    if resource is None:
        return
    kind = context.roles[resource.kind]
    if kind.must_stay_controlled:
        yield from successions.close_succession(context, resource_id, kind.highest_role)


def handle_resource_deleted(
    context: Context, event: events.ResourceDeleted
) -> Iterator[Event]:
    """Close the succession and end the access requests on a deleted resource."""
    yield from successions.close_succession(context, event.resource)
    for request in context.access_requests.list_open_requests_on(event.resource):
        yield access_requests.build_ended_event(request, "gone")


def handle_member_departed(
    context: Context, event: events.MemberLeft | events.MemberRemoved
) -> Iterator[Event]:
    """End the person's access requests on the resource and on everything inside it
    (MEM-12).
    """
    requests = context.access_requests.list_open_requests_of(event.person)
    if not requests:
        return
    descendants = context.resources.list_descendants(event.resource)
    resource_ids = {event.resource, *(resource.id for resource in descendants)}
    for request in requests:
        if request.resource in resource_ids:
            yield access_requests.build_ended_event(request, "left")


def handle_membership_expired(
    context: Context, event: events.MemberEnded
) -> Iterator[Event]:
    """End the access request of a person whose role on the same resource ended by time
    (MEM-12).
    """
    request = context.access_requests.find_open_request(event.person, event.resource)
    if request:
        yield access_requests.build_ended_event(request, "left")


def handle_workspace_set(
    context: Context, event: events.WorkspaceSet
) -> Iterator[Event]:
    """Reschedule the reminders of what was sent before, if they depend on the setting
    (INV-10).
    """
    if event.setting in REMINDER_SETTINGS:
        policy = context.default_policy.with_settings(json.loads(event.settings))
        yield from reschedule_reminders(context, policy)


def handle_account_changed(
    context: Context, event: events.PersonProfiled
) -> Iterator[Event]:
    """Open successions for a person who is deactivated and end their requests; close
    successions on return.
    """
    person = context.people.get_person(event.person)
    if event.active:
        if person:
            yield from _close_successions_of_returned(context, person)
        return
    if person and person.active:
        yield from successions.open_successions_for(context, person.id)
        yield from successions.ask_next_electors(context, person.id)
    for request in context.access_requests.list_open_requests_of(event.person):
        yield access_requests.build_ended_event(request, "asker")


def _close_successions_of_returned(context: Context, person: Person) -> Iterator[Event]:
    """Close the successions for the roles that a person has again, unless they return
    too late.
    """
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
    """Retry the invitations that could not be delivered because nobody had the address
    then.
    """
    addressee = context.people.get_person(event.person)
    if addressee is None or addressee.user:
        return
    for delivery in context.deliveries.list_failed_deliveries(
        addressee.id, MAX_RETRIED_INVITATIONS
    ):
        if delivery.message != "invitation":
            continue
        if parse_person_id(delivery.target) == addressee.id:
            yield events.NoticeRetried(delivery.id, delivery.target, delivery.message)


# Each handler takes its key as event type, which a mapping cannot express.
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
    events.WorkspaceSet: handle_workspace_set,
    events.PersonMerged: handle_person_merged,
}

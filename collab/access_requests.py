"""Access requests: a person who may view a resource requests a role, those who may
assign it answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    MemberEnded,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    PayerChanged,
    RequestDeclined,
    RequestEnded,
    RequestGranted,
    RequestSent,
    ResourceDeleted,
    ResourceMoved,
    ResourceRetired,
    TeamUnassigned,
    TeamUnshared,
)
from collab.invitations.rules import check_role_not_held, validate_note
from collab.model import AccessRequest, AccessRequestId, PersonId, Resource, ResourceId
from collab.outsiders import check_gives_outsider_no_power
from collab.people import select_people_of_workspace
from collab.resource_lookup import resolve_resource

PENDING = "pending"
# After these, the person of the event may no longer be able to view something.
ACCESS_LOSS_EVENTS = (
    MemberJoined,  # it may replace a higher role that expired before due work ran
    MemberLeft,
    MemberRemoved,
    MemberEnded,
    MemberRoleChanged,
    TeamUnassigned,
)
# After these, anybody may no longer be able to.
STRUCTURE_CHANGE_EVENTS = (
    PayerChanged,
    ResourceMoved,
    ResourceDeleted,
    ResourceRetired,
    TeamUnshared,
)


class RequestFields(TypedDict):
    """The fields that every event about an existing access request has."""

    request: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str


@dataclass(frozen=True, slots=True)
class RequestAccess(Command):
    """Request a role on a resource."""

    role: str
    what: str
    note: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Send the request to everybody who may assign the role (MEM-12)."""
        resource = resolve_resource(context, self.what)
        note = validate_note("note", self.note)
        kind = context.roles[resource.kind]
        role = kind.find_role(kind.resolve_role_name(self.role))
        if role is None or role.is_derived_only:
            raise errors.UnknownRole(
                self.role, kind.name, tuple(r.name for r in kind.assignable_roles)
            )
        actor_id = context.actor.id
        check_role_not_held(context, resource, context.actor, role.name)
        previous = context.access_requests.find_open_request(actor_id, resource.id)
        if previous and context.at < previous.expires:
            raise errors.AlreadyAsked(resource.title)
        approvers = _list_approvers(context, resource, role.name)
        if not approvers:
            raise errors.NobodyGrants(role.name, resource.title)
        sent = RequestSent(
            request=AccessRequestId(context.new_id("Q")),
            resource=resource.id,
            person=actor_id,
            role=role.name,
            note=note,
            expires=context.at + context.policy.lifetime,
            asked=approvers,
        )
        return [expire_request(previous), sent] if previous else [sent]


@dataclass(frozen=True, slots=True)
class ApproveRequest(Command):
    """Approve an access request; `request` is its id.

    With `asks_first` one that gives power to somebody from outside is rejected, so
    that it can be confirmed.
    """

    request: AccessRequestId
    asks_first: bool = False

    def decide(self, context: Context) -> list[Event]:
        """Assign the role if the actor may, and the requester may still view the
        resource (MEM-12, ROL-05).
        """
        request, resource = get_answerable_request(context, self.request)
        person = context.people.get_person(request.person)
        if person is None or not person.active:
            raise errors.NotAPerson(request.person, "deactivated")
        if not authorization.check(context, person.id, "view", resource):
            raise errors.RequestAnswered(request.id, "ended")
        check_role_not_held(context, resource, person, request.role)
        check_seats_available(
            context, resource, request.role, [person.id], answering=True
        )
        if self.asks_first:
            check_gives_outsider_no_power(context, person, resource, request.role)
        granted = RequestGranted(**get_event_fields(request))
        return [granted, _assign_requested_role(context, request, resource)]


@dataclass(frozen=True, slots=True)
class WithdrawRequest(Command):
    """Withdraw one's own access request; `request` is its id, or the name of the
    resource.
    """

    request: str

    def decide(self, context: Context) -> list[Event]:
        """End the actor's request if it has no answer yet (MEM-12)."""
        request = context.access_requests.get_access_request(
            AccessRequestId(self.request)
        )
        if request is None:
            resource = resolve_resource(context, self.request)
            request = context.access_requests.find_open_request(
                context.actor.id, resource.id
            )
            if request is None:
                raise errors.NothingRequested(resource.title)
        if request.person != context.actor.id:
            raise errors.UnknownRequest
        check_request_open(context, request)
        return [build_ended_event(request, "withdrawn")]


@dataclass(frozen=True, slots=True)
class DenyRequest(Command):
    """Deny an access request; only the requester sees the reason."""

    request: AccessRequestId
    reason: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Deny it if the actor may assign the role (MEM-12)."""
        request, _ = get_answerable_request(context, self.request)
        reason = validate_note("reason", self.reason)
        return [RequestDeclined(**get_event_fields(request), reason=reason)]


def end_requests_without_view(context: Context, events: Sequence[Event]) -> list[Event]:
    """End the open requests whose requesters may no longer view the resource after
    recorded events (MEM-12).
    """
    requests = _list_affected_requests(context, events)
    if not requests:
        return []
    resources = context.resources.get_resources({r.resource for r in requests})
    return [
        build_ended_event(request, "unseen")
        for request in requests
        if not authorization.check(
            context, request.person, "view", resources[request.resource]
        )
    ]


def list_sent_requests(context: Context) -> list[AccessRequest]:
    """Return the actor's own open requests, oldest first."""
    return [
        request
        for request in context.access_requests.list_open_requests_of(context.actor.id)
        if context.at < request.expires
    ]


def expire_request(request: AccessRequest) -> Event:
    """Return the end of a request that nobody answered in time."""
    return build_ended_event(request, "time")


def build_ended_event(request: AccessRequest, why: str) -> RequestEnded:
    """Return the end of a request without an answer; see RequestEnded for the reasons."""
    return RequestEnded(**get_event_fields(request), why=why)


def check_request_open(context: Context, request: AccessRequest) -> None:
    """Reject a request that was answered, or has expired."""
    if request.state != PENDING:
        raise errors.RequestAnswered(request.id, request.state)
    if context.at >= request.expires:
        raise errors.RequestAnswered(request.id, "ended")


def get_event_fields(request: AccessRequest) -> RequestFields:
    """Return the fields of a request that every event about it has."""
    return {
        "request": request.id,
        "resource": request.resource,
        "person": request.person,
        "role": request.role,
    }


def get_answerable_request(
    context: Context, request_id: AccessRequestId
) -> tuple[AccessRequest, Resource]:
    """Return an open request that the actor may answer, and its resource.

    Raises Rejected if it is unknown, closed, the actor's own or not theirs to answer.
    """
    request = context.access_requests.get_access_request(request_id)
    if request is None:
        raise errors.UnknownRequest
    resource = context.resources.get_resource(request.resource)
    if resource is None:
        raise errors.UnknownRequest
    actor_id = context.actor.id
    if actor_id == request.person:
        raise errors.ToYourself("grant")
    if resource.gone and actor_id in request.asked:
        check_request_open(context, request)
    assignable = authorization.list_assignable_roles(context, actor_id, resource)
    if request.role not in assignable:
        if authorization.check(context, actor_id, "view", resource):
            raise errors.MayNotGrant(request.role, resource.title, assignable)
        raise errors.UnknownRequest
    check_request_open(context, request)
    return request, resource


def _list_approvers(
    context: Context, resource: Resource, role: str
) -> tuple[PersonId, ...]:
    """Return the ids of others in this workspace who may assign a role."""
    person_ids = authorization.list_users_who_may_assign(context, role, resource)
    others = [person_id for person_id in person_ids if person_id != context.actor.id]
    return select_people_of_workspace(context, others)


def _assign_requested_role(
    context: Context, request: AccessRequest, resource: Resource
) -> Event:
    membership = authorization.direct_membership(context, request.person, resource)
    if membership is None:
        return MemberJoined(
            resource=resource.id,
            person=request.person,
            role=request.role,
            until=None,
            invitation=None,
            request=request.id,
        )
    return MemberRoleChanged(
        resource=resource.id,
        person=request.person,
        role=request.role,
        until=None,
        before=membership.role,
        before_until=membership.until,
        request=request.id,
    )


def _list_affected_requests(
    context: Context, events: Sequence[Event]
) -> list[AccessRequest]:
    """Return the open requests whose requesters may have lost access by events."""
    if any(isinstance(event, STRUCTURE_CHANGE_EVENTS) for event in events):
        return list(context.access_requests.list_open_requests())
    person_ids = dict.fromkeys(
        event.person for event in events if isinstance(event, ACCESS_LOSS_EVENTS)
    )
    requests: list[AccessRequest] = []
    for person_id in person_ids:
        requests += context.access_requests.list_open_requests_of(person_id)
    return requests

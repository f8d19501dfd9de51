"""Access requests: whoever may view a thing asks for a role on it, and those who may grant it answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
from collab.model import AccessRequest, Resource
from collab.people import select_people_of_workspace
from collab.resource_lookup import resolve_resource

PENDING = "pending"
# Events after which their person, or anybody, may no longer view something.
ACCESS_LOSS_EVENTS = (
    MemberLeft,
    MemberRemoved,
    MemberEnded,
    MemberRoleChanged,
    TeamUnassigned,
)
STRUCTURE_CHANGE_EVENTS = (
    PayerChanged,
    ResourceMoved,
    ResourceDeleted,
    ResourceRetired,
    TeamUnshared,
)


@dataclass(frozen=True, slots=True)
class RequestAccess(Command):
    """Ask those who may grant it for a role."""

    role: str
    what: str
    note: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Whoever may view a thing may ask for a role on it; those who may grant it hear (MEM-12)."""
        resource, note = (
            resolve_resource(context, self.what),
            validate_note("note", self.note),
        )
        kind = context.roles[resource.kind]
        role = kind.find_role(self.role)
        if role is None or role.is_derived_only:
            raise errors.UnknownRole(
                self.role, kind.name, tuple(r.name for r in kind.assignable_roles)
            )
        check_role_not_held(context, resource, context.actor, role.name)
        waits = context.access_requests.find_open_request(context.actor.id, resource.id)
        if waits and context.at < waits.expires:
            raise errors.AlreadyAsked(resource.title)
        asked = select_people_of_workspace(
            context,
            (
                p
                for p in authorization.list_users_who_may_assign(
                    context, role.name, resource
                )
                if p != context.actor.id
            ),
        )
        if not asked:
            raise errors.NobodyGrants(role.name, resource.title)
        expires = context.at + context.policy.lifetime
        submission = RequestSent(
            context.new_id("Q"),
            resource.id,
            context.actor.id,
            role.name,
            note,
            expires,
            asked,
        )
        return [*([expire_request(waits)] if waits else []), submission]


@dataclass(frozen=True, slots=True)
class ApproveRequest(Command):
    """Say yes to a request."""

    request: str

    def decide(self, context: Context) -> list[Event]:
        """One answer wins; who says yes must be allowed to grant the role, to somebody else (MEM-12, ROL-05).

        Whether the asker may still view the thing is checked again here.
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
        now = authorization.direct_membership(context, person.id, resource)
        taken: Event = MemberJoined(
            resource.id, person.id, request.role, None, None, request=request.id
        )
        if now:
            before = (now.role, now.until)
            taken = MemberRoleChanged(
                resource.id, person.id, request.role, None, *before, request=request.id
            )
        return [RequestGranted(**get_event_fields(request)), taken]


@dataclass(frozen=True, slots=True)
class WithdrawRequest(Command):
    """Take one's own request back; `request` is its id, or what it is about."""

    request: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever asked may take the request back until it is answered (MEM-12)."""
        request = context.access_requests.get_access_request(self.request)
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
    """Say no to a request, with a reason for the asker alone or without."""

    request: str
    reason: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Whoever may grant the role may say no (MEM-12)."""
        request, _ = get_answerable_request(context, self.request)
        return [
            RequestDeclined(
                **get_event_fields(request), reason=validate_note("reason", self.reason)
            )
        ]


def end_requests_without_view(
    context: Context, happened: Sequence[Event]
) -> list[Event]:
    """End the open requests whose askers may no longer view the thing, now that these events are recorded (MEM-12)."""
    if any(isinstance(event, STRUCTURE_CHANGE_EVENTS) for event in happened):
        waiting = list(context.access_requests.list_open_requests())
    else:
        losers = dict.fromkeys(
            event.person for event in happened if isinstance(event, ACCESS_LOSS_EVENTS)
        )
        waiting = [
            request
            for person in losers
            for request in context.access_requests.list_open_requests_of(person)
        ]
    places = (
        context.resources.get_resources({request.resource for request in waiting})
        if waiting
        else {}
    )
    return [
        build_ended_event(r, "unseen")
        for r in waiting
        if not authorization.check(context, r.person, "view", places[r.resource])
    ]


def list_sent_requests(context: Context) -> list[AccessRequest]:
    """The actor's own requests that nobody has answered, oldest first."""
    return [
        request
        for request in context.access_requests.list_open_requests_of(context.actor.id)
        if context.at < request.expires
    ]


def expire_request(request: AccessRequest) -> Event:
    """Nobody answered in time: the asker hears that too."""
    return RequestEnded(**get_event_fields(request), why="time")


def build_ended_event(request: AccessRequest, why: str) -> RequestEnded:
    """The fact that nobody answers a request any more."""
    return RequestEnded(**get_event_fields(request), why=why)


def check_request_open(context: Context, request: AccessRequest) -> None:
    """Refuse what is answered or has run out."""
    if request.state != PENDING:
        raise errors.RequestAnswered(request.id, request.state)
    if context.at >= request.expires:
        raise errors.RequestAnswered(request.id, "ended")


def get_event_fields(request: AccessRequest) -> dict[str, Any]:
    """What every fact about a request says of it."""
    return {
        "request": request.id,
        "resource": request.resource,
        "person": request.person,
        "role": request.role,
    }


def get_answerable_request(
    context: Context, request: str
) -> tuple[AccessRequest, Resource]:
    """Return an open request that the actor may answer, and its resource.

    Raises Rejected if it is unknown, over, the actor's own or not theirs to answer.
    """
    found = context.access_requests.get_access_request(request)
    resource = context.resources.get_resource(found.resource) if found else None
    if found is None or resource is None:
        raise errors.UnknownRequest
    if context.actor.id == found.person:
        raise errors.ToYourself("grant")
    grants = authorization.list_assignable_roles(context, context.actor.id, resource)
    if found.role not in grants:
        raise (
            errors.MayNotGrant(found.role, resource.title, grants)
            if _may_view(context, resource)
            else (errors.UnknownRequest())
        )
    check_request_open(context, found)
    return found, resource


def _may_view(context: Context, resource: Resource) -> bool:
    return authorization.check(context, context.actor.id, "view", resource)

"""Access requests: whoever may view a thing asks for a role on it, and those who may grant it answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collab import authorization, errors
from collab.billing.plans import check_seats_available
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
from collab.people import Caller, select_people_of_workspace
from collab.resources import Resource, resolve_resource

if TYPE_CHECKING:
    from collab.context import Context

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
class AccessRequest:
    """Somebody asks for a role; those who are `asked` got the message. `answered_by` is nobody when time ended it."""

    id: str
    resource: str
    person: str
    role: str
    note: str | None
    asked: tuple[str, ...]
    state: str
    sent: datetime
    expires: datetime
    answered: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class RequestAccess:
    """Ask those who may grant it for a role."""

    by: Caller
    role: str
    what: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ApproveRequest:
    """Say yes to a request."""

    by: Caller
    request: str


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """Take one's own request back; `request` is its id, or what it is about."""

    by: Caller
    request: str


@dataclass(frozen=True, slots=True)
class DenyRequest:
    """Say no to a request, with a reason for the asker alone or without."""

    by: Caller
    request: str
    reason: str | None = None


def request_access(act: RequestAccess, case: Context) -> list[Event]:
    """Whoever may view a thing may ask for a role on it; those who may grant it hear (MEM-12)."""
    resource, note = resolve_resource(case, act.what), validate_note("note", act.note)
    kind = case.roles[resource.kind]
    role = kind.find_role(act.role)
    if role is None or role.is_derived_only:
        raise errors.UnknownRole(
            act.role, kind.name, tuple(r.name for r in kind.assignable_roles)
        )
    check_role_not_held(case, resource, case.actor, role.name)
    waits = case.repositories.find_open_request(case.actor.id, resource.id)
    if waits and case.at < waits.expires:
        raise errors.AlreadyAsked(resource.title)
    asked = select_people_of_workspace(
        case,
        (
            p
            for p in authorization.list_users_who_may_assign(case, role.name, resource)
            if p != case.actor.id
        ),
    )
    if not asked:
        raise errors.NobodyGrants(role.name, resource.title)
    expires = case.at + case.policy.lifetime
    sent = RequestSent(
        case.new_id("Q"), resource.id, case.actor.id, role.name, note, expires, asked
    )
    return [*([expire_request(waits)] if waits else []), sent]


def approve_request(act: ApproveRequest, case: Context) -> list[Event]:
    """One answer wins; who says yes must be allowed to grant the role, to somebody else (MEM-12, ROL-05).

    Whether the asker may still view the thing is checked again here.
    """
    request, resource = _get_answerable_request(case, act.request)
    person = case.repositories.get_person(request.person)
    if person is None or not person.active:
        raise errors.NotAPerson(request.person, "deactivated")
    if not authorization.check(case, person.id, "view", resource):
        raise errors.RequestAnswered(request.id, "ended")
    check_role_not_held(case, resource, person, request.role)
    check_seats_available(case, resource, request.role, [person.id], answering=True)
    now = authorization.direct_membership(case, person.id, resource)
    taken: Event = MemberJoined(
        resource.id, person.id, request.role, None, None, request=request.id
    )
    if now:
        before = (now.role, now.until)
        taken = MemberRoleChanged(
            resource.id, person.id, request.role, None, *before, request=request.id
        )
    return [RequestGranted(**get_event_fields(request)), taken]


def deny_request(act: DenyRequest, case: Context) -> list[Event]:
    """Whoever may grant the role may say no (MEM-12)."""
    request, _ = _get_answerable_request(case, act.request)
    return [
        RequestDeclined(
            **get_event_fields(request), reason=validate_note("reason", act.reason)
        )
    ]


def withdraw_request(act: WithdrawRequest, case: Context) -> list[Event]:
    """Whoever asked may take the request back until it is answered (MEM-12)."""
    request = case.repositories.get_access_request(act.request)
    if request is None:
        resource = resolve_resource(case, act.request)
        request = case.repositories.find_open_request(case.actor.id, resource.id)
        if request is None:
            raise errors.NothingRequested(resource.title)
    if request.person != case.actor.id:
        raise errors.UnknownRequest
    check_request_open(case, request)
    return [build_ended_event(request, "withdrawn")]


def end_requests_without_view(case: Context, happened: Sequence[Event]) -> list[Event]:
    """End the open requests whose askers may no longer view the thing, now that these events are recorded (MEM-12)."""
    if any(isinstance(event, STRUCTURE_CHANGE_EVENTS) for event in happened):
        waiting = list(case.repositories.list_open_requests())
    else:
        losers = dict.fromkeys(
            event.person for event in happened if isinstance(event, ACCESS_LOSS_EVENTS)
        )
        waiting = [
            request
            for person in losers
            for request in case.repositories.list_open_requests_of(person)
        ]
    places = (
        case.repositories.get_resources({request.resource for request in waiting})
        if waiting
        else {}
    )
    return [
        build_ended_event(r, "unseen")
        for r in waiting
        if not authorization.check(case, r.person, "view", places[r.resource])
    ]


def list_sent_requests(case: Context) -> list[AccessRequest]:
    """The actor's own requests that nobody has answered, oldest first."""
    return [
        request
        for request in case.repositories.list_open_requests_of(case.actor.id)
        if case.at < request.expires
    ]


def expire_request(request: AccessRequest) -> Event:
    """Nobody answered in time: the asker hears that too."""
    return RequestEnded(**get_event_fields(request), why="time")


def build_ended_event(request: AccessRequest, why: str) -> RequestEnded:
    """The fact that nobody answers a request any more."""
    return RequestEnded(**get_event_fields(request), why=why)


def check_request_open(case: Context, request: AccessRequest) -> None:
    """Refuse what is answered or has run out."""
    if request.state != PENDING:
        raise errors.RequestAnswered(request.id, request.state)
    if case.at >= request.expires:
        raise errors.RequestAnswered(request.id, "ended")


def get_event_fields(request: AccessRequest) -> dict[str, Any]:
    """What every fact about a request says of it."""
    return {
        "request": request.id,
        "resource": request.resource,
        "person": request.person,
        "role": request.role,
    }


def _get_answerable_request(
    case: Context, request: str
) -> tuple[AccessRequest, Resource]:
    found = case.repositories.get_access_request(request)
    resource = case.repositories.get_resource(found.resource) if found else None
    if found is None or resource is None:
        raise errors.UnknownRequest
    if case.actor.id == found.person:
        raise errors.ToYourself("grant")
    grants = authorization.list_assignable_roles(case, case.actor.id, resource)
    if found.role not in grants:
        raise (
            errors.MayNotGrant(found.role, resource.title, grants)
            if _may_view(case, resource)
            else (errors.UnknownRequest())
        )
    check_request_open(case, found)
    return found, resource


def _may_view(case: Context, resource: Resource) -> bool:
    return authorization.check(case, case.actor.id, "view", resource)

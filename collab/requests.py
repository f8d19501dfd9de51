"""Access requests: whoever may view a thing asks for a role on it, and those who may grant it answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collab import access, refusals
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
from collab.offers import checked_words, refuse_held
from collab.people import Caller, at_home
from collab.plans import check_room
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.case import Case

PENDING = "pending"
# Events after which their person, or anybody, may no longer view something.
LOSING = (MemberLeft, MemberRemoved, MemberEnded, MemberRoleChanged, TeamUnassigned)
RESHAPING = (PayerChanged, ResourceMoved, ResourceDeleted, ResourceRetired, TeamUnshared)


@dataclass(frozen=True, slots=True)
class Request:
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
class Ask:
    """Ask those who may grant it for a role."""

    by: Caller
    role: str
    what: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Say yes to a request."""

    by: Caller
    request: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take one's own request back; `request` is its id, or what it is about."""

    by: Caller
    request: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say no to a request, with a reason for the asker alone or without."""

    by: Caller
    request: str
    reason: str | None = None


def ask(act: Ask, case: Case) -> list[Event]:
    """Whoever may view a thing may ask for a role on it; those who may grant it hear (MEM-12)."""
    resource, note = find(case, act.what), checked_words("note", act.note)
    kind = case.kinds[resource.kind]
    role = kind.role(act.role)
    if role is None or role.only_implied:
        raise refusals.UnknownRole(act.role, kind.name, tuple(r.name for r in kind.given))
    refuse_held(case, resource, case.actor, role.name)
    waits = case.facts.asked_for(case.actor.id, resource.id)
    if waits and case.at < waits.expires:
        raise refusals.AlreadyAsked(resource.title)
    asked = at_home(case, (p for p in access.granters(case, role.name, resource) if p != case.actor.id))
    if not asked:
        raise refusals.NobodyGrants(role.name, resource.title)
    expires = case.at + case.policy.lifetime
    sent = RequestSent(case.new_id("Q"), resource.id, case.actor.id, role.name, note, expires, asked)
    return [*([pass_due(waits)] if waits else []), sent]


def grant(act: Grant, case: Case) -> list[Event]:
    """One answer wins; who says yes must be allowed to grant the role, to somebody else (MEM-12, ROL-05).

    Whether the asker may still view the thing is checked again here.
    """
    request, resource = _answerable(case, act.request)
    person = case.facts.person(request.person)
    if person is None or not person.active:
        raise refusals.NotAPerson(request.person, "deactivated")
    if not access.may(case, person.id, "view", resource):
        raise refusals.RequestAnswered(request.id, "ended")
    refuse_held(case, resource, person, request.role)
    check_room(case, resource, request.role, [person.id], answering=True)
    now = access.held(case, person.id, resource)
    taken: Event = MemberJoined(resource.id, person.id, request.role, None, None, request=request.id)
    if now:
        before = (now.role, now.until)
        taken = MemberRoleChanged(resource.id, person.id, request.role, None, *before, request=request.id)
    return [RequestGranted(**about(request)), taken]


def refuse(act: Refuse, case: Case) -> list[Event]:
    """Whoever may grant the role may say no (MEM-12)."""
    request, _ = _answerable(case, act.request)
    return [RequestDeclined(**about(request), reason=checked_words("reason", act.reason))]


def withdraw(act: Withdraw, case: Case) -> list[Event]:
    """Whoever asked may take the request back until it is answered (MEM-12)."""
    request = case.facts.request(act.request)
    if request is None:
        resource = find(case, act.request)
        request = case.facts.asked_for(case.actor.id, resource.id)
        if request is None:
            raise refusals.NothingRequested(resource.title)
    if request.person != case.actor.id:
        raise refusals.UnknownRequest
    check_open(case, request)
    return [ended(request, "withdrawn")]


def unfounded(case: Case, happened: Sequence[Event]) -> list[Event]:
    """End the open requests whose askers may no longer view the thing, now that these events are recorded (MEM-12)."""
    if any(isinstance(event, RESHAPING) for event in happened):
        waiting = list(case.facts.open_requests())
    else:
        losers = dict.fromkeys(event.person for event in happened if isinstance(event, LOSING))
        waiting = [request for person in losers for request in case.facts.requests_of(person)]
    places = case.facts.resources({request.resource for request in waiting}) if waiting else {}
    return [ended(r, "unseen") for r in waiting if not access.may(case, r.person, "view", places[r.resource])]


def sent_by(case: Case) -> list[Request]:
    """The actor's own requests that nobody has answered, oldest first."""
    return [request for request in case.facts.requests_of(case.actor.id) if case.at < request.expires]


def pass_due(request: Request) -> Event:
    """Nobody answered in time: the asker hears that too."""
    return RequestEnded(**about(request), why="time")


def ended(request: Request, why: str) -> RequestEnded:
    """The fact that nobody answers a request any more."""
    return RequestEnded(**about(request), why=why)


def check_open(case: Case, request: Request) -> None:
    """Refuse what is answered or has run out."""
    if request.state != PENDING:
        raise refusals.RequestAnswered(request.id, request.state)
    if case.at >= request.expires:
        raise refusals.RequestAnswered(request.id, "ended")


def about(request: Request) -> dict[str, Any]:
    """What every fact about a request says of it."""
    return {"request": request.id, "resource": request.resource, "person": request.person, "role": request.role}


def _answerable(case: Case, request: str) -> tuple[Request, Resource]:
    found = case.facts.request(request)
    resource = case.facts.resource(found.resource) if found else None
    if found is None or resource is None:
        raise refusals.UnknownRequest
    if case.actor.id == found.person:
        raise refusals.ToYourself("grant")
    grants = access.grantable(case, case.actor.id, resource)
    if found.role not in grants:
        raise (
            refusals.MayNotGrant(found.role, resource.title, grants)
            if _knows(case, resource)
            else (refusals.UnknownRequest())
        )
    check_open(case, found)
    return found, resource


def _knows(case: Case, resource: Resource) -> bool:
    return access.may(case, case.actor.id, "view", resource)

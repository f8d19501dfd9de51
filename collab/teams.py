"""Teams: groups of people that hold a role on things together, and what of it is assigned to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, InvitationRevoked, TeamAssigned, TeamShared, TeamUnassigned, TeamUnshared
from collab.invitations import Offer, ask, check_rest
from collab.offers import JOIN, askable, check_grants, check_offer, revoked, unupheld, zone_of_first
from collab.people import Account, Address, Caller, recognise
from collab.plans import check_room
from collab.resources import Resource, able, find
from collab.supposing import supposing

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class Share:
    """A team holds a role on a resource; `assigned` are those of its members to whom the resource is assigned."""

    team: str
    resource: str
    role: str
    assigned: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShareWith:
    """Let a team hold a role on a resource."""

    by: Caller
    what: str
    team: str
    role: str


@dataclass(frozen=True, slots=True)
class Unshare:
    """End a team's role on a resource."""

    by: Caller
    what: str
    team: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Let a member of a team work on one of the team's resources."""

    by: Caller
    who: Account | Address
    what: str
    team: str


@dataclass(frozen=True, slots=True)
class Unassign:
    """End that."""

    by: Caller
    who: Account | Address
    what: str
    team: str


def share(act: ShareWith, case: Case) -> list[Event]:
    """Whoever may grant the role lets the team hold it: at once who may edit the team, else by asking it (RES-05)."""
    resource, team = find(case, act.what), group(case, act.team)
    check_grants(case, resource, act.role)
    if not case.kinds.takes_groups(resource.kind):
        raise refusals.NotShared(resource.title, resource.kind)
    check_offer(case, case.actor.id, resource, act.role)
    check_not_shared(case, resource, team, act.role)
    check_room(case, resource, act.role, askable(case, team.id), answering=True)
    if access.may(case, case.actor.id, "edit", team):
        waiting = case.facts.pending(resource.id, team.id, JOIN)
        ended = [revoked(waiting, "shared")] if waiting else []
        return [*shared(case, resource, team, act.role), *ended]
    check_rest(case, resource, team.id, team.title)
    asked = askable(case, team.id)
    return ask(case, Offer((resource,), act.role, team=team, asked=asked, tz=zone_of_first(case, asked)))


def unshare(act: Unshare, case: Case) -> list[Event]:
    """The team's own editors, or whoever may remove that role on the resource, end it."""
    resource, team = find(case, act.what), group(case, act.team)
    removes = access.removable(case, case.actor.id, resource)
    edits_team = access.may(case, case.actor.id, "edit", team)
    if not removes and not edits_team:
        raise refusals.MayNot("edit", team.title)
    now = _known(case, resource, team)
    if now.role not in removes and not edits_team:
        raise refusals.MayNot("edit", team.title)
    return [TeamUnshared(team.id, resource.id, now.role), *_unupheld(case, resource, team, None)]


def assign(act: Assign, case: Case) -> list[Event]:
    """Whoever may edit the team assigns its things to those members who work on what is assigned to them."""
    resource, team, person = _named(case, act)
    now, member = _known(case, resource, team), access.held(case, person, team)
    if member is None:
        raise refusals.NotAMember(person, team.title)
    if not any(case.kinds.follows(member.role, team.kind, "assigned", resource.kind)):
        raise refusals.AlreadyHolds(person, member.role, team.title)
    if person in now.assigned:
        raise refusals.AlreadyAssigned(person, resource.title)
    return [TeamAssigned(team.id, resource.id, person)]


def unassign(act: Unassign, case: Case) -> list[Event]:
    """Whoever may edit the team takes it back."""
    resource, team, person = _named(case, act)
    if person not in _known(case, resource, team).assigned:
        raise refusals.NotAssigned(person, resource.title, team.title)
    return [TeamUnassigned(team.id, resource.id, person)]


def shared(case: Case, resource: Resource, team: Resource, role: str) -> list[Event]:
    """The fact that a team holds a role, in place of another that it held, and what that one alone upheld."""
    now = _share(case, resource, team)
    fact = TeamShared(team.id, resource.id, role, now.role if now else None)
    return [fact, *(_unupheld(case, resource, team, replace(now, role=role)) if now else [])]


def check_not_shared(case: Case, resource: Resource, team: Resource, role: str) -> None:
    """Refuse to share as what a team holds already."""
    now = _share(case, resource, team)
    if now and now.role == role:
        raise refusals.AlreadyShared(team.title, role, resource.title)


def group(case: Case, typed: str) -> Resource:
    """The team that words mean to the actor."""
    team = find(case, typed)
    if not case.kinds[team.kind].is_group:
        raise refusals.UnknownResource(typed)
    return team


def _named(case: Case, act: Assign | Unassign) -> tuple[Resource, Resource, str]:
    team = able(case, group(case, act.team).id, "edit")
    return find(case, act.what), team, recognise(case, act.who)[0].id


def _share(case: Case, resource: Resource, team: Resource) -> Share | None:
    return next((s for s in case.facts.shares(resource.id) if s.team == team.id), None)


def _known(case: Case, resource: Resource, team: Resource) -> Share:
    found = _share(case, resource, team)
    if found is None:
        raise refusals.NotSharedWith(team.title, resource.title)
    return found


def _unupheld(case: Case, resource: Resource, team: Resource, then: Share | None) -> list[InvitationRevoked]:
    """Invitations that only the team's role upheld, which is another one then, or none (INV-09)."""
    others = [s for s in case.facts.shares(resource.id) if s.team != team.id]
    later = supposing(case, shared={resource.id: [*others, then] if then else others})
    members = (m.person for m in case.facts.members(team.id, case.at))
    return unupheld(later, [i for person in members for i in case.facts.pending_by(person)])

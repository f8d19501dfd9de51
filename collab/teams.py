"""Teams: groups of people that hold a role on things together, and what of it is assigned to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.events import (
    Event,
    InvitationRevoked,
    TeamAssigned,
    TeamShared,
    TeamUnassigned,
    TeamUnshared,
)
from collab.invitations.commands import (
    Offer,
    check_not_recently_declined,
    send_or_resend,
)
from collab.invitations.rules import (
    JOIN,
    build_revoked_event,
    check_may_assign_roles,
    check_offer,
    get_time_zone_of_first,
    list_team_approvers,
    revoke_unauthorized,
)
from collab.people import Account, Address, Caller, get_or_register_person
from collab.resources import Resource, resolve_resource, resolve_with_capability
from collab.what_if import hypothetical_context

if TYPE_CHECKING:
    from collab.context import Context


@dataclass(frozen=True, slots=True)
class TeamShare:
    """A team holds a role on a resource; `assigned` are those of its members to whom the resource is assigned."""

    team: str
    resource: str
    role: str
    assigned: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShareWithTeam:
    """Let a team hold a role on a resource."""

    by: Caller
    what: str
    team: str
    role: str


@dataclass(frozen=True, slots=True)
class UnshareWithTeam:
    """End a team's role on a resource."""

    by: Caller
    what: str
    team: str


@dataclass(frozen=True, slots=True)
class AssignToMember:
    """Let a member of a team work on one of the team's resources."""

    by: Caller
    who: Account | Address
    what: str
    team: str


@dataclass(frozen=True, slots=True)
class UnassignFromMember:
    """End that."""

    by: Caller
    who: Account | Address
    what: str
    team: str


def share_with_team(act: ShareWithTeam, case: Context) -> list[Event]:
    """Whoever may grant the role lets the team hold it: at once who may edit the team, else by asking it (RES-05)."""
    resource, team = resolve_resource(case, act.what), resolve_team(case, act.team)
    check_may_assign_roles(case, resource, act.role)
    if not case.roles.accepts_groups(resource.kind):
        raise errors.NotShared(resource.title, resource.kind)
    check_offer(case, case.actor.id, resource, act.role)
    check_not_shared(case, resource, team, act.role)
    check_seats_available(
        case, resource, act.role, list_team_approvers(case, team.id), answering=True
    )
    if authorization.check(case, case.actor.id, "edit", team):
        waiting = case.repositories.find_pending_invitation(resource.id, team.id, JOIN)
        ended = [build_revoked_event(waiting, "shared")] if waiting else []
        return [*build_shared_events(case, resource, team, act.role), *ended]
    check_not_recently_declined(case, resource, team.id, team.title)
    asked = list_team_approvers(case, team.id)
    return send_or_resend(
        case,
        Offer(
            (resource,),
            act.role,
            team=team,
            asked=asked,
            tz=get_time_zone_of_first(case, asked),
        ),
    )


def unshare_with_team(act: UnshareWithTeam, case: Context) -> list[Event]:
    """The team's own editors, or whoever may remove that role on the resource, end it."""
    resource, team = resolve_resource(case, act.what), resolve_team(case, act.team)
    removes = authorization.list_removable_roles(case, case.actor.id, resource)
    edits_team = authorization.check(case, case.actor.id, "edit", team)
    if not removes and not edits_team:
        raise errors.MayNot("edit", team.title)
    now = _get_share(case, resource, team)
    if now.role not in removes and not edits_team:
        raise errors.MayNot("edit", team.title)
    return [
        TeamUnshared(team.id, resource.id, now.role),
        *_revoke_unauthorized_by_share(case, resource, team, None),
    ]


def assign_to_member(act: AssignToMember, case: Context) -> list[Event]:
    """Whoever may edit the team assigns its things to those members who work on what is assigned to them."""
    resource, team, person = _resolve_assignment(case, act)
    now, member = (
        _get_share(case, resource, team),
        authorization.direct_membership(case, person, team),
    )
    if member is None:
        raise errors.NotAMember(person, team.title)
    if not any(
        case.roles.list_derived_roles(member.role, team.kind, "assigned", resource.kind)
    ):
        raise errors.AlreadyHolds(person, member.role, team.title)
    if person in now.assigned:
        raise errors.AlreadyAssigned(person, resource.title)
    return [TeamAssigned(team.id, resource.id, person)]


def unassign_from_member(act: UnassignFromMember, case: Context) -> list[Event]:
    """Whoever may edit the team takes it back."""
    resource, team, person = _resolve_assignment(case, act)
    if person not in _get_share(case, resource, team).assigned:
        raise errors.NotAssigned(person, resource.title, team.title)
    return [TeamUnassigned(team.id, resource.id, person)]


def build_shared_events(
    case: Context, resource: Resource, team: Resource, role: str
) -> list[Event]:
    """The fact that a team holds a role, in place of another that it held, and what that one alone upheld."""
    now = _find_share(case, resource, team)
    fact = TeamShared(team.id, resource.id, role, now.role if now else None)
    return [
        fact,
        *(
            _revoke_unauthorized_by_share(case, resource, team, replace(now, role=role))
            if now
            else []
        ),
    ]


def check_not_shared(
    case: Context, resource: Resource, team: Resource, role: str
) -> None:
    """Refuse to share as what a team holds already."""
    now = _find_share(case, resource, team)
    if now and now.role == role:
        raise errors.AlreadyShared(team.title, role, resource.title)


def resolve_team(case: Context, typed: str) -> Resource:
    """The team that words mean to the actor."""
    team = resolve_resource(case, typed)
    if not case.roles[team.kind].is_group:
        raise errors.UnknownResource(typed)
    return team


def _resolve_assignment(
    case: Context, act: AssignToMember | UnassignFromMember
) -> tuple[Resource, Resource, str]:
    team = resolve_with_capability(case, resolve_team(case, act.team).id, "edit")
    return (
        resolve_resource(case, act.what),
        team,
        get_or_register_person(case, act.who)[0].id,
    )


def _find_share(case: Context, resource: Resource, team: Resource) -> TeamShare | None:
    return next(
        (s for s in case.repositories.list_shares(resource.id) if s.team == team.id),
        None,
    )


def _get_share(case: Context, resource: Resource, team: Resource) -> TeamShare:
    found = _find_share(case, resource, team)
    if found is None:
        raise errors.NotSharedWith(team.title, resource.title)
    return found


def _revoke_unauthorized_by_share(
    case: Context, resource: Resource, team: Resource, then: TeamShare | None
) -> list[InvitationRevoked]:
    """Invitations that only the team's role upheld, which is another one then, or none (INV-09)."""
    others = [
        s for s in case.repositories.list_shares(resource.id) if s.team != team.id
    ]
    later = hypothetical_context(
        case, shares_by_resource={resource.id: [*others, then] if then else others}
    )
    members = (m.person for m in case.repositories.list_members(team.id, case.at))
    return revoke_unauthorized(
        later,
        [
            i
            for person in members
            for i in case.repositories.list_pending_invitations_by(person)
        ],
    )

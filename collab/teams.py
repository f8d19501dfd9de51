"""Teams: groups of people that hold a role on things together, and what of it is assigned to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationRevoked,
    TeamAssigned,
    TeamShared,
    TeamUnassigned,
    TeamUnshared,
)
from collab.invitations.offers import (
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
from collab.model import Account, Address, Resource, TeamShare
from collab.people import get_or_register_person
from collab.resource_lookup import resolve_resource, resolve_with_capability
from collab.what_if import hypothetical_context


@dataclass(frozen=True, slots=True)
class ShareWithTeam(Command):
    """Let a team hold a role on a resource."""

    what: str
    team: str
    role: str

    def decide(self, context: Context) -> list[Event]:
        """Share at once when the caller may also edit the team; otherwise ask the team (RES-05)."""
        resource, team = (
            resolve_resource(context, self.what),
            resolve_team(context, self.team),
        )
        check_may_assign_roles(context, resource, self.role)
        if not context.roles.accepts_groups(resource.kind):
            raise errors.NotShared(resource.title, resource.kind)
        check_offer(context, context.actor.id, resource, self.role)
        check_not_shared(context, resource, team, self.role)
        check_seats_available(
            context,
            resource,
            self.role,
            list_team_approvers(context, team.id),
            answering=True,
        )
        if authorization.check(context, context.actor.id, "edit", team):
            waiting = context.invitations.find_pending_invitation(
                resource.id, team.id, JOIN
            )
            ended = [build_revoked_event(waiting, "shared")] if waiting else []
            return [*build_shared_events(context, resource, team, self.role), *ended]
        check_not_recently_declined(context, resource, team.id, team.title)
        asked = list_team_approvers(context, team.id)
        return send_or_resend(
            context,
            Offer(
                (resource,),
                self.role,
                team=team,
                asked=asked,
                tz=get_time_zone_of_first(context, asked),
            ),
        )


@dataclass(frozen=True, slots=True)
class UnshareWithTeam(Command):
    """End a team's role on a resource."""

    what: str
    team: str

    def decide(self, context: Context) -> list[Event]:
        """The team's own editors, or whoever may remove that role on the resource, end it."""
        resource, team = (
            resolve_resource(context, self.what),
            resolve_team(context, self.team),
        )
        removes = authorization.list_removable_roles(
            context, context.actor.id, resource
        )
        edits_team = authorization.check(context, context.actor.id, "edit", team)
        if not removes and not edits_team:
            raise errors.MayNot("edit", team.title)
        now = _get_share(context, resource, team)
        if now.role not in removes and not edits_team:
            raise errors.MayNot("edit", team.title)
        return [
            TeamUnshared(team.id, resource.id, now.role),
            *_revoke_unauthorized_by_share(context, resource, team, None),
        ]


@dataclass(frozen=True, slots=True)
class AssignToMember(Command):
    """Let a member of a team work on one of the team's resources."""

    who: Account | Address
    what: str
    team: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever may edit the team assigns its things to those members who work on what is assigned to them."""
        resource, team, person = _resolve_assignment(context, self)
        now, member = (
            _get_share(context, resource, team),
            authorization.direct_membership(context, person, team),
        )
        if member is None:
            raise errors.NotAMember(person, team.title)
        if not any(
            context.roles.list_derived_roles(
                member.role, team.kind, "assigned", resource.kind
            )
        ):
            raise errors.AlreadyHolds(person, member.role, team.title)
        if person in now.assigned:
            raise errors.AlreadyAssigned(person, resource.title)
        return [TeamAssigned(team.id, resource.id, person)]


@dataclass(frozen=True, slots=True)
class UnassignFromMember(Command):
    """End that."""

    who: Account | Address
    what: str
    team: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever may edit the team takes it back."""
        resource, team, person = _resolve_assignment(context, self)
        if person not in _get_share(context, resource, team).assigned:
            raise errors.NotAssigned(person, resource.title, team.title)
        return [TeamUnassigned(team.id, resource.id, person)]


def build_shared_events(
    context: Context, resource: Resource, team: Resource, role: str
) -> list[Event]:
    """The fact that a team holds a role, in place of another that it held, and what that one alone upheld."""
    now = _find_share(context, resource, team)
    fact = TeamShared(team.id, resource.id, role, now.role if now else None)
    return [
        fact,
        *(
            _revoke_unauthorized_by_share(
                context, resource, team, replace(now, role=role)
            )
            if now
            else []
        ),
    ]


def check_not_shared(
    context: Context, resource: Resource, team: Resource, role: str
) -> None:
    """Refuse to share as what a team holds already."""
    now = _find_share(context, resource, team)
    if now and now.role == role:
        raise errors.AlreadyShared(team.title, role, resource.title)


def resolve_team(context: Context, typed: str) -> Resource:
    """The team that words mean to the actor."""
    team = resolve_resource(context, typed)
    if not context.roles[team.kind].is_group:
        raise errors.UnknownResource(typed)
    return team


def _resolve_assignment(
    context: Context, act: AssignToMember | UnassignFromMember
) -> tuple[Resource, Resource, str]:
    team = resolve_with_capability(context, resolve_team(context, act.team).id, "edit")
    return (
        resolve_resource(context, act.what),
        team,
        get_or_register_person(context, act.who)[0].id,
    )


def _find_share(
    context: Context, resource: Resource, team: Resource
) -> TeamShare | None:
    return next(
        (s for s in context.graph.list_shares(resource.id) if s.team == team.id),
        None,
    )


def _get_share(context: Context, resource: Resource, team: Resource) -> TeamShare:
    found = _find_share(context, resource, team)
    if found is None:
        raise errors.NotSharedWith(team.title, resource.title)
    return found


def _revoke_unauthorized_by_share(
    context: Context, resource: Resource, team: Resource, then: TeamShare | None
) -> list[InvitationRevoked]:
    """Invitations that only the team's role upheld, which is another one then, or none (INV-09)."""
    others = [s for s in context.graph.list_shares(resource.id) if s.team != team.id]
    later = hypothetical_context(
        context, shares_by_resource={resource.id: [*others, then] if then else others}
    )
    members = (m.person for m in context.memberships.list_members(team.id, context.at))
    return revoke_unauthorized(
        later,
        [
            i
            for person in members
            for i in context.invitations.list_pending_invitations_by(person)
        ],
    )

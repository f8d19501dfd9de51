"""Teams: groups of people that have roles on resources together, and what of it is
assigned to which member.
"""

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
from collab.memberships.holders import resolve_member_id
from collab.model import (
    Account,
    Address,
    Invitation,
    PersonId,
    Resource,
    TeamShare,
)
from collab.resource_lookup import resolve_resource, resolve_with_capability
from collab.what_if import hypothetical_context


@dataclass(frozen=True, slots=True)
class ShareWithTeam(Command):
    """Give a team a role on a resource."""

    what: str
    team: str
    role: str

    def decide(self, context: Context) -> list[Event]:
        """Share at once when the caller may also edit the team; otherwise invite the
        team (RES-05).
        """
        resource = resolve_resource(context, self.what)
        team = resolve_team(context, self.team)
        role = context.roles[resource.kind].resolve_role_name(self.role)
        check_may_assign_roles(context, resource, role)
        if not context.roles.accepts_groups(resource.kind):
            raise errors.NotShared(resource.title, resource.kind)
        check_offer(context, context.actor.id, resource, role)
        check_not_shared(context, resource, team, role)
        approvers = list_team_approvers(context, team.id)
        check_seats_available(context, resource, role, approvers, answering=True)
        if authorization.check(context, context.actor.id, "edit", team):
            return _share_at_once(context, resource, team, role)
        check_not_recently_declined(context, resource, team.id, team.title)
        offer = Offer(
            resources=(resource,),
            role=role,
            team=team,
            asked=approvers,
            tz=get_time_zone_of_first(context, approvers),
        )
        return send_or_resend(context, offer)


@dataclass(frozen=True, slots=True)
class UnshareWithTeam(Command):
    """End a team's role on a resource."""

    what: str
    team: str

    def decide(self, context: Context) -> list[Event]:
        """End it for those who may edit the team, or remove that role on the resource
        (RES-05).
        """
        resource = resolve_resource(context, self.what)
        team = resolve_team(context, self.team)
        actor_id = context.actor.id
        removable = authorization.list_removable_roles(context, actor_id, resource)
        may_edit_team = authorization.check(context, actor_id, "edit", team)
        if not removable and not may_edit_team:
            raise errors.MayNot("edit", team.title)
        share = _get_share(context, resource, team)
        if share.role not in removable and not may_edit_team:
            raise errors.MayNot("edit", team.title)
        return [
            TeamUnshared(team.id, resource.id, share.role),
            *_revoke_unauthorized_by_share(context, resource, team, None),
        ]


@dataclass(frozen=True, slots=True)
class AssignToMember(Command):
    """Assign one of a team's resources to a member of the team."""

    who: Account | Address
    what: str
    team: str

    def decide(self, context: Context) -> list[Event]:
        """Assign it if the actor may edit the team and the member's role depends on
        assignments (RES-05).
        """
        resource, team, person_id = _resolve_assignment(context, self)
        share = _get_share(context, resource, team)
        member = authorization.direct_membership(context, person_id, team)
        if member is None:
            raise errors.NotAMember(person_id, team.title)
        derived = context.roles.list_derived_roles(
            member.role, team.kind, "assigned", resource.kind
        )
        if not any(derived):
            raise errors.AlreadyHolds(person_id, member.role, team.title)
        if person_id in share.assigned:
            raise errors.AlreadyAssigned(person_id, resource.title)
        return [TeamAssigned(team.id, resource.id, person_id)]


@dataclass(frozen=True, slots=True)
class UnassignFromMember(Command):
    """End the assignment of a team's resource to a member; `who` may be a person's id."""

    who: Account | Address | PersonId
    what: str
    team: str

    def decide(self, context: Context) -> list[Event]:
        """End it if the actor may edit the team (RES-05)."""
        resource, team, person_id = _resolve_assignment(context, self)
        if person_id not in _get_share(context, resource, team).assigned:
            raise errors.NotAssigned(person_id, resource.title, team.title)
        return [TeamUnassigned(team.id, resource.id, person_id)]


def build_shared_events(
    context: Context, resource: Resource, team: Resource, role: str
) -> list[Event]:
    """Return the share of a resource; a change of role revokes the invitations that it
    no longer allows.
    """
    share = _find_share(context, resource, team)
    if share is None:
        return [TeamShared(team.id, resource.id, role, None)]
    changed = replace(share, role=role)
    return [
        TeamShared(team.id, resource.id, role, share.role),
        *_revoke_unauthorized_by_share(context, resource, team, changed),
    ]


def check_not_shared(
    context: Context, resource: Resource, team: Resource, role: str
) -> None:
    """Reject a share in the role that a team has already."""
    share = _find_share(context, resource, team)
    if share and share.role == role:
        raise errors.AlreadyShared(team.title, role, resource.title)


def resolve_team(context: Context, typed: str) -> Resource:
    """Return the team that a name means to the actor; raises UnknownResource."""
    team = resolve_resource(context, typed)
    if not context.roles[team.kind].is_group:
        raise errors.UnknownResource(typed)
    return team


def _share_at_once(
    context: Context, resource: Resource, team: Resource, role: str
) -> list[Event]:
    """Return the share, and the revocation of a pending invitation of the team to it."""
    shared = build_shared_events(context, resource, team, role)
    invitation = context.invitations.find_pending_invitation(resource.id, team.id, JOIN)
    if invitation:
        shared.append(build_revoked_event(invitation, "shared"))
    return shared


def _resolve_assignment(
    context: Context, command: AssignToMember | UnassignFromMember
) -> tuple[Resource, Resource, PersonId]:
    """Return the resource, a team that the actor may edit, and the member's id."""
    named_team = resolve_team(context, command.team)
    team = resolve_with_capability(context, named_team.id, "edit")
    resource = resolve_resource(context, command.what)
    return resource, team, resolve_member_id(context, command.who, team)


def _find_share(
    context: Context, resource: Resource, team: Resource
) -> TeamShare | None:
    for share in context.graph.list_shares(resource.id):
        if share.team == team.id:
            return share
    return None


def _get_share(context: Context, resource: Resource, team: Resource) -> TeamShare:
    share = _find_share(context, resource, team)
    if share is None:
        raise errors.NotSharedWith(team.title, resource.title)
    return share


def _revoke_unauthorized_by_share(
    context: Context, resource: Resource, team: Resource, changed: TeamShare | None
) -> list[InvitationRevoked]:
    """Revoke the members' invitations that a changed share no longer allows (INV-09);
    None ends it.
    """
    shares = [s for s in context.graph.list_shares(resource.id) if s.team != team.id]
    if changed:
        shares.append(changed)
    later = hypothetical_context(context, shares_by_resource={resource.id: shares})
    pending: list[Invitation] = []
    for member in context.memberships.list_members(team.id, context.at):
        pending += context.invitations.list_pending_invitations_by(member.person)
    return revoke_unauthorized(later, pending)

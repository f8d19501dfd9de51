"""What could be done on the page of a resource: acts that would be refused, or that
have nothing to act on, are not offered there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from collab import authorization
from collab.access_queries import ResourceDetail
from collab.context import Context
from collab.invitations.rules import (
    find_open_handover,
    may_transfer_billing,
    may_transfer_ownership,
)
from collab.memberships.member_actions import MembersWithActions
from collab.model import Invitation, Resource, ResourceId, TeamShare
from collab.role_derivation import RolesByResource


@dataclass(frozen=True, slots=True)
class PageActions:
    """What the actor could do on a resource now.

    Each is about what the act needs beside the actor's capabilities there: somebody who
    could approve a request, a payment method, a team, a place to move to, an invitation
    or a member that the actor may change.
    """

    requests: bool = True
    transfers: bool = True
    hands_over: bool = True
    pays: bool = True
    moves: bool = True
    shares: bool = True
    unshares: bool = True
    assigns: bool = True
    unassigns: bool = True
    resends: bool = True
    revokes: bool = True
    extends: bool = True
    removes: bool = True
    changes_roles: bool = True


ANYTHING = PageActions()


@dataclass(frozen=True, slots=True)
class _Reader:
    """The actor's roles, and the existing resources that they may view."""

    context: Context
    roles: RolesByResource
    visible: Sequence[Resource]

    def can(self, capability: str, resource: Resource) -> bool:
        """Return whether the actor's roles give a capability."""
        kind = self.context.roles[resource.kind]
        names = kind.list_roles_with_capability(capability)
        return any(role.role in names for role in self.roles.get(resource.id, ()))

    def may_create(self, kind: str, container: Resource) -> bool:
        """Return whether the actor may create a resource of a kind in a container."""
        context = self.context
        if container.kind not in context.roles[kind].container_types:
            return False
        return authorization.may_create(context, context.actor.id, kind, container)

    def may_edit(self, team_id: ResourceId) -> bool:
        """Return whether the actor may edit a team that they may view."""
        return any(
            each.id == team_id and self.can("edit", each) for each in self.visible
        )

    def list_assignable_roles(self, resource: Resource) -> tuple[str, ...]:
        """Return the roles to which the actor may invite."""
        roles = self.roles.get(resource.id, ())
        return authorization.select_assignable_roles(self.context, resource, roles)

    def list_removable_roles(self, resource: Resource) -> tuple[str, ...]:
        """Return the roles that the actor may end."""
        roles = self.roles.get(resource.id, ())
        return authorization.select_removable_roles(self.context, resource, roles)

    def sees_any(self, is_wanted: Callable[[Resource], bool]) -> bool:
        """Return whether the actor may view a resource of some sort."""
        return any(is_wanted(resource) for resource in self.visible)


def find_page_actions(
    context: Context,
    detail: ResourceDetail,
    members: MembersWithActions,
    visible: Sequence[Resource],
    roles: RolesByResource,
) -> PageActions:
    """Return what the actor could do on a resource; `visible` and `roles` are what they
    may view, and their roles.
    """
    reader, resource = _Reader(context, roles, visible), detail.resource
    is_handed_over = find_open_handover(context, resource) is not None
    people, actions = members.members.members, members.actions
    # Of more people, only the first page is known.
    has_more_people = members.members.next_page is not None
    assignments = _list_assignments(reader, detail)
    own = _list_own_invitations(context, resource, actions.assignable_roles)
    return PageActions(
        requests=bool(list_requestable_roles(context, detail)),
        transfers=not is_handed_over and _may_transfer(context, resource),
        hands_over=not is_handed_over,
        pays=_may_change_payer(reader, resource),
        moves=_may_move(reader, resource),
        shares=_may_share(reader, resource),
        unshares=_may_unshare(reader, detail),
        assigns=bool(assignments),
        unassigns=any(share.assigned for share in assignments),
        resends=any(each.agreed is None for each in own),
        revokes=bool(own),
        extends=has_more_people
        or any(e.until and e.role in actions.assignable_roles for e in people),
        removes=has_more_people or any(each.is_removable for each in people),
        changes_roles=has_more_people or bool(actions.person_ids),
    )


def list_requestable_roles(context: Context, detail: ResourceDetail) -> list[str]:
    """Return the roles above the actor's own that somebody may assign, highest first."""
    resource_type = context.roles[detail.resource.kind]
    rank = resource_type.get_rank(detail.role)
    granted = {name for role in resource_type.roles for name in role.grants}
    return [
        role.name
        for role in resource_type.assignable_roles
        if resource_type.get_rank(role.name) < rank and role.name in granted
    ]


def _list_own_invitations(
    context: Context, resource: Resource, assignable: Collection[str]
) -> list[Invitation]:
    """Return the pending invitations of people that the actor sent, or could send."""
    return [
        each
        for each in context.invitations.list_pending_invitations_on(resource.id)
        if each.person
        and context.at < each.expires
        and (each.inviter == context.actor.id or each.role in assignable)
    ]


def _may_transfer(context: Context, resource: Resource) -> bool:
    """Return whether the actor controls the billing or the ownership (BIL-03, BIL-10)."""
    kind, actor_id = context.roles[resource.kind], context.actor.id
    if kind.is_paid and may_transfer_billing(context, actor_id, resource):
        return True
    return may_transfer_ownership(context, actor_id, resource, kind.highest_role)


def _may_change_payer(reader: _Reader, resource: Resource) -> bool:
    """Return whether the actor has the payment method, or one to choose (BIL-02).

    On a payment method itself: whether it can pay for something of theirs.
    """
    kinds = reader.context.roles
    if kinds[resource.kind].is_payment_method:
        return reader.sees_any(
            lambda each: kinds[each.kind].is_paid and reader.can("delete", each)
        )
    if resource.payer:
        payer = reader.context.graph.get_resource(resource.payer)
        return payer is not None and reader.can("pay", payer)
    return reader.sees_any(
        lambda each: kinds[each.kind].is_payment_method and reader.can("pay", each)
    )


def _may_move(reader: _Reader, resource: Resource) -> bool:
    """Return whether the resource may leave its place, or there is one for it (RES-03)."""
    context, kind = reader.context, reader.context.roles[resource.kind]
    migrates = kind.list_roles_with_capability("migrate")
    if not reader.can("migrate" if migrates else "delete", resource):
        return False
    if resource.parent:
        parent = context.graph.get_resource(resource.parent)
        return parent is not None and reader.may_create(resource.kind, parent)
    return reader.sees_any(lambda each: reader.may_create(resource.kind, each))


def _may_share(reader: _Reader, resource: Resource) -> bool:
    """Return whether there is a team to share with; for a team, something to share
    (RES-05).
    """
    kinds = reader.context.roles
    if not kinds[resource.kind].is_group:
        return reader.sees_any(lambda each: kinds[each.kind].is_group)
    return reader.sees_any(
        lambda each: (
            kinds.accepts_groups(each.kind) and bool(reader.list_assignable_roles(each))
        )
    )


def _may_unshare(reader: _Reader, detail: ResourceDetail) -> bool:
    """Return whether the actor may end a team's role on a resource (RES-05)."""
    resource = detail.resource
    if reader.context.roles[resource.kind].is_group:
        return bool(detail.shared) and reader.can("edit", resource)
    removable = reader.list_removable_roles(resource)
    return any(
        share.role in removable or reader.may_edit(share.team)
        for share in reader.context.graph.list_shares(resource.id)
    )


def _list_assignments(reader: _Reader, detail: ResourceDetail) -> list[TeamShare]:
    """Return what is shared, where the actor may assign it within the team (RES-05)."""
    graph, resource = reader.context.graph, detail.resource
    if not reader.context.roles[resource.kind].is_group:
        shares = graph.list_shares(resource.id)
        return [share for share in shares if reader.may_edit(share.team)]
    if not reader.can("edit", resource):
        return []
    return [
        share
        for shared, _ in detail.shared
        for share in graph.list_shares(shared.id)
        if share.team == resource.id
    ]

"""Leaving a resource, removing a member, and changing a member's role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import authorization, errors
from collab.billing.plans import check_seats_available
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
)
from collab.invitations.rules import (
    build_assignment_rejection,
    build_revoked_event,
    check_may_assign_roles,
    revoke_invitations_losing_authorization,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.departures import (
    build_inherited_role_rejection,
    build_removal_rejection,
    check_may_remove,
    end_memberships,
)
from collab.memberships.holders import (
    check_may_know,
    check_not_last_holder,
    get_role_on,
    resolve_member_id,
)
from collab.model import Account, Address, Membership, PersonId, Resource
from collab.resource_lookup import resolve_resource
from collab.role_model import Role


@dataclass(frozen=True, slots=True)
class LeaveResource(Command):
    """Give up one's own roles on a resource and on everything inside it."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def decide(self, context: Context) -> list[Event]:
        """End the actor's memberships, except the last one that the resource needs
        (MEM-04, MEM-06).
        """
        resource = resolve_resource(context, self.what)
        return end_memberships(context, MemberLeft, resource, context.actor.id)


@dataclass(frozen=True, slots=True)
class RemoveMember(Command):
    """End another person's roles on a resource and on everything inside it.

    `who` is an account, an address or a person's id.
    """

    who: Account | Address | PersonId
    what: str

    def decide(self, context: Context) -> list[Event]:
        """End the memberships and revoke the person's invitations (MEM-01, MEM-05,
        MEM-06).
        """
        resource = resolve_resource(context, self.what)
        person_id = resolve_member_id(context, self.who, resource)
        if person_id == context.actor.id:
            raise errors.ToYourself("remove")
        check_may_know(context, self.who, person_id, resource)
        check_may_remove(context, resource, person_id)
        ended = end_memberships(context, MemberRemoved, resource, person_id)
        resource_ids = {
            r.id for r in (resource, *context.resources.list_descendants(resource.id))
        }
        revoked = [
            build_revoked_event(invitation, "removed")
            for invitation in context.invitations.list_pending_invitations_for(
                person_id
            )
            if not resource_ids.isdisjoint(invitation.resources)
        ]
        return [*ended, *revoked]


@dataclass(frozen=True, slots=True)
class ChangeRole(Command):
    """Change the role of a member; `who` is an account, an address or a person's id.

    `keep` names resources inside on which a demoted member keeps a direct role.
    """

    who: Account | Address | PersonId
    role: str
    what: str
    keep: tuple[str, ...] = ()

    def decide(self, context: Context) -> list[Event]:
        """Promote to a role that the actor may assign, or demote from one that they may
        remove (MEM-01, MEM-02).
        """
        resource = resolve_resource(context, self.what)
        person_id = resolve_member_id(context, self.who, resource)
        if person_id == context.actor.id:
            raise errors.ToYourself("change")
        role = _find_role(context, resource, self.role)
        check_may_assign_roles(context, resource, role.name)
        current = get_role_on(context, resource, person_id)
        _check_may_change_role(context, resource, person_id, current, role)
        if current == role.name:
            raise errors.AlreadyHolds(person_id, current, resource.title)
        check_seats_available(context, resource, role.name, [person_id], answering=True)
        membership = authorization.direct_membership(context, person_id, resource)
        if membership is None:
            return [_add_direct_role(context, resource, person_id, current, role)]
        check_not_last_holder(context, resource, membership)
        kept = _assign_roles_inside(context, self.keep, resource, person_id)
        if role.is_derived_only and not kept:
            _check_role_remains(context, resource, person_id, role)
        changed = _build_role_changed_event(context, membership, role)
        added = [
            Membership(joined.resource, person_id, joined.role, context.at, None)
            for joined in kept
        ]
        if not changed.ends:
            added.append(
                Membership(resource.id, person_id, role.name, context.at, changed.until)
            )
        revoked = revoke_invitations_losing_authorization(
            context, person_id, [resource.id], added
        )
        return [*kept, changed, *revoked]


def _find_role(context: Context, resource: Resource, name: str) -> Role:
    kind = context.roles[resource.kind]
    role = kind.find_role(kind.resolve_role_name(name))
    if role is None:
        roles = context.roles.list_roles_to_change_to(kind.name)
        raise errors.UnknownRole(name, kind.name, tuple(r.name for r in roles))
    return role


def _check_may_change_role(
    context: Context, resource: Resource, person_id: PersonId, current: str, role: Role
) -> None:
    """Reject a change from the current role that the actor may not make (MEM-02)."""
    actor_id = context.actor.id
    get_rank = context.roles[resource.kind].get_rank
    is_promotion = get_rank(role.name) < get_rank(current)
    is_direct = (
        authorization.direct_membership(context, person_id, resource) is not None
    )
    # A promotion of a person with an inherited role adds one and removes none.
    if is_direct or not is_promotion:
        removable = authorization.list_removable_roles(context, actor_id, resource)
        if current not in removable:
            raise build_removal_rejection(context, resource, person_id, current)
    if role.is_derived_only and not is_promotion:
        return
    assignable = authorization.list_assignable_roles(context, actor_id, resource)
    if role.is_derived_only or role.name not in assignable:
        raise build_assignment_rejection(context, resource, role.name, actor_id)


def _add_direct_role(
    context: Context, resource: Resource, person_id: PersonId, current: str, role: Role
) -> MemberJoined:
    """Return a direct membership of a person with an inherited role; raises Rejected
    for a lower one.
    """
    get_rank = context.roles[resource.kind].get_rank
    if get_rank(role.name) > get_rank(current):
        raise build_inherited_role_rejection(context, resource, person_id)
    return _build_joined_event(resource, person_id, role.name)


def _build_joined_event(
    resource: Resource, person_id: PersonId, role: str
) -> MemberJoined:
    return MemberJoined(
        resource=resource.id, person=person_id, role=role, until=None, invitation=None
    )


def _build_role_changed_event(
    context: Context, membership: Membership, role: Role
) -> MemberRoleChanged:
    """Return the change of a membership; it ends when the new role can be inherited
    only.
    """
    until = None if role.is_derived_only else membership.until
    return MemberRoleChanged(
        resource=membership.resource,
        person=membership.person,
        role=role.name,
        until=until,
        before=membership.role,
        before_until=membership.until,
        ends=role.is_derived_only,
        due=get_next_expiry_notice(until, context.at),
    )


def _check_role_remains(
    context: Context, resource: Resource, person_id: PersonId, role: Role
) -> None:
    """Reject a demotion to an inherited role that nothing gives once the membership has
    ended.
    """
    remaining = authorization.list_effective_roles(
        context, person_id, resource, frozenset({resource.id})
    )
    if all(effective.role != role.name for effective in remaining):
        raise errors.NothingFollows(person_id, role.name, resource.title)


def _assign_roles_inside(
    context: Context, names: Sequence[str], resource: Resource, person_id: PersonId
) -> list[MemberJoined]:
    """Return direct memberships in the present roles on the named resources inside
    another one.

    Names of resources elsewhere, and those with a direct role, are left out.
    """
    inside = {r.id for r in context.resources.list_descendants(resource.id)}
    named = [resolve_resource(context, name) for name in names]
    joined: list[MemberJoined] = []
    for inner in named:
        if inner.id not in inside:
            continue
        if authorization.direct_membership(context, person_id, inner):
            continue
        role = get_role_on(context, inner, person_id)
        assignable = authorization.list_assignable_roles(
            context, context.actor.id, inner
        )
        if role not in assignable:
            raise errors.MayNotGrant(role, inner.title, assignable)
        joined.append(_build_joined_event(inner, person_id, role))
    return joined

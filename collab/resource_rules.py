"""Rules about resources that several commands share: creation, control and payers."""

from __future__ import annotations

from collections.abc import Sequence

from collab import authorization, errors
from collab.context import Context
from collab.events import InvitationRevoked
from collab.invitations.rules import may_transfer_ownership, revoke_unauthorized
from collab.model import Membership, Resource
from collab.people import check_profile, is_foreign
from collab.resource_lookup import check_capability
from collab.role_model import ResourceType
from collab.what_if import hypothetical_context


def may_create_at_top_level(context: Context) -> bool:
    """Return whether the actor may create any resource outside of others."""
    if context.actor.guest or is_foreign(context, context.actor):
        return False
    return context.actor.admin or not context.policy.reserved


def check_full_member(context: Context) -> None:
    """Reject a guest, and an actor whose profile was not read yet."""
    check_profile(context)
    if context.actor.guest:
        raise errors.GuestActor


def check_may_create_reserved(context: Context, kind: ResourceType) -> None:
    """Reject the creation of what the workspace reserves to its admins (RES-01)."""
    if kind.is_reservable and context.policy.reserved and not context.actor.admin:
        check_profile(context)
        raise errors.Reserved(kind.name)


def check_may_place(context: Context, kind: str, parent: Resource) -> None:
    """Reject an actor who may not create a resource of a kind in a container."""
    check_capability(context, parent, "create")
    containers = context.roles[kind].container_types
    if parent.kind not in containers:
        raise errors.DoesNotStandIn(kind, parent.kind, parent.title, containers)
    if not authorization.may_create(context, context.actor.id, kind, parent):
        raise errors.MayNotCreate(kind, parent.title)


def needs_founder(context: Context, kind: ResourceType, parent: Resource) -> bool:
    """Return whether a new resource in a container needs a direct founder's role."""
    role = kind.find_role(kind.founder_role)
    if role is None or not role.min_holders:
        return False
    return not context.roles.guarantees_role(parent.kind, kind.name, role.name)


def check_payer_may_change(context: Context, resource: Resource) -> None:
    """Reject another payer, or none, while the resource is disabled (ROL-04)."""
    if authorization.is_disabled(context, resource):
        redacted = authorization.redact_resource(context, resource)
        raise errors.PayerStays(redacted.title)


def check_controlled(context: Context, resource: Resource, changed: Resource) -> None:
    """Reject a change of container or payer that would leave the resource uncontrolled.

    `changed` is the resource after the change.
    """
    if not is_controlled(context, changed):
        role = context.roles[resource.kind].highest_role
        raise build_last_holder_rejection(context, resource, role)


def is_controlled(
    context: Context, resource: Resource, members: Sequence[Membership] | None = None
) -> bool:
    """Return whether there will always be a holder of the resource's highest role.

    That is so where it has a container or a payer, or a member in that role without an
    end. `members` replaces the stored memberships.
    """
    kind = context.roles[resource.kind]
    if not kind.must_stay_controlled or resource.parent or resource.payer:
        return True
    if members is None:
        members = context.memberships.list_members(resource.id, context.at)
    return any(
        member.role == kind.highest_role and member.until is None for member in members
    )


def build_last_holder_rejection(
    context: Context, resource: Resource, role: str
) -> errors.LastHolder:
    """Return the rejection to end the last required role, with what would allow it."""
    row = context.roles[resource.kind].find_role(role)
    is_only_one = bool(row and row.max_holders)
    remedy = _find_remedy_for_last_holder(
        context, resource, role, is_only_one=is_only_one
    )
    return errors.LastHolder(role, resource.title, resource.slug, is_only_one, remedy)


def _find_remedy_for_last_holder(
    context: Context, resource: Resource, role: str, *, is_only_one: bool
) -> str:
    """Return what the actor can do first: enable, transfer, invite or ""."""
    actor_id = context.actor.id
    if authorization.is_disabled(context, resource):
        slug = authorization.find_slug_to_enable(context, resource)
        return "enable" if slug == resource.slug else ""
    if is_only_one and may_transfer_ownership(context, actor_id, resource, role):
        return "transfer"
    if role in authorization.list_assignable_roles(context, actor_id, resource):
        return "invite"
    return ""


def revoke_unauthorized_by_change(
    context: Context, *changed: Resource, added_memberships: Sequence[Membership] = ()
) -> list[InvitationRevoked]:
    """Return the ends of invitations that lose their authorization by a change.

    `changed` are the resources after the change of container or payer;
    `added_memberships` come with it.
    """
    pending = {
        invitation.id: invitation
        for resource in changed
        for each in _list_affected_resources(context, resource)
        for invitation in context.invitations.list_pending_invitations_on(each.id)
    }
    later = hypothetical_context(
        context, resources=changed, added_memberships=added_memberships
    )
    return revoke_unauthorized(later, pending.values())


def _list_affected_resources(context: Context, resource: Resource) -> list[Resource]:
    """Return a resource and its descendants, each followed by what it pays for."""
    affected: list[Resource] = []
    for each in (resource, *context.resources.list_descendants(resource.id)):
        affected.append(each)
        affected += context.resources.list_resources_paid_by(each.id)
    return affected

"""Who has a role: a person's current role, and limits of how many may have a role."""

from __future__ import annotations

from collections.abc import Sequence

from collab import authorization, errors
from collab.context import Context
from collab.events import MemberRoleChanged
from collab.limits import get_next_expiry_notice
from collab.model import Account, Address, InvitationId, Membership, PersonId, Resource
from collab.people import list_named_people
from collab.resource_rules import build_last_holder_rejection, is_controlled


def list_named_ids(
    context: Context, who: Account | Address | PersonId
) -> list[PersonId]:
    """Return the ids of those whom an account, an address or an id names."""
    if isinstance(who, str):
        return [who]
    return [each.id for each in list_named_people(context, who)]


def resolve_member_id(
    context: Context, who: Account | Address | PersonId, resource: Resource
) -> PersonId:
    """Return the id of a member of a resource by their account, address or id."""
    return select_member_id(context, list_named_ids(context, who), resource)


def select_member_id(
    context: Context, named_ids: Sequence[PersonId], resource: Resource
) -> PersonId:
    """Return the first of several with a direct role on a resource, else the first with
    an inherited one, else the first.
    """
    if len(named_ids) == 1:
        return named_ids[0]
    for has_role in (_has_direct_role, _has_any_role):
        for person_id in named_ids:
            if has_role(context, person_id, resource):
                return person_id
    return named_ids[0]


def check_may_know(
    context: Context,
    who: Account | Address | PersonId,
    person_id: PersonId,
    resource: Resource,
) -> None:
    """Reject an id from outside the workspace of somebody without a role, known or not
    (PER-02).
    """
    is_inside = context.actor.user is not None and not context.actor.external
    if is_inside or not isinstance(who, str):
        return
    if not any(
        has_role(context, person_id, resource)
        for has_role in (_has_direct_role, _has_any_role)
    ):
        raise errors.UnknownPerson


def _has_direct_role(context: Context, person_id: PersonId, resource: Resource) -> bool:
    """Return whether a person has a direct role, which may be suspended."""
    if authorization.direct_membership(context, person_id, resource):
        return True
    suspended = context.memberships.list_suspended_memberships_of(person_id)
    return any(each.resource == resource.id for each in suspended)


def _has_any_role(context: Context, person_id: PersonId, resource: Resource) -> bool:
    return bool(authorization.list_effective_roles(context, person_id, resource))


def get_role_on(context: Context, resource: Resource, person_id: PersonId) -> str:
    """Return a person's direct role on a resource, else their highest inherited one;
    raises NotAMember.
    """
    membership = authorization.direct_membership(context, person_id, resource)
    if membership:
        return membership.role
    inherited = authorization.list_effective_roles(context, person_id, resource)
    if not inherited:
        raise errors.NotAMember(person_id, resource.title)
    get_rank = context.roles[resource.kind].get_rank
    return min((effective.role for effective in inherited), key=get_rank)


def check_not_last_holder(
    context: Context, resource: Resource, membership: Membership
) -> None:
    """Reject the end of a membership that a resource needs (MEM-08)."""
    if is_last_holder(context, resource, membership):
        raise build_last_holder_rejection(context, resource, membership.role)


def is_last_holder(
    context: Context, resource: Resource, membership: Membership
) -> bool:
    """Return whether a resource would have too few holders of a role without a
    membership (MEM-08).

    Memberships for a limited time and those of deactivated people do not count.
    """
    kind = context.roles[resource.kind]
    role = kind.find_role(membership.role)
    others = [
        member
        for member in context.memberships.list_members(resource.id, context.at)
        if member.person != membership.person and member.until is None
    ]
    if role and sum(m.role == role.name for m in others) < role.min_holders:
        return not authorization.is_role_supplied_by_parent(
            context, resource, role.name
        )
    if membership.role != kind.highest_role:
        return False
    return not is_controlled(context, resource, members=others)


def demote_holders(
    context: Context,
    resource: Resource,
    role: str,
    *,
    except_person_id: PersonId,
    invitation: InvitationId | None = None,
) -> list[MemberRoleChanged]:
    """Demote the holders of a role that only so many may have, so that another person
    can have it.

    Deactivated holders are demoted, too. `invitation` is the id of the one that causes it.
    """
    kind = context.roles[resource.kind]
    limited = kind.find_role(role)
    if limited is None or limited.max_holders is None or kind.stays_as is None:
        return []
    return [
        build_demotion_event(context, membership, invitation=invitation)
        for membership in list_holders(context, resource, role)
        if membership.person != except_person_id
    ]


def list_holders(context: Context, resource: Resource, role: str) -> list[Membership]:
    """Return the direct memberships in a role, those of deactivated people included."""
    memberships = (
        *context.memberships.list_members(resource.id, context.at),
        *context.memberships.list_suspended_memberships_on(resource.id),
    )
    return [membership for membership in memberships if membership.role == role]


def build_demotion_event(
    context: Context, membership: Membership, *, invitation: InvitationId | None = None
) -> MemberRoleChanged:
    """Return the change to the role that a previous owner keeps."""
    resource = context.resources.get_resource(membership.resource)
    stays_as = context.roles[resource.kind].stays_as if resource else None
    return MemberRoleChanged(
        resource=membership.resource,
        person=membership.person,
        role=stays_as or membership.role,
        until=membership.until,
        before=membership.role,
        before_until=membership.until,
        due=get_next_expiry_notice(membership.until, context.at),
        invitation=invitation,
    )

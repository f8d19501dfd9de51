"""Membership: who holds which role on what; changing it, leaving and removal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from collab import accessible_resources, authorization, errors
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
    may_transfer_ownership,
    revoke_invitations_losing_authorization,
)
from collab.limits import get_next_expiry_notice
from collab.model import Account, Address, Membership, Resource
from collab.people import get_or_register_person
from collab.resources import (
    build_last_holder_rejection,
    is_controlled,
    list_descendants,
    resolve_resource,
)
from collab.roles import Role
from collab.what_if import build_enabled_context


@dataclass(frozen=True, slots=True)
class LeaveResource(Command):
    """Give up one's own role on a resource, and on all inside it."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def decide(self, context: Context) -> list[Event]:
        """Anyone may leave anything at any time, except the last who must stay (MEM-04, MEM-06)."""
        resource = resolve_resource(context, self.what)
        return _end_memberships(context, MemberLeft, resource, context.actor.id)


@dataclass(frozen=True, slots=True)
class RemoveMember(Command):
    """End somebody else's role on a resource, and on all inside it; `who` is an account, an address or an id."""

    who: Account | Address | str
    what: str

    def decide(self, context: Context) -> list[Event]:
        """Whoever the table lets remove that role may remove its holder, never themselves (MEM-01, MEM-05, MEM-06)."""
        resource, person = (
            resolve_resource(context, self.what),
            resolve_person_id(context, self.who),
        )
        if person == context.actor.id:
            raise errors.ToYourself("remove")
        _check_may_remove(context, resource, person)
        ended = _end_memberships(context, MemberRemoved, resource, person)
        places = {resource.id, *(r.id for r in list_descendants(context, resource))}
        return [
            *ended,
            *(
                build_revoked_event(i, "removed")
                for i in context.invitations.list_pending_invitations_for(person)
                if places & {*i.resources}
            ),
        ]


@dataclass(frozen=True, slots=True)
class ChangeRole(Command):
    """Give somebody who is in another role; one who goes down to an implied role may keep some of what is inside."""

    who: Account | Address | str
    role: str
    what: str
    keep: tuple[str, ...] = ()

    def decide(self, context: Context) -> list[Event]:
        """Up to a role that one may grant; down from a role that one may remove; never one's own (MEM-01, MEM-02)."""
        resource, person = (
            resolve_resource(context, self.what),
            resolve_person_id(context, self.who),
        )
        if person == context.actor.id:
            raise errors.ToYourself("change")
        kind = context.roles[resource.kind]
        role = kind.find_role(self.role)
        if role is None:
            raise errors.UnknownRole(
                self.role, kind.name, tuple(r.name for r in kind.roles)
            )
        check_may_assign_roles(context, resource, role.name)
        now = get_role_on(context, resource, person)
        _check_role_change(context, resource, person, now, role)
        if now == role.name:
            raise errors.AlreadyHolds(person, now, resource.title)
        check_seats_available(context, resource, role.name, [person], answering=True)
        direct = authorization.direct_membership(context, person, resource)
        if direct is None and kind.get_rank(role.name) > kind.get_rank(now):
            raise _build_held_through_rejection(context, resource, person)
        if direct is None:
            return [MemberJoined(resource.id, person, role.name, None, None)]
        check_not_last_holder(context, resource, direct)
        kept = _keep_roles_inside(context, self, resource, person)
        if role.is_derived_only and not kept:
            _check_derived_role_remains(context, resource, person, role)
        until = None if role.is_derived_only else direct.until
        before = (direct.role, direct.until)
        due = get_next_expiry_notice(until, context.at)
        changed = MemberRoleChanged(
            resource.id,
            person,
            role.name,
            until,
            *before,
            ends=role.is_derived_only,
            due=due,
        )
        lost = frozenset({resource.id})
        held = [
            Membership(e.resource, person, e.role, context.at, e.until) for e in kept
        ]
        if not role.is_derived_only:
            held.append(Membership(resource.id, person, role.name, context.at, until))
        return [
            *kept,
            changed,
            *revoke_invitations_losing_authorization(context, person, lost, held),
        ]


def _end_memberships(
    context: Context,
    fact: type[MemberLeft | MemberRemoved],
    resource: Resource,
    person: str,
) -> list[Event]:
    """A person's end on a resource and on all inside it, with all that goes with it (MEM-06, MEM-07)."""
    ending = _list_ending_memberships(context, resource, person)
    lost = frozenset(m.resource for m in ending)
    own = next((m for m in ending if m.resource == resource.id), None)
    top = (
        _get_undo_fields(context, own)
        if own
        else {"role": _get_ending_role(context, resource, person)}
    )
    inner = [
        fact(m.resource, person, within=resource.id, **_get_undo_fields(context, m))
        for m in ending
        if m is not own
    ]
    rotate = accessible_resources.list_capability_losses(context, person, "code", lost)
    return [
        fact(resource.id, person, **top, rotate=rotate),
        *inner,
        *revoke_invitations_losing_authorization(context, person, lost),
    ]


def _get_ending_role(context: Context, resource: Resource, person: str) -> str:
    """The role that ends here; of a deactivated account the one that rests, or else the lowest: none follows for it."""
    resting = context.memberships.list_suspended_memberships_of(person)
    if not resting:
        return get_role_on(context, resource, person)
    return next(
        (m.role for m in resting if m.resource == resource.id),
        context.roles[resource.kind].roles[-1].name,
    )


def _get_undo_fields(context: Context, membership: Membership) -> dict[str, Any]:
    """What an undo needs to know of a membership that ends (MEM-11)."""
    assigned = context.teams.list_resources_assigned_to(
        membership.resource, membership.person
    )
    return {
        "role": membership.role,
        "since": membership.since,
        "until": membership.until,
        "assigned": assigned,
    }


def _list_ending_memberships(
    context: Context, resource: Resource, person: str
) -> list[Membership]:
    """Every membership of the person on the resource and on all inside it, each of which may end."""
    places = {r.id: r for r in (resource, *list_descendants(context, resource))}
    found = list(
        context.graph.get_memberships_by_resource(
            person, list(places), context.at
        ).values()
    )
    for membership in found:
        check_not_last_holder(context, places[membership.resource], membership)
    found = found or [
        m
        for m in context.memberships.list_suspended_memberships_of(person)
        if m.resource in places
    ]
    if not found:
        raise _build_held_through_rejection(context, resource, person)
    return found


def _check_may_remove(context: Context, resource: Resource, person: str) -> None:
    """Refuse whoever may not remove that person, before anything else is looked at (MEM-05)."""
    removes = authorization.list_removable_roles(context, context.actor.id, resource)
    if not removes:
        raise _build_removal_rejection(context, resource, person, "")
    role = _get_ending_role(context, resource, person)
    if role in removes:
        return
    if authorization.direct_membership(
        context, person, resource
    ) is None and not context.memberships.list_suspended_memberships_of(person):
        raise _build_held_through_rejection(context, resource, person)
    raise _build_removal_rejection(context, resource, person, role)


def _build_removal_rejection(
    context: Context, resource: Resource, person: str, role: str
) -> errors.Rejected:
    """Return why somebody may not be removed or given a lower role by the actor."""
    later, open_again = build_enabled_context(context, resource)
    if authorization.is_disabled(
        context, resource
    ) and authorization.list_removable_roles(later, context.actor.id, open_again):
        return errors.IsDisabled(
            resource.title, authorization.find_slug_to_enable(context, resource)
        )
    is_final = bool(role) and all(
        role not in each.removes for each in context.roles[resource.kind].roles
    )
    kind = context.roles[resource.kind]
    is_single = any(each.name == role and each.max_holders == 1 for each in kind.roles)
    hands_over = is_final and is_single and kind.stays_as is not None
    may = hands_over and may_transfer_ownership(
        context, context.actor.id, resource, role
    )
    slug = resource.slug if may or (is_final and not is_single) else ""
    return errors.MayNotRemove(person, role, resource.title, slug, is_final, may)


def _build_held_through_rejection(
    context: Context, resource: Resource, person: str
) -> errors.Rejected:
    """Return why there is nothing to end for somebody: they hold no role, or one that follows from another (MEM-05)."""
    rank = context.roles[resource.kind].get_rank
    held = min(
        authorization.list_effective_roles(context, person, resource),
        key=lambda h: rank(h.role),
        default=None,
    )
    source = context.resources.get_resource(held.path[0].resource) if held else None
    if held is None or source is None:
        return errors.NotAMember(person, resource.title)
    known, role = authorization.redact_resource(context, source), held.path[0].role
    is_group = context.roles[source.kind].is_group
    unshares = is_group and held.role in authorization.list_removable_roles(
        context, context.actor.id, resource
    )
    return errors.HeldThrough(
        person,
        held.role,
        resource.title,
        resource.slug,
        role,
        source.kind,
        known.title,
        known.slug,
        can_end=bool(known.title) and _can_end(context, source, person, role),
        can_unshare=bool(known.title) and unshares and len(held.path) == 2,  # noqa: PLR2004 - the team and the thing
    )


def _can_end(context: Context, resource: Resource, person: str, role: str) -> bool:
    """Return whether the actor can end a role that was given to somebody: their own, or one that they may remove."""
    if person != context.actor.id and role not in authorization.list_removable_roles(
        context, context.actor.id, resource
    ):
        return False
    try:
        _list_ending_memberships(context, resource, person)
    except errors.LastHolder:
        return False
    return True


def get_role_on(context: Context, resource: Resource, person: str) -> str:
    """The role given here; else the highest that follows from others."""
    direct = authorization.direct_membership(context, person, resource)
    if direct:
        return direct.role
    kind = context.roles[resource.kind]
    implied = sorted(
        (h.role for h in authorization.list_effective_roles(context, person, resource)),
        key=kind.get_rank,
    )
    if not implied:
        raise errors.NotAMember(person, resource.title)
    return implied[0]


def _check_role_change(
    context: Context, resource: Resource, person: str, now: str, role: Role
) -> None:
    kind = context.roles[resource.kind]
    grants = authorization.list_assignable_roles(context, context.actor.id, resource)
    is_promotion = kind.get_rank(role.name) < kind.get_rank(now)
    keeps_present = (
        is_promotion
        and authorization.direct_membership(context, person, resource) is None
    )
    if not keeps_present and now not in authorization.list_removable_roles(
        context, context.actor.id, resource
    ):
        raise _build_removal_rejection(context, resource, person, now)
    if (is_promotion or not role.is_derived_only) and (
        role.is_derived_only or role.name not in grants
    ):
        raise build_assignment_rejection(context, resource, role.name, context.actor.id)


def _check_derived_role_remains(
    context: Context, resource: Resource, person: str, role: Role
) -> None:
    """Going down to an implied role ends the membership; something else must still give that role."""
    left = authorization.list_effective_roles(
        context, person, resource, frozenset({resource.id})
    )
    if all(held.role != role.name for held in left):
        raise errors.NothingFollows(person, role.name, resource.title)


def _keep_roles_inside(
    context: Context, act: ChangeRole, resource: Resource, person: str
) -> list[MemberJoined]:
    """What goes on by a role of its own when the role that gave it ends."""
    inside = {r.id: r for r in list_descendants(context, resource)}
    kept = [
        inside[r.id]
        for what in act.keep
        if (r := resolve_resource(context, what)).id in inside
    ]
    events: list[MemberJoined] = []
    for inner in kept:
        if authorization.direct_membership(context, person, inner) is None:
            role = get_role_on(context, inner, person)
            if role not in authorization.list_assignable_roles(
                context, context.actor.id, inner
            ):
                raise errors.MayNotGrant(
                    role,
                    inner.title,
                    authorization.list_assignable_roles(
                        context, context.actor.id, inner
                    ),
                )
            events.append(MemberJoined(inner.id, person, role, None, None))
    return events


def resolve_person_id(context: Context, who: Account | Address | str) -> str:
    """The id of whom an act is about."""
    return who if isinstance(who, str) else get_or_register_person(context, who)[0].id


def check_not_last_holder(
    context: Context, resource: Resource, membership: Membership
) -> None:
    """Refuse the end of a membership without which somebody who must be there would be missing (MEM-08)."""
    if is_last_holder(context, resource, membership):
        raise build_last_holder_rejection(context, resource, membership.role)


def is_last_holder(
    context: Context, resource: Resource, membership: Membership
) -> bool:
    """Whether too few would go on holding the role; a limited membership upholds nothing, nor does a suspended one."""
    kind = context.roles[resource.kind]
    role = kind.find_role(membership.role)
    others = [
        m
        for m in context.memberships.list_members(resource.id, context.at)
        if m.person != membership.person and m.until is None
    ]
    if role and sum(m.role == role.name for m in others) < role.min_holders:
        return not authorization.is_role_supplied_by_parent(
            context, resource, role.name
        )
    return membership.role == kind.highest_role and not is_controlled(
        context, resource, members=others
    )


def demote_holders(
    context: Context,
    resource: Resource,
    role: str,
    *,
    except_person_id: str,
    invitation: str | None = None,
) -> list[MemberRoleChanged]:
    """Demote who holds a role that only so many may hold, deactivated people included, so that somebody else can."""
    kind = context.roles[resource.kind]
    limited = kind.find_role(role)
    if limited is None or limited.max_holders is None or kind.stays_as is None:
        return []
    holding = [
        *context.memberships.list_members(resource.id, context.at),
        *context.memberships.list_suspended_memberships_on(resource.id),
    ]
    return [
        build_demotion_event(context, m, invitation=invitation)
        for m in holding
        if m.role == role and m.person != except_person_id
    ]


def build_demotion_event(
    context: Context, membership: Membership, *, invitation: str | None = None
) -> MemberRoleChanged:
    """Return the change to the role in which somebody stays who handed a resource over."""
    resource = context.resources.get_resource(membership.resource)
    stays_as = (
        context.roles[resource.kind].stays_as if resource else None
    ) or membership.role
    due, before = (
        get_next_expiry_notice(membership.until, context.at),
        (membership.role, membership.until),
    )
    return MemberRoleChanged(
        membership.resource,
        membership.person,
        stays_as,
        membership.until,
        *before,
        due=due,
        invitation=invitation,
    )

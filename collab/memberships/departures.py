"""Leaving and removal: which memberships end, and why one may not be ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from collab import accessible_resources, authorization, errors
from collab.access_graph import EffectiveRole
from collab.context import Context
from collab.events import Event, MemberLeft, MemberRemoved
from collab.invitations.rules import (
    may_transfer_ownership,
    revoke_invitations_losing_authorization,
)
from collab.memberships.holders import check_not_last_holder, get_role_on
from collab.model import InvitationId, Membership, PersonId, Resource, ResourceId
from collab.what_if import build_enabled_context

Departure = MemberLeft | MemberRemoved

TEAM_ROLE_PATH_LENGTH = 2  # the team, then the resource shared with it


class UndoFields(TypedDict, total=False):
    """What the end of a membership records so that it can be undone (MEM-11)."""

    role: str
    since: datetime
    until: datetime | None
    assigned: tuple[ResourceId, ...]


def end_memberships(
    context: Context,
    event_type: type[Departure],
    resource: Resource,
    person_id: PersonId,
) -> list[Event]:
    """End a person's memberships on a resource and on everything inside it (MEM-06,
    MEM-07).

    Pending invitations that the person may no longer make are revoked.
    """
    departures = build_departures(context, event_type, resource, person_id)
    lost = list_lost_resource_ids(departures)
    return [
        *departures,
        *revoke_invitations_losing_authorization(context, person_id, lost),
    ]


def build_departures(
    context: Context,
    event_type: type[Departure],
    resource: Resource,
    person_id: PersonId,
    lost_before: frozenset[ResourceId] = frozenset(),
) -> list[Departure]:
    """Return the ends of a person's memberships on a resource, then on what it contains.

    `lost_before` are the resources on which memberships end earlier in the same command.
    Raises Rejected if a membership may not end.
    """
    ending = _list_ending_memberships(context, resource, person_id)
    return _build_departures_of(
        context, event_type, resource, person_id, ending, lost_before
    )


def build_departures_of_former_owner(
    context: Context, resource: Resource, person_id: PersonId, handover: InvitationId
) -> list[MemberLeft]:
    """Return the ends of the memberships of a person whom another one succeeds in the
    same transaction; none if they have none (HND-01).

    Their keys to rotate are those of the whole handover.
    """
    resources = [resource, *context.resources.list_descendants(resource.id)]
    memberships = context.graph.get_memberships_by_resource(
        person_id, [each.id for each in resources], context.at
    )
    return [
        MemberLeft(
            membership.resource,
            person_id,
            within=None if membership.resource == resource.id else resource.id,
            handover=handover,
            **_get_undo_fields(context, membership),
        )
        for membership in memberships.values()
    ]


def _build_departures_of(
    context: Context,
    event_type: type[Departure],
    resource: Resource,
    person_id: PersonId,
    ending: Sequence[Membership],
    lost_before: frozenset[ResourceId],
) -> list[Departure]:
    fields: UndoFields | None = None
    inner: list[Departure] = []
    for membership in ending:
        undo_fields = _get_undo_fields(context, membership)
        if membership.resource == resource.id:
            fields = undo_fields
        else:
            inner.append(
                event_type(
                    membership.resource, person_id, within=resource.id, **undo_fields
                )
            )
    if fields is None:
        fields = {"role": get_ending_role(context, resource, person_id)}
    lost = frozenset(membership.resource for membership in ending)
    rotate = _list_code_losses(context, person_id, lost | lost_before)
    if lost_before:
        known = _list_code_losses(context, person_id, lost_before)
        rotate = tuple(each for each in rotate if each not in known)
    main = event_type(resource.id, person_id, rotate=rotate, **fields)
    return [main, *inner]


def list_lost_resource_ids(
    departures: Iterable[Departure],
) -> frozenset[ResourceId]:
    """Return the ids of the resources on which a membership ends."""
    return frozenset(each.resource for each in departures if each.since is not None)


def _list_code_losses(
    context: Context, person_id: PersonId, lost: frozenset[ResourceId]
) -> tuple[ResourceId, ...]:
    return accessible_resources.list_capability_losses(context, person_id, "code", lost)


def list_memberships_by_depth(
    context: Context, person_id: PersonId
) -> list[tuple[Resource, Membership]]:
    """Return a person's memberships, containers first, then by title.

    Those of a deactivated person are suspended.
    """
    memberships = {
        each.resource: each
        for each in (
            *context.memberships.list_memberships_of(person_id, context.at),
            *context.memberships.list_suspended_memberships_of(person_id),
        )
    }
    resources = [
        resource
        for resource in context.resources.get_resources(memberships).values()
        if not resource.gone
    ]
    resources.sort(key=lambda each: (each.title.casefold(), each.id))
    resources.sort(key=lambda each: _count_containers(context, each))
    return [(resource, memberships[resource.id]) for resource in resources]


def _count_containers(context: Context, resource: Resource) -> int:
    return sum(1 for _ in authorization.iterate_containers(context, resource))


def get_ending_role(context: Context, resource: Resource, person_id: PersonId) -> str:
    """Return the role that ends on a resource.

    Of a deactivated person it is the suspended one, else the lowest role: nothing is
    inherited by them.
    """
    suspended = context.memberships.list_suspended_memberships_of(person_id)
    if not suspended:
        return get_role_on(context, resource, person_id)
    for membership in suspended:
        if membership.resource == resource.id:
            return membership.role
    return context.roles[resource.kind].roles[-1].name


def check_may_remove(context: Context, resource: Resource, person_id: PersonId) -> None:
    """Reject an actor who may not remove a person, before anything else is checked
    (MEM-05).
    """
    removable = authorization.list_removable_roles(context, context.actor.id, resource)
    if not removable:
        raise build_removal_rejection(context, resource, person_id, "")
    role = get_ending_role(context, resource, person_id)
    if role in removable:
        return
    membership = authorization.direct_membership(context, person_id, resource)
    if membership or context.memberships.list_suspended_memberships_of(person_id):
        raise build_removal_rejection(context, resource, person_id, role)
    raise build_inherited_role_rejection(context, resource, person_id)


def build_removal_rejection(
    context: Context, resource: Resource, person_id: PersonId, role: str
) -> errors.Rejected:
    """Return why the actor may not remove or demote a person; `role` is empty if they
    may remove nobody.
    """
    actor_id = context.actor.id
    enabled, enabled_resource = build_enabled_context(context, resource)
    if authorization.is_disabled(
        context, resource
    ) and authorization.list_removable_roles(enabled, actor_id, enabled_resource):
        slug = authorization.find_slug_to_enable(context, resource)
        return errors.IsDisabled(resource.title, slug)
    kind = context.roles[resource.kind]
    is_final = bool(role) and all(role not in each.removes for each in kind.roles)
    is_single = any(each.name == role and each.max_holders == 1 for each in kind.roles)
    may_hand_over = False
    if is_final and is_single and kind.stays_as is not None:
        may_hand_over = may_transfer_ownership(context, actor_id, resource, role)
    is_named = may_hand_over or (is_final and not is_single)
    slug = resource.slug if is_named else ""
    return errors.MayNotRemove(
        person_id, role, resource.title, slug, is_final, may_hand_over
    )


def build_inherited_role_rejection(
    context: Context, resource: Resource, person_id: PersonId
) -> errors.Rejected:
    """Return why a person has nothing to end on a resource: no role, or an inherited
    one (MEM-05).
    """
    effective_roles = authorization.list_effective_roles(context, person_id, resource)
    get_rank = context.roles[resource.kind].get_rank
    inherited = min(
        effective_roles, key=lambda effective: get_rank(effective.role), default=None
    )
    if inherited is None:
        return errors.NotAMember(person_id, resource.title)
    origin = inherited.path[0]
    source = context.resources.get_resource(origin.resource)
    if source is None:
        return errors.NotAMember(person_id, resource.title)
    shown = authorization.redact_resource(context, source)
    is_visible = bool(shown.title)
    return errors.HeldThrough(
        person_id,
        inherited.role,
        resource.title,
        resource.slug,
        origin.role,
        source.kind,
        shown.title,
        shown.slug,
        can_end=is_visible and _can_end(context, source, person_id, origin.role),
        can_unshare=is_visible and _can_unshare(context, resource, source, inherited),
    )


def _can_end(
    context: Context, resource: Resource, person_id: PersonId, role: str
) -> bool:
    """Return whether the actor can end a direct role: their own, or one that they may
    remove.
    """
    if person_id != context.actor.id:
        removable = authorization.list_removable_roles(
            context, context.actor.id, resource
        )
        if role not in removable:
            return False
    try:
        _list_ending_memberships(context, resource, person_id)
    except errors.LastHolder:
        return False
    return True


def _can_unshare(
    context: Context, resource: Resource, source: Resource, inherited: EffectiveRole
) -> bool:
    """Return whether the actor can end a team's role that a person inherits on a
    resource.
    """
    if not context.roles[source.kind].is_group:
        return False
    if len(inherited.path) != TEAM_ROLE_PATH_LENGTH:
        return False
    return inherited.role in authorization.list_removable_roles(
        context, context.actor.id, resource
    )


def _get_undo_fields(context: Context, membership: Membership) -> UndoFields:
    """Return what an undo needs to know of a membership that ends (MEM-11)."""
    return {
        "role": membership.role,
        "since": membership.since,
        "until": membership.until,
        "assigned": context.teams.list_resources_assigned_to(
            membership.resource, membership.person
        ),
    }


def _list_ending_memberships(
    context: Context, resource: Resource, person_id: PersonId
) -> Sequence[Membership]:
    """Return a person's memberships on a resource and everything inside it; raises
    Rejected if one may not end.

    Those of a deactivated person are suspended.
    """
    resources = {
        r.id: r for r in (resource, *context.resources.list_descendants(resource.id))
    }
    memberships = context.graph.get_memberships_by_resource(
        person_id, list(resources), context.at
    )
    for membership in memberships.values():
        check_not_last_holder(context, resources[membership.resource], membership)
    if memberships:
        return list(memberships.values())
    suspended = [
        membership
        for membership in context.memberships.list_suspended_memberships_of(person_id)
        if membership.resource in resources
    ]
    if not suspended:
        raise build_inherited_role_rejection(context, resource, person_id)
    return suspended

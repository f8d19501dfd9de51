"""What a removal, a leave or a deletion would end, read from what the rules say would happen, for words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from bot.slack.event_details import select_events
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.views.memberships import RemainingRole, RemovalPreview
from bot.slack.views.resources import (
    MAX_PEOPLE_LOSING,
    DeletionPreview,
    DisablingPreview,
    MovePreview,
    RoleLoss,
    RoleShift,
)
from collab import authorization, events
from collab.context import Context
from collab.events import Event
from collab.model import NOBODY, EffectiveRole, Person, Resource
from collab.move_effects import is_loss, list_access_changes
from collab.open_items import InvitationView, build_invitation_views
from collab.resources import list_descendants
from collab.roles import CAPABILITIES

MAX_ROLES_LISTED = 3
ENDING_EVENTS = events.ResourceDeleted | events.ResourceRetired


def preview_removal(
    services: Services, asked: CommandRequest | ActionRequest, happens: Sequence[Event]
) -> RemovalPreview:
    """What goes with a membership, and what the person still reaches without it (MEM-06)."""
    gone = [
        e for e in happens if isinstance(e, events.MemberLeft | events.MemberRemoved)
    ]
    top, lost = gone[0], frozenset(e.resource for e in gone)
    with services.read_workspace(asked.caller) as repositories:
        context = services.bus.context(repositories, asked.at)
        resource = repositories.resources.get_resource(top.resource) or Resource(
            top.resource, "", "", ""
        )
        me = (
            repositories.people.find_person_by_account(asked.caller.account)
            if asked.caller.account
            else None
        )
        seen = (
            authorization.list_viewable_resource_ids(context, me.id)
            if me
            else authorization.EMPTY_SET
        )
        places = [
            place
            for place in _list_affected_resources(context, resource)
            if place.id in seen
        ]
        before = _pair_with_highest_role(
            context,
            authorization.list_effective_roles_by_resource(context, top.person),
            places,
        )
        after = _pair_with_highest_role(
            context,
            authorization.list_effective_roles_by_resource(context, top.person, lost),
            places,
        )
        had = authorization.list_capabilities(context, top.person, resource)
        has = authorization.list_capabilities(context, top.person, resource, lost)
        return RemovalPreview(
            repositories.people.get_person(top.person) or NOBODY,
            resource,
            top.role,
            [c for c in CAPABILITIES if c in had - has],
            [
                (place, was.role)
                for (place, was), (_, now) in zip(before, after, strict=True)
                if _is_role_lost(was, now)
            ],
            [
                _build_remaining_role(context, seen, place, now)
                for place, now in after
                if now
            ],
            _list_revoked_invitations(context, happens),
            context.roles[resource.kind].highest_role,
        )


def preview_deletion(
    services: Services, asked: CommandRequest | ActionRequest, happens: Sequence[Event]
) -> DeletionPreview:
    """What goes with a resource, who loses what, and what nothing pays for any more (RES-04)."""
    with services.read_workspace(asked.caller) as repositories:
        context = services.bus.context(repositories, asked.at)
        ends = [
            event for event in reversed(happens) if isinstance(event, ENDING_EVENTS)
        ]
        doomed = [
            resource
            for end in ends
            if (resource := repositories.resources.get_resource(end.resource))
        ]
        kept = {end.resource for end in ends if isinstance(end, events.ResourceRetired)}
        lost = [resource for resource in doomed if resource.id not in kept]
        gone = {resource.id for resource in doomed}
        unpaid = [
            paid
            for resource in doomed
            for paid in repositories.resources.list_resources_paid_by(resource.id)
            if paid.id not in gone
        ]
        revoked, retires = (
            _list_revoked_invitations(context, happens),
            doomed[0].id in kept,
        )
        inside = [resource for resource in doomed[1:] if resource.id not in kept]
        kept_inside = [resource for resource in doomed[1:] if resource.id in kept]
        return DeletionPreview(
            doomed[0],
            inside,
            _list_role_losses(context, lost),
            unpaid,
            revoked,
            retires,
            kept_inside,
        )


def preview_disabling(
    services: Services, asked: CommandRequest, what: str
) -> DisablingPreview:
    """What is disabled with a resource, and how many hold a role there."""
    with services.read_workspace(asked.caller) as repositories:
        context = services.bus.context(repositories, asked.at)
        resource = repositories.resources.get_resource(what) or Resource(
            what, "", "", ""
        )
        inside = list_descendants(context, resource)
        people = authorization.list_users_within(
            context, resource, {resource.id, *(inner.id for inner in inside)}
        )
        return DisablingPreview(resource, inside, len(people))


def preview_move(
    services: Services, asked: CommandRequest | ActionRequest, happens: Sequence[Event]
) -> MovePreview:
    """What a move would change: who gains and loses access, and what is no longer paid for (RES-03)."""
    move: events.ResourceMoved = select_events(happens, events.ResourceMoved)[0]
    unpaid = [event.resource for event in select_events(happens, events.PayerChanged)]
    with services.read_workspace(asked.caller) as repositories:
        context = services.bus.context(repositories, asked.at)
        resource = repositories.resources.get_resource(move.resource) or Resource(
            move.resource, "", "", ""
        )
        before, parent = (
            repositories.resources.get_resource(place) if place else None
            for place in (move.before, move.parent)
        )
        stopped = [
            r for place in unpaid if (r := repositories.resources.get_resource(place))
        ]
        changes = list_access_changes(
            context, replace(resource, parent=move.parent), stopped
        )
        people = context.people.get_people({change.person for change in changes})
        shifts = [
            (
                RoleShift(people[c.person], c.resource, c.before, c.after),
                is_loss(context, c),
            )
            for c in changes
        ]
        gaining = [shift for shift, lost in shifts if not lost]
        losing = [shift for shift, lost in shifts if lost]
        return MovePreview(
            resource,
            before,
            parent,
            gaining,
            losing,
            stopped,
            _list_revoked_invitations(context, happens),
        )


def _list_role_losses(context: Context, doomed: Sequence[Resource]) -> list[RoleLoss]:
    """Everybody with what they hold there, the outermost first; what is not shown of it is not looked for."""
    if not doomed:
        return []
    found = authorization.list_users_within(
        context, doomed[0], {resource.id for resource in doomed}
    )
    people = context.people.get_people(found[:MAX_PEOPLE_LOSING])
    named = [
        _summarize_role_loss(context, people.get(person) or NOBODY, doomed)
        for person in found[:MAX_PEOPLE_LOSING]
    ]
    return [*named, *(RoleLoss(NOBODY, (), 0) for _ in found[MAX_PEOPLE_LOSING:])]


def _summarize_role_loss(
    context: Context, person: Person, doomed: Sequence[Resource]
) -> RoleLoss:
    held = _pair_with_highest_role(
        context,
        authorization.list_effective_roles_by_resource(context, person.id),
        doomed,
    )
    roles = [(place, best.role) for place, best in held if best]
    return RoleLoss(
        person, roles[:MAX_ROLES_LISTED], max(0, len(roles) - MAX_ROLES_LISTED)
    )


def _list_affected_resources(context: Context, resource: Resource) -> list[Resource]:
    """Where a role can end with one on the resource: there, inside, at what it pays for, and at what it stands in."""
    places = (
        resource,
        *list_descendants(context, resource),
        *context.resources.list_resources_paid_by(resource.id),
    )
    return list(
        {
            place.id: place
            for place in (*places, *authorization.iterate_containers(context, resource))
        }.values()
    )


def _pair_with_highest_role(
    context: Context,
    held: Mapping[str, Sequence[EffectiveRole]],
    places: Sequence[Resource],
) -> list[tuple[Resource, EffectiveRole | None]]:
    """With each place the highest of the roles held there."""
    return [
        (place, _find_highest_role(context, held.get(place.id, ()), place))
        for place in places
    ]


def _find_highest_role(
    context: Context, held: Sequence[EffectiveRole], place: Resource
) -> EffectiveRole | None:
    rank = context.roles[place.kind].get_rank
    return min(held, key=lambda h: (rank(h.role), not h.is_direct), default=None)


def _is_role_lost(
    had: EffectiveRole | None, has: EffectiveRole | None
) -> TypeGuard[EffectiveRole]:
    return had is not None and (has is None or has.role != had.role)


def _build_remaining_role(
    context: Context, seen: frozenset[str], place: Resource, has: EffectiveRole
) -> RemainingRole:
    start = (
        None if has.is_direct else context.resources.get_resource(has.path[0].resource)
    )
    hidden = start and start.id not in seen
    return RemainingRole(
        place,
        has.role,
        replace(start, title="", slug="", about=None) if start and hidden else start,
    )


def _list_revoked_invitations(
    context: Context, happens: Iterable[Event]
) -> list[InvitationView]:
    found = (
        context.invitations.get_invitation(e.invitation)
        for e in select_events(happens, events.InvitationRevoked)
    )
    return build_invitation_views(
        [invitation for invitation in found if invitation], context
    )

"""What a deletion, disabling or a move would change, to be confirmed.

Each query decides the same command that the confirmation executes, and describes the
events that would follow, as far as the caller may see what they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from collab import accessible_resources, authorization, errors, events
from collab.access_graph import EffectiveRole
from collab.command import Command, Query
from collab.context import Context
from collab.event_handlers import append_follow_up_events
from collab.events import Event
from collab.invitations.rules import find_open_handover
from collab.model import (
    NOBODY,
    Caller,
    Person,
    Resource,
    ResourceId,
)
from collab.move_effects import AccessChange, is_loss, list_access_changes
from collab.moves import MoveResource
from collab.open_items import InvitationView, build_invitation_views
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource

MAX_ROLES_LISTED = 3  # of one person who loses roles
MAX_PEOPLE_LISTED = 20  # who lose roles by a deletion, with their names
ENDING_EVENTS = events.ResourceDeleted | events.ResourceRetired

SomeEvent = TypeVar("SomeEvent", bound=Event)


@dataclass(frozen=True, slots=True)
class RoleLoss:
    """A person who loses roles: some of them, and how many more."""

    person: Person
    roles: Sequence[tuple[Resource, str]]
    more: int


@dataclass(frozen=True, slots=True)
class DeletionPreview:
    """What ends with a resource: contents, roles, payments, invitations (RES-04).

    A payment method with invoices is retired instead of deleted: `retires` says so of
    the resource itself, `kept` lists those among its contents.
    """

    resource: Resource
    inside: Sequence[Resource]
    losing: Sequence[RoleLoss]
    unpaid: Sequence[Resource]
    revoked: Sequence[InvitationView]
    retires: bool = False
    kept: Sequence[Resource] = ()


@dataclass(frozen=True, slots=True)
class DisablingPreview:
    """What would be disabled, and the number of people with a role there.

    `handovers` are the open ones that cannot happen before it is enabled again.
    """

    resource: Resource
    inside: Sequence[Resource]
    people: int
    handovers: Sequence[InvitationView] = ()


@dataclass(frozen=True, slots=True)
class RoleShift:
    """A person's highest role on a resource before and after a move; None for none."""

    person: Person
    resource: Resource
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What a move changes: containers, access, payments and invitations (RES-03)."""

    resource: Resource
    before: Resource | None
    parent: Resource | None
    gaining: Sequence[RoleShift]
    losing: Sequence[RoleShift]
    unpaid: Sequence[Resource]
    revoked: Sequence[InvitationView]


@dataclass(frozen=True, slots=True)
class PreviewDeletion(Query[DeletionPreview]):
    """What would end if a resource were deleted."""

    what: str

    def answer(self, context: Context) -> DeletionPreview:
        """Return what would end; raises Rejected as DeleteResource does."""
        happened = _decide_deletion(context, self.by, self.what)
        ending = [event for event in happened if isinstance(event, ENDING_EVENTS)]
        ending.reverse()  # the resource itself first; it is deleted last
        resources = _list_existing(context, (event.resource for event in ending))
        retired_ids = {
            event.resource
            for event in ending
            if isinstance(event, events.ResourceRetired)
        }
        deleted = [each for each in resources if each.id not in retired_ids]
        contents = resources[1:]
        return DeletionPreview(
            resource=resources[0],
            inside=[each for each in contents if each.id not in retired_ids],
            losing=_list_role_losses(context, deleted),
            unpaid=_list_unpaid_resources(context, resources),
            revoked=list_revoked_invitations(context, happened),
            retires=resources[0].id in retired_ids,
            kept=[each for each in contents if each.id in retired_ids],
        )


@dataclass(frozen=True, slots=True)
class PreviewDisabling(Query[DisablingPreview | None]):
    """What would be disabled with a resource."""

    what: str

    def answer(self, context: Context) -> DisablingPreview | None:
        """Return what would be disabled; None if it is disabled already."""
        happened = decide_all(context, DisableResource(self.by, self.what))
        disabled = select_events(happened, events.ResourceDisabled)
        if not disabled:
            return None
        resource = get_resource(context, disabled[0].resource)
        contents = context.resources.list_descendants(resource.id)
        resource_ids = {resource.id, *(each.id for each in contents)}
        people = authorization.list_users_within(context, resource, resource_ids)
        handovers = _list_open_handovers(context, [resource, *contents])
        return DisablingPreview(resource, contents, len(people), handovers)


@dataclass(frozen=True, slots=True)
class PreviewMove(Query[MovePreview | None]):
    """What would change if a resource were moved; None: out of every container."""

    what: str
    container: str | None

    def answer(self, context: Context) -> MovePreview | None:
        """Return what would change; None if the resource is there already."""
        happened = decide_all(context, MoveResource(self.by, self.what, self.container))
        moves = select_events(happened, events.ResourceMoved)
        if not moves:
            return None
        move = moves[0]
        resource = get_resource(context, move.resource)
        payer_changes = select_events(happened, events.PayerChanged)
        unpaid = _list_existing(context, (event.resource for event in payer_changes))
        moved = replace(resource, parent=move.parent)
        changes = list_access_changes(context, moved, unpaid)
        losses = [change for change in changes if is_loss(context, change)]
        gains = [change for change in changes if change not in losses]
        return MovePreview(
            resource=resource,
            before=_find_resource(context, move.before),
            parent=_find_resource(context, move.parent),
            gaining=build_role_shifts(context, gains),
            losing=build_role_shifts(context, losses),
            unpaid=unpaid,
            revoked=list_revoked_invitations(context, happened),
        )


def _list_open_handovers(
    context: Context, resources: Sequence[Resource]
) -> list[InvitationView]:
    """Return the open handovers of some resources or of what is paid with them."""
    context.invitations.load_pending_invitations_on([each.id for each in resources])
    found = (find_open_handover(context, each) for each in resources)
    handovers = {each.id: each for each in found if each}
    return build_invitation_views(list(handovers.values()), context)


def decide_all(context: Context, command: Command) -> list[Event]:
    """Return the events of a command and all that follows from them."""
    return append_follow_up_events(context, command.decide(context))


def _decide_deletion(context: Context, by: Caller, resource_ref: str) -> list[Event]:
    """Return the events of a deletion, as if the resource's name had been typed."""
    try:
        return decide_all(context, DeleteResource(by, resource_ref))
    except errors.TypeItsName as rejected:
        return decide_all(context, DeleteResource(by, resource_ref, rejected.title))


def find_highest_role(
    context: Context,
    roles: Mapping[ResourceId, Sequence[EffectiveRole]],
    resource: Resource,
) -> EffectiveRole | None:
    """Return the highest role on a resource, a direct one before an inherited one."""
    rank = context.roles[resource.kind].get_rank
    return min(
        roles.get(resource.id, ()),
        key=lambda role: (rank(role.role), not role.is_direct),
        default=None,
    )


def list_viewable_ids(context: Context) -> frozenset[ResourceId]:
    """Return the ids of all that the actor may view."""
    if not context.actor.id:
        return frozenset()
    return accessible_resources.list_viewable_resource_ids(context, context.actor.id)


def _list_role_losses(context: Context, deleted: Sequence[Resource]) -> list[RoleLoss]:
    """Return who loses roles, on the outermost resource first.

    Only the first `MAX_PEOPLE_LISTED` are named; the others are counted.
    """
    if not deleted:
        return []
    deleted_ids = {resource.id for resource in deleted}
    person_ids = authorization.list_users_within(context, deleted[0], deleted_ids)
    people = context.people.get_people(person_ids[:MAX_PEOPLE_LISTED])
    losses = [
        _build_role_loss(context, people.get(person_id) or NOBODY, deleted)
        for person_id in person_ids[:MAX_PEOPLE_LISTED]
    ]
    unnamed_count = len(person_ids) - len(losses)
    return [*losses, *[RoleLoss(NOBODY, (), 0)] * unnamed_count]


def _build_role_loss(
    context: Context, person: Person, deleted: Sequence[Resource]
) -> RoleLoss:
    roles = accessible_resources.list_effective_roles_by_resource(context, person.id)
    lost = []
    for resource in deleted:
        highest = find_highest_role(context, roles, resource)
        if highest:
            lost.append((resource, highest.role))
    return RoleLoss(person, lost[:MAX_ROLES_LISTED], len(lost[MAX_ROLES_LISTED:]))


def _list_unpaid_resources(
    context: Context, ending: Sequence[Resource]
) -> list[Resource]:
    """Return what the ending resources pay for and what does not end itself."""
    ending_ids = {resource.id for resource in ending}
    return [
        paid
        for resource in ending
        for paid in context.resources.list_resources_paid_by(resource.id)
        if paid.id not in ending_ids
    ]


def build_role_shifts(
    context: Context, changes: Sequence[AccessChange]
) -> list[RoleShift]:
    """Return changes with the people in place of their ids."""
    people = context.people.get_people({change.person for change in changes})
    return [
        RoleShift(people[change.person], change.resource, change.before, change.after)
        for change in changes
    ]


def list_revoked_invitations(
    context: Context, happened: Sequence[Event]
) -> list[InvitationView]:
    """Return the invitations that events revoke."""
    invitations = []
    for event in select_events(happened, events.InvitationRevoked):
        invitation = context.invitations.get_invitation(event.invitation)
        if invitation:
            invitations.append(invitation)
    return build_invitation_views(invitations, context)


def _list_existing(
    context: Context, resource_ids: Iterable[ResourceId]
) -> list[Resource]:
    resources = map(context.resources.get_resource, resource_ids)
    return [resource for resource in resources if resource]


def get_resource(context: Context, resource_id: ResourceId) -> Resource:
    resource = context.resources.get_resource(resource_id)
    return resource or Resource(resource_id, "", "", "")


def _find_resource(context: Context, resource_id: ResourceId | None) -> Resource | None:
    return context.resources.get_resource(resource_id) if resource_id else None


def select_events(
    happened: Sequence[Event], event_type: type[SomeEvent]
) -> list[SomeEvent]:
    return [event for event in happened if isinstance(event, event_type)]

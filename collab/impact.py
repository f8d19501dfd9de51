"""What a removal, a deletion, disabling or a move would change, to be confirmed.

Each query decides the same command that the confirmation executes, and describes the
events that would follow, as far as the caller may see what they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from collab import accessible_resources, authorization, errors, events
from collab.access_graph import EffectiveRole
from collab.command import Command, Query
from collab.context import Context
from collab.event_handlers import append_follow_up_events
from collab.events import Event
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.model import (
    NOBODY,
    Account,
    Address,
    Caller,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.move_effects import AccessChange, is_loss, list_access_changes
from collab.moves import MoveResource
from collab.open_items import InvitationView, build_invitation_views
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource
from collab.role_derivation import RolesByResource
from collab.roles import CAPABILITIES

MAX_ROLES_LISTED = 3  # of one person who loses roles
MAX_PEOPLE_LISTED = 20  # who lose roles by a deletion, with their names
ENDING_EVENTS = events.ResourceDeleted | events.ResourceRetired

SomeEvent = TypeVar("SomeEvent", bound=Event)


@dataclass(frozen=True, slots=True)
class RemainingRole:
    """A role that a person keeps; `through` is its origin, None for a direct role."""

    resource: Resource
    role: str
    through: Resource | None


@dataclass(frozen=True, slots=True)
class RemovalPreview:
    """What ends with a membership, and what remains (MEM-06).

    `role` is the role on the resource itself, `loses` the capabilities lost there,
    `ends` each role that ends anywhere, `revoked` the person's invitations and
    `ended_request_count` the number of their access requests that end.
    """

    person: Person
    resource: Resource
    role: str
    loses: Sequence[str]
    ends: Sequence[tuple[Resource, str]]
    remains: Sequence[RemainingRole]
    revoked: Sequence[InvitationView]
    highest: str
    ended_request_count: int = 0


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
    """What would be disabled, and the number of people with a role there."""

    resource: Resource
    inside: Sequence[Resource]
    people: int


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
class PreviewRemoval(Query[RemovalPreview]):
    """What would end if a member were removed; `who` may be a person's id."""

    who: Account | Address | PersonId
    what: str

    def answer(self, context: Context) -> RemovalPreview:
        """Return what would end; raises Rejected as RemoveMember does."""
        command = RemoveMember(self.by, self.who, self.what)
        return _preview_end(context, _decide(context, command))


@dataclass(frozen=True, slots=True)
class PreviewLeave(Query[RemovalPreview]):
    """What would end if the caller left a resource."""

    is_allowed_from_outside: ClassVar[bool] = LeaveResource.is_allowed_from_outside

    what: str

    def answer(self, context: Context) -> RemovalPreview:
        """Return what would end; raises Rejected as LeaveResource does."""
        return _preview_end(
            context, _decide(context, LeaveResource(self.by, self.what))
        )


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
        happened = _decide(context, DisableResource(self.by, self.what))
        disabled = _select_events(happened, events.ResourceDisabled)
        if not disabled:
            return None
        resource = _get_resource(context, disabled[0].resource)
        contents = context.resources.list_descendants(resource.id)
        resource_ids = {resource.id, *(each.id for each in contents)}
        people = authorization.list_users_within(context, resource, resource_ids)
        return DisablingPreview(resource, contents, len(people))


@dataclass(frozen=True, slots=True)
class PreviewMove(Query[MovePreview | None]):
    """What would change if a resource were moved; None: out of every container."""

    what: str
    container: str | None

    def answer(self, context: Context) -> MovePreview | None:
        """Return what would change; None if the resource is there already."""
        happened = _decide(context, MoveResource(self.by, self.what, self.container))
        moves = _select_events(happened, events.ResourceMoved)
        if not moves:
            return None
        move = moves[0]
        resource = _get_resource(context, move.resource)
        payer_changes = _select_events(happened, events.PayerChanged)
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


def _decide(context: Context, command: Command) -> list[Event]:
    """Return the events of a command and all that follows from them."""
    return append_follow_up_events(context, command.decide(context))


def _decide_deletion(context: Context, by: Caller, resource_ref: str) -> list[Event]:
    """Return the events of a deletion, as if the resource's name had been typed."""
    try:
        return _decide(context, DeleteResource(by, resource_ref))
    except errors.TypeItsName as rejected:
        return _decide(context, DeleteResource(by, resource_ref, rejected.title))


def _preview_end(context: Context, happened: Sequence[Event]) -> RemovalPreview:
    ended = [
        event
        for event in happened
        if isinstance(event, events.MemberLeft | events.MemberRemoved)
    ]
    main = ended[0]
    ended_ids = frozenset(event.resource for event in ended)
    resource = _get_resource(context, main.resource)
    roles = accessible_resources.list_effective_roles_by_resource(
        context, main.person, counts_suspended=True
    )
    remaining = accessible_resources.list_effective_roles_by_resource(
        context, main.person, ended_ids, counts_suspended=True
    )
    had, has = (
        authorization.list_capabilities_of_roles(
            context, resource, by_resource.get(resource.id, ())
        )
        for by_resource in (roles, remaining)
    )
    viewable_ids = list_viewable_ids(context)
    lost: list[tuple[Resource, str]] = []
    remains: list[RemainingRole] = []
    contents = context.resources.list_descendants(resource.id)
    place_ids = {resource.id, *(each.id for each in contents)}
    affected = accessible_resources.list_resources_with_roles(
        context, main.person, roles, resource
    )
    for each in affected:
        if each.id not in viewable_ids:
            continue
        before = _find_highest_role(context, roles, each)
        after = _find_highest_role(context, remaining, each)
        changes = before is not None and (after is None or after.role != before.role)
        if before and changes:
            lost.append((each, before.role))
        if after and (changes or each.id in place_ids):
            remains.append(_build_remaining_role(context, viewable_ids, each, after))
    return RemovalPreview(
        person=context.people.get_person(main.person) or NOBODY,
        resource=resource,
        role=main.role,
        loses=[name for name in CAPABILITIES if name in had - has],
        ends=lost,
        remains=remains,
        revoked=list_revoked_invitations(context, happened),
        highest=context.roles[resource.kind].highest_role,
        ended_request_count=_count_ended_requests(
            context, main.person, happened, remaining
        ),
    )


def list_viewable_ids(context: Context) -> frozenset[ResourceId]:
    """Return the ids of all that the actor may view."""
    if not context.actor.id:
        return frozenset()
    return accessible_resources.list_viewable_resource_ids(context, context.actor.id)


def _count_ended_requests(
    context: Context,
    person_id: PersonId,
    happened: Sequence[Event],
    remaining: RolesByResource,
) -> int:
    """Return how many of a person's access requests events end (MEM-12).

    One on a resource that the person may no longer view ends after the events. A
    deactivated person has none.
    """
    requests = context.access_requests.list_open_requests_of(person_id)
    if not requests:
        return 0
    ended_ids = {each.request for each in _select_events(happened, events.RequestEnded)}
    viewable_ids = accessible_resources.list_viewable_resource_ids(
        context, person_id, remaining
    )
    return sum(
        request.id in ended_ids or request.resource not in viewable_ids
        for request in requests
    )


def _find_highest_role(
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


def _build_remaining_role(
    context: Context,
    viewable_ids: frozenset[ResourceId],
    resource: Resource,
    role: EffectiveRole,
) -> RemainingRole:
    if role.is_direct:
        return RemainingRole(resource, role.role, None)
    origin = context.resources.get_resource(role.path[0].resource)
    if origin and origin.id not in viewable_ids:
        origin = replace(origin, title="", slug="", about=None)
    return RemainingRole(resource, role.role, origin)


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
        highest = _find_highest_role(context, roles, resource)
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
    for event in _select_events(happened, events.InvitationRevoked):
        invitation = context.invitations.get_invitation(event.invitation)
        if invitation:
            invitations.append(invitation)
    return build_invitation_views(invitations, context)


def _list_existing(
    context: Context, resource_ids: Iterable[ResourceId]
) -> list[Resource]:
    resources = map(context.resources.get_resource, resource_ids)
    return [resource for resource in resources if resource]


def _get_resource(context: Context, resource_id: ResourceId) -> Resource:
    resource = context.resources.get_resource(resource_id)
    return resource or Resource(resource_id, "", "", "")


def _find_resource(context: Context, resource_id: ResourceId | None) -> Resource | None:
    return context.resources.get_resource(resource_id) if resource_id else None


def _select_events(
    happened: Sequence[Event], event_type: type[SomeEvent]
) -> list[SomeEvent]:
    return [event for event in happened if isinstance(event, event_type)]

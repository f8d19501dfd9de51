"""What a removal or leaving would change, to be confirmed (MEM-06).

Each query decides the same command that the confirmation executes, and describes the
events that would follow, as far as the caller may see what they are about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from collab import accessible_resources, authorization, events
from collab.access_graph import EffectiveRole
from collab.command import Query
from collab.context import Context
from collab.events import Event
from collab.impact import (
    decide_all,
    find_highest_role,
    get_resource,
    list_revoked_invitations,
    list_viewable_ids,
    select_events,
)
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.model import (
    NOBODY,
    Account,
    Address,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.open_items import InvitationView
from collab.role_derivation import RolesByResource
from collab.roles import CAPABILITIES


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
class PreviewRemoval(Query[RemovalPreview]):
    """What would end if a member were removed; `who` may be a person's id."""

    who: Account | Address | PersonId
    what: str

    def answer(self, context: Context) -> RemovalPreview:
        """Return what would end; raises Rejected as RemoveMember does."""
        command = RemoveMember(self.by, self.who, self.what)
        return _preview_end(context, decide_all(context, command))


@dataclass(frozen=True, slots=True)
class PreviewLeave(Query[RemovalPreview]):
    """What would end if the caller left a resource."""

    is_allowed_from_outside: ClassVar[bool] = LeaveResource.is_allowed_from_outside

    what: str

    def answer(self, context: Context) -> RemovalPreview:
        """Return what would end; raises Rejected as LeaveResource does."""
        return _preview_end(
            context, decide_all(context, LeaveResource(self.by, self.what))
        )


def _preview_end(context: Context, happened: Sequence[Event]) -> RemovalPreview:
    ended = [
        event
        for event in happened
        if isinstance(event, events.MemberLeft | events.MemberRemoved)
    ]
    main = ended[0]
    ended_ids = frozenset(event.resource for event in ended)
    resource = get_resource(context, main.resource)
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
    lost, remains = _compare_roles(context, main.person, resource, roles, remaining)
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


def _compare_roles(
    context: Context,
    person_id: PersonId,
    resource: Resource,
    roles: RolesByResource,
    remaining: RolesByResource,
) -> tuple[list[tuple[Resource, str]], list[RemainingRole]]:
    """Return which of a person's roles end or get lower, and which remain there."""
    viewable_ids = list_viewable_ids(context)
    contents = context.resources.list_descendants(resource.id)
    ids_inside = {resource.id, *(each.id for each in contents)}
    affected = accessible_resources.list_resources_with_roles(
        context, person_id, roles, resource
    )
    lost: list[tuple[Resource, str]] = []
    remains: list[RemainingRole] = []
    for each in affected:
        if each.id not in viewable_ids:
            continue
        before = find_highest_role(context, roles, each)
        after = find_highest_role(context, remaining, each)
        changes = before is not None and (after is None or after.role != before.role)
        if before and changes:
            lost.append((each, before.role))
        if after and (changes or each.id in ids_inside):
            remains.append(_build_remaining_role(context, viewable_ids, each, after))
    return lost, remains


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
    ended_ids = {each.request for each in select_events(happened, events.RequestEnded)}
    viewable_ids = accessible_resources.list_viewable_resource_ids(
        context, person_id, remaining
    )
    return sum(
        request.id in ended_ids or request.resource not in viewable_ids
        for request in requests
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

"""Queries about access: why, who, the actor's resources, and one resource."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeVar

from collab import accessible_resources, authorization, errors
from collab.access_graph import EffectiveRole
from collab.command import Query
from collab.context import Context
from collab.memberships.holders import select_member_id
from collab.model import (
    NOBODY,
    Account,
    Address,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.past_access import build_past_context
from collab.people import list_named_people
from collab.resource_lookup import resolve_resource
from collab.roles import CAPABILITIES

Item = TypeVar("Item")

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a path: a role on a resource."""

    role: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class RolePath:
    """The steps from a person's membership to a role on a resource."""

    person: Person
    steps: tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class AccessExplanation:
    """Every path by which a person has a capability; none if they do not have it.

    `day` is the past day at whose end they had it (UTC), None for now. `existed`: the
    resource was there then.
    """

    person: Person
    resource: Resource
    capability: str
    paths: Sequence[RolePath]
    disabled: bool
    day: date | None = None
    existed: bool = True

    @property
    def is_suspended(self) -> bool:
        """Whether disabling is why nobody has the capability (ROL-04)."""
        allowed = authorization.CAPABILITIES_WHEN_DISABLED
        return self.disabled and self.capability not in allowed


@dataclass(frozen=True, slots=True)
class UsersWithCapability:
    """A page of those who have a capability on a resource, each with one path.

    `day` and `existed` are as in `AccessExplanation`.
    """

    resource: Resource
    capability: str
    paths: Sequence[RolePath]
    total: int
    next_page: int | None
    disabled: bool = False
    day: date | None = None
    existed: bool = True


@dataclass(frozen=True, slots=True)
class ResourceRole:
    """A resource with the highest role of the actor on it.

    `via` is the resource that the role follows from; None for a direct one.
    """

    resource: Resource
    role: str
    direct: bool
    via: Resource | None = None


@dataclass(frozen=True, slots=True)
class ResourceRoleList:
    """A page of the actor's resources."""

    belongings: Sequence[ResourceRole]
    total: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class ResourceDetail:
    """One resource, as far as the actor may view it.

    `inside` are the direct contents, `role` is the actor's highest role, `can` the
    actor's capabilities. `disabled`: it or its container is. `shared` are the resources
    of a team, with the team's roles.
    `lacks_payment`: the actor could create a payment method in it, and there is none
    (BIL-11). `assigns` and `removes`: the actor may assign roles there, or end those of
    others. `through` is the resource that the role follows from; None for a direct one.
    """

    resource: Resource
    parent: Resource | None
    payer: Resource | None
    inside: Sequence[Resource]
    role: str
    can: tuple[str, ...]
    direct: bool = True
    disabled: bool = False
    lacks_payment: bool = False
    shared: Sequence[tuple[Resource, str]] = ()
    assigns: bool = False
    removes: bool = False
    through: Resource | None = None


@dataclass(frozen=True, slots=True)
class ExplainAccess(Query[AccessExplanation]):
    """Ask why a person has a capability on a resource, or had it at the end of a day."""

    is_allowed_from_outside: ClassVar[bool] = True

    who: Account | Address
    what: str
    capability: str
    day: date | None = None

    def answer(self, context: Context) -> AccessExplanation:
        """Return every path, to an actor who may view the resource now (ROL-02,
        ASK-01).
        """
        named = {each.id: each for each in list_named_people(context, self.who)}
        resource = resolve_resource(context, self.what, people=named)
        capability = _check_capability_name(self.capability)
        then, resource_then = _look_back(context, resource, self.day)
        person_id = select_member_id(then, [*named], resource_then or resource)
        person = named[person_id]
        if resource_then is None:
            return AccessExplanation(
                person, resource, capability, (), False, self.day, existed=False
            )
        roles = list(authorization.expand(then, person.id, capability, resource_then))
        return AccessExplanation(
            person,
            resource,
            capability,
            _build_paths(context, roles),
            authorization.is_disabled(then, resource_then),
            self.day,
        )


@dataclass(frozen=True, slots=True)
class ListUsersWithCapability(Query[UsersWithCapability]):
    """List those who have a capability on a resource, or had it at the end of a day."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str
    capability: str
    page: int = 0
    day: date | None = None

    def answer(self, context: Context) -> UsersWithCapability:
        """Return a page of them, to an actor who may view the resource now (ROL-02,
        ASK-01).
        """
        resource = resolve_resource(context, self.what, with_contents=True)
        capability = _check_capability_name(self.capability)
        then, resource_then = _look_back(context, resource, self.day)
        if resource_then is None:
            return UsersWithCapability(
                resource, capability, (), 0, None, day=self.day, existed=False
            )
        is_disabled = authorization.is_disabled(then, resource_then)
        names = context.roles[resource.kind].list_roles_with_capability(capability)
        if is_disabled and capability not in authorization.CAPABILITIES_WHEN_DISABLED:
            names = frozenset()
        first_roles: dict[PersonId, EffectiveRole] = {}
        for role in authorization.list_users_with(then, resource_then):
            if role.role in names:
                first_roles.setdefault(role.person, role)
        roles, next_page = _get_page(list(first_roles.values()), self.page)
        return UsersWithCapability(
            resource,
            capability,
            _build_paths(context, roles),
            len(first_roles),
            next_page,
            is_disabled,
            self.day,
        )


@dataclass(frozen=True, slots=True)
class ListMyResources(Query[ResourceRoleList]):
    """List the resources on which the actor has a role."""

    is_allowed_from_outside: ClassVar[bool] = True

    page: int = 0

    def answer(self, context: Context) -> ResourceRoleList:
        """Return a page of them, contents after their containers."""
        actor_id = context.actor.id
        roles = accessible_resources.list_effective_roles_by_resource(context, actor_id)
        visible = accessible_resources.list_visible_resources(context, actor_id, roles)
        resources, next_page = _get_page(visible, self.page)
        resource_roles = [
            _get_highest_role(context, resource, roles[resource.id])
            for resource in resources
        ]
        return ResourceRoleList(resource_roles, len(visible), next_page)


@dataclass(frozen=True, slots=True)
class ShowResource(Query[ResourceDetail]):
    """Show one resource."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def answer(self, context: Context) -> ResourceDetail:
        """Return its details, to an actor who may view it."""
        actor_id = context.actor.id
        # Loaded first: the lookup of the name then needs no further queries.
        roles_by_resource = accessible_resources.list_effective_roles_by_resource(
            context, actor_id
        )
        resource = resolve_resource(context, self.what)
        roles = roles_by_resource[resource.id]
        viewable_ids = accessible_resources.list_viewable_resource_ids(
            context, actor_id, roles_by_resource
        )
        capabilities = authorization.list_capabilities_of_roles(
            context, resource, roles
        )
        parent = _find_resource(context, resource.parent)
        highest = _find_highest_role(context, resource, roles)
        source_id = None if highest.is_direct else highest.path[0].resource
        is_disabled = authorization.is_disabled(context, resource)
        return ResourceDetail(
            resource,
            parent=parent if parent and parent.id in viewable_ids else None,
            payer=_find_redacted(context, resource.payer),
            inside=_list_contents(context, resource, viewable_ids),
            role=highest.role,
            can=tuple(each for each in CAPABILITIES if each in capabilities),
            direct=highest.is_direct,
            disabled=is_disabled,
            lacks_payment=_lacks_payment(context, resource, capabilities),
            shared=_list_resources_of_team(context, resource, viewable_ids),
            assigns=not is_disabled
            and bool(authorization.select_assignable_roles(context, resource, roles)),
            removes=not is_disabled
            and bool(authorization.select_removable_roles(context, resource, roles)),
            through=_find_redacted(context, source_id),
        )


def _look_back(
    context: Context, resource: Resource, day: date | None
) -> tuple[Context, Resource | None]:
    """Return the context at the end of a day with the resource as it was then."""
    if day is None:
        return context, resource
    past = build_past_context(context, day, resource.id)
    return past, past.graph.get_resource(resource.id)


def _find_resource(context: Context, resource_id: ResourceId | None) -> Resource | None:
    return context.resources.get_resource(resource_id) if resource_id else None


def _find_redacted(context: Context, resource_id: ResourceId | None) -> Resource | None:
    """Return a resource, without its names where the actor may not view it."""
    resource = _find_resource(context, resource_id)
    return authorization.redact_resource(context, resource) if resource else None


def _get_page(items: Sequence[Item], page: int) -> tuple[Sequence[Item], int | None]:
    """Return a page of items, and the number of the next page if there is one."""
    start = page * PAGE_SIZE
    end = start + PAGE_SIZE
    return items[start:end], page + 1 if len(items) > end else None


def _list_viewable_resources(
    context: Context, viewable_ids: Collection[ResourceId]
) -> list[Resource]:
    """Return the viewable resources that are not deleted."""
    graph = accessible_resources.load_reachable_graph(context, context.actor.id)
    viewable = [graph.resources[resource_id] for resource_id in viewable_ids]
    return [resource for resource in viewable if not resource.gone]


def _list_contents(
    context: Context, container: Resource, viewable_ids: Collection[ResourceId]
) -> list[Resource]:
    """Return the viewable direct contents of a resource, by name."""
    contents = [
        resource
        for resource in _list_viewable_resources(context, viewable_ids)
        if resource.parent == container.id
    ]
    return sorted(contents, key=lambda each: (each.title.casefold(), each.id))


def _list_resources_of_team(
    context: Context, team: Resource, viewable_ids: Collection[ResourceId]
) -> list[tuple[Resource, str]]:
    """Return the viewable resources of a team, by name, with the team's roles."""
    graph = accessible_resources.load_reachable_graph(context, context.actor.id)
    shared = [
        (resource, share.role)
        for resource in _list_viewable_resources(context, viewable_ids)
        for share in graph.list_shares(resource.id)
        if share.team == team.id
    ]
    return sorted(shared, key=lambda each: (each[0].title.casefold(), each[0].id))


def _lacks_payment(
    context: Context, resource: Resource, capabilities: Collection[str]
) -> bool:
    """Return whether the actor manages its billing and it has no payment method."""
    payment_kinds = {
        name
        for name in context.roles
        if context.roles[name].is_payment_method
        and resource.kind in context.roles[name].container_types
    }
    if "pay" not in capabilities or not payment_kinds:
        return False
    return not any(
        each.kind in payment_kinds and not each.retired
        for each, _ in context.graph.list_contents_with_role_sources(resource.id)
    )


def _get_highest_role(
    context: Context, resource: Resource, roles: Sequence[EffectiveRole]
) -> ResourceRole:
    highest = _find_highest_role(context, resource, roles)
    via = None
    if not highest.is_direct:
        graph = accessible_resources.load_reachable_graph(context, context.actor.id)
        via = graph.get_resource(highest.path[0].resource)
    return ResourceRole(resource, highest.role, highest.is_direct, via)


def _find_highest_role(
    context: Context, resource: Resource, roles: Sequence[EffectiveRole]
) -> EffectiveRole:
    """Return the highest of some roles on a resource, a direct one first."""
    ranks = context.roles[resource.kind].ranks
    return min(roles, key=lambda role: (ranks[role.role], not role.is_direct))


def _check_capability_name(capability: str) -> str:
    if capability not in CAPABILITIES:
        raise errors.UnknownCapability(capability, CAPABILITIES)
    return capability


def _build_paths(context: Context, roles: Sequence[EffectiveRole]) -> list[RolePath]:
    """Return the paths of roles, without the names of what the actor may not view."""
    resources = context.resources.get_resources(
        {step.resource for role in roles for step in role.path}
    )
    redacted = {
        resource_id: authorization.redact_resource(context, resource)
        for resource_id, resource in resources.items()
    }
    people = context.people.get_people({role.person for role in roles})
    paths: list[RolePath] = []
    for role in roles:
        steps = [
            PathStep(step.role, redacted[step.resource])
            for step in role.path
            if step.resource in redacted
        ]
        paths.append(RolePath(people.get(role.person, NOBODY), tuple(steps)))
    return paths

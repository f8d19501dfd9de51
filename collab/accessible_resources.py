"""What one person can reach: their roles on all resources, in a few queries.

The answers are those of collab/authorization.py for each resource, however many these
are.
"""

from __future__ import annotations

from collections.abc import Iterable

from collab import authorization
from collab.access_graph import EffectiveRole, ReachableGraph, ResourceGraph, Step
from collab.context import Context
from collab.model import PersonId, Resource, ResourceId
from collab.role_derivation import (
    RoleDerivation,
    RolesByResource,
    derive_container_roles,
    is_disabled,
    iterate_containers,
)


def load_reachable_graph(context: Context, person_id: PersonId) -> ReachableGraph:
    """Load everything that the person's roles can have to do with."""
    return context.graph.load_reachable_graph(person_id, context.at, context.roles)


def load_graph_with_suspended_roles(
    context: Context, person_id: PersonId
) -> ReachableGraph:
    """Load what the person's roles lead to; of a deactivated person, as if they were
    active (MEM-09).
    """
    graph = load_reachable_graph(context, person_id)
    if graph.memberships:
        return graph
    return context.graph.load_suspended_graph(person_id, context.at, context.roles)


def list_assignable_roles_by_resource(
    context: Context, person_id: PersonId
) -> dict[ResourceId, tuple[str, ...]]:
    """Return the non-empty `list_assignable_roles` of all resources, by id."""
    graph = load_reachable_graph(context, person_id)
    derivation = RoleDerivation(context.roles, graph, graph.assigned_roles)
    assignable: dict[ResourceId, tuple[str, ...]] = {}
    for resource in graph.resources.values():
        if resource.gone or is_disabled(graph, resource):
            continue
        roles = derivation.list_roles(resource)
        names = authorization.select_assignable_roles(context, resource, roles)
        if names:
            assignable[resource.id] = names
    return assignable


def list_effective_roles_by_resource(
    context: Context,
    person_id: PersonId,
    without: frozenset[ResourceId] = frozenset(),
    *,
    added_steps: Iterable[Step] = (),
    counts_suspended: bool = False,
) -> dict[ResourceId, list[EffectiveRole]]:
    """Return every role of a person by resource id, on deleted ones too.

    Memberships on resources whose ids are in `without` do not count; memberships in
    `added_steps` count as if they were stored. With `counts_suspended`, so do the
    memberships of a deactivated person.
    """
    load_graph = load_reachable_graph
    if counts_suspended:
        load_graph = load_graph_with_suspended_roles
    graph = load_graph(context, person_id)
    assigned: dict[ResourceId, list[EffectiveRole]] = {
        resource_id: list(roles)
        for resource_id, roles in graph.assigned_roles.items()
        if resource_id not in without
    }
    for step in added_steps:
        assigned[step.resource] = [EffectiveRole(person_id, (step,))]
    derivation = RoleDerivation(context.roles, graph, assigned)
    roles_by_resource = {
        resource.id: list(derivation.list_roles(resource))
        for resource in graph.resources.values()
    }
    for resource in graph.resources.values():
        if resource.gone:
            continue
        inner_roles = list(roles_by_resource[resource.id])
        for container in iterate_containers(graph, resource):
            roles_by_resource[container.id] += derive_container_roles(
                context, container, resource, inner_roles
            )
    return {
        resource_id: roles for resource_id, roles in roles_by_resource.items() if roles
    }


def list_resources_with_roles(
    context: Context, person_id: PersonId, roles: RolesByResource, first: Resource
) -> list[Resource]:
    """Return the existing resources on which a person has roles, `first` first.

    The roles of a deactivated person count.
    """
    graph = load_graph_with_suspended_roles(context, person_id)
    resources = [graph.resources[resource_id] for resource_id in roles]
    existing = [each for each in resources if not each.gone]
    return sorted(existing, key=lambda each: (each.id != first.id, each.title, each.id))


def list_visible_resources(
    context: Context, person_id: PersonId, roles: RolesByResource | None = None
) -> list[Resource]:
    """Return what the person may view, contents after their containers.

    `roles` is what `list_effective_roles_by_resource` returned, if called already.
    """
    graph = load_reachable_graph(context, person_id)
    resource_ids = list_viewable_resource_ids(context, person_id, roles)
    viewable = [graph.resources[resource_id] for resource_id in resource_ids]
    existing = [resource for resource in viewable if not resource.gone]

    def path_of_names(resource: Resource) -> list[tuple[str, str]]:
        path = [resource, *iterate_containers(graph, resource)]
        return [(each.title.casefold(), each.id) for each in reversed(path)]

    return sorted(existing, key=path_of_names)


def list_viewable_resource_ids(
    context: Context, person_id: PersonId, roles: RolesByResource | None = None
) -> frozenset[ResourceId]:
    """Return the ids of all that the person may view; deleted resources count too.

    `roles` is what `list_effective_roles_by_resource` returned, if called already.
    """
    resources = load_reachable_graph(context, person_id).resources
    if roles is None:
        roles = list_effective_roles_by_resource(context, person_id)
    viewing = {
        kind: context.roles[kind].list_roles_with_capability("view")
        for kind in context.roles
    }
    viewable: set[ResourceId] = set()
    for resource_id, roles_there in roles.items():
        names = viewing[resources[resource_id].kind]
        if any(role.role in names for role in roles_there):
            viewable.add(resource_id)
    return frozenset(viewable)


def list_resource_ids_with_capability(
    context: Context, person_id: PersonId, capability: str
) -> frozenset[ResourceId]:
    """Return the ids of all resources on which `check` is true for the capability."""
    graph = load_reachable_graph(context, person_id)
    roles = list_effective_roles_by_resource(context, person_id)
    resource_ids = _select_with_capability(context, graph, capability, roles)
    if capability in authorization.CAPABILITIES_WHEN_DISABLED:
        return frozenset(resource_ids)
    return frozenset(
        resource_id
        for resource_id in resource_ids
        if not is_disabled(graph, graph.resources[resource_id])
    )


def list_capability_losses(
    context: Context,
    person_id: PersonId,
    capability: str,
    lost: frozenset[ResourceId],
    before: Context | None = None,
) -> tuple[ResourceId, ...]:
    """Return the ids of resources on which only some memberships give a capability.

    `lost` are the ids of the resources of these memberships; `before` is the context
    before they ended, if they have ended already. The suspended memberships of a
    deactivated person count: they would come back.
    """
    roles = list_effective_roles_by_resource(
        before or context, person_id, counts_suspended=True
    )
    had = _select_with_capability(context, context.graph, capability, roles)
    if not had:
        return ()
    remaining = list_effective_roles_by_resource(
        context, person_id, lost, counts_suspended=True
    )
    has = set(_select_with_capability(context, context.graph, capability, remaining))
    return tuple(resource_id for resource_id in had if resource_id not in has)


def _select_with_capability(
    context: Context, graph: ResourceGraph, capability: str, roles: RolesByResource
) -> list[ResourceId]:
    """Return the ids of existing resources on which some roles give a capability."""
    resource_ids: list[ResourceId] = []
    for resource_id, roles_there in roles.items():
        resource = graph.get_resource(resource_id)
        if resource is None or resource.gone:
            continue
        names = context.roles[resource.kind].list_roles_with_capability(capability)
        if any(role.role in names for role in roles_there):
            resource_ids.append(resource_id)
    return resource_ids

"""From which memberships roles on a resource follow, for any person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from collab.access_graph import EffectiveRole, ResourceGraph, RoleOrigin, Step
from collab.context import Context
from collab.model import PersonId, Resource, ResourceId, TeamShare
from collab.role_derivation import (
    RoleDerivation,
    derive_container_roles,
    list_role_sources,
)


@dataclass(frozen=True, slots=True)
class _AssumedAssignments:
    """An access graph in which a person with a resource's id has it assigned."""

    stored: ResourceGraph

    def get_resource(self, resource_id: ResourceId) -> Resource | None:
        """Return a resource by id."""
        return self.stored.get_resource(resource_id)

    def list_shares(self, resource_id: ResourceId) -> Sequence[TeamShare]:
        """Return the teams that have a role on a resource."""
        assigned = frozenset({PersonId(resource_id)})
        return [
            replace(share, assigned=assigned)
            for share in self.stored.list_shares(resource_id)
        ]


def list_role_origins(context: Context, resource: Resource) -> list[RoleOrigin]:
    """Return the memberships from which roles on a resource follow, without its own.

    Those that give the highest role come first; of these, what is inherited comes
    before what follows from the contents.
    """
    context.graph.find_resource(
        resource.id, (), context.at, context.roles.types_with_roles_from_contents
    )
    origins = [
        *_iterate_inherited(context, resource),
        *_iterate_from_contents(context, resource),
    ]
    ranks = context.roles[resource.kind].ranks
    return sorted(dict.fromkeys(origins), key=lambda origin: ranks[origin.role])


def _iterate_inherited(context: Context, resource: Resource) -> Iterator[RoleOrigin]:
    graph = _AssumedAssignments(context.graph)
    ranks = context.roles[resource.kind].ranks
    for source in list_role_sources(context.roles, graph, resource)[1:]:
        for step, assigned in _iterate_assumptions(context, graph, source, resource):
            names = _derive_role_names(context, graph, step, assigned, resource)
            if names:
                highest = min(names, key=ranks.__getitem__)
                yield RoleOrigin(source.id, step.role, highest, assigned)


def _iterate_from_contents(
    context: Context, resource: Resource
) -> Iterator[RoleOrigin]:
    if not context.roles.has_relation("within", resource.kind):
        return
    graph = _AssumedAssignments(context.graph)
    ranks = context.roles[resource.kind].ranks
    for inner, source_id in context.graph.list_contents_with_role_sources(resource.id):
        source = context.graph.get_resource(source_id)
        if source is None or source.id == resource.id:
            continue
        for step, assigned in _iterate_assumptions(context, graph, source, inner):
            if source.id == inner.id:
                inner_names = [step.role]
            else:
                inner_names = _derive_role_names(context, graph, step, assigned, inner)
            inner_roles = [
                EffectiveRole.from_membership(PersonId(""), name, inner.id)
                for name in inner_names
            ]
            names = [
                role.role
                for role in derive_container_roles(
                    context, resource, inner, inner_roles
                )
            ]
            if names:
                highest = min(names, key=ranks.__getitem__)
                yield RoleOrigin(source.id, step.role, highest, assigned)


def _iterate_assumptions(
    context: Context, graph: ResourceGraph, source: Resource, target: Resource
) -> Iterator[tuple[Step, ResourceId | None]]:
    """Yield each role on a source, and what of a team is assumed to be assigned."""
    assumed: list[ResourceId | None] = [None]
    if context.roles[source.kind].is_group:
        assumed += [
            each.id
            for each in list_role_sources(context.roles, graph, target)
            if any(share.team == source.id for share in graph.list_shares(each.id))
        ]
    for role in context.roles.list_source_roles(source.kind):
        for resource_id in assumed:
            yield Step(role, source.id), resource_id


def _derive_role_names(
    context: Context,
    graph: ResourceGraph,
    step: Step,
    assigned: ResourceId | None,
    resource: Resource,
) -> list[str]:
    """Return the roles on a resource that follow from a membership elsewhere.

    `assigned` is the id of the resource that the team has assigned to its holder.
    """
    known = {step.resource: [EffectiveRole(PersonId(assigned or ""), (step,))]}
    roles = RoleDerivation(context.roles, graph, known).list_roles(resource)
    return [role.role for role in roles]

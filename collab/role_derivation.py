"""Derived roles: which roles on a resource follow from roles elsewhere.

They follow from roles on its container, on its payment method and in the teams that it
is shared with, by the rows of the role model. They are computed when they are needed
and never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from collab.access_graph import EffectiveRole, ResourceGraph, RoleAssignments, Step
from collab.context import Context
from collab.model import PersonId, Resource, ResourceId, TeamShare
from collab.role_model import RoleModel

RolesByResource = Mapping[ResourceId, Sequence[EffectiveRole]]


class RoleDerivation:
    """Derives roles from assigned ones; computes those on each resource once.

    `assigned_roles` are the memberships to start from, by resource id.
    """

    def __init__(
        self,
        role_model: RoleModel,
        graph: ResourceGraph,
        assigned_roles: RolesByResource,
    ) -> None:
        self._role_model = role_model
        self._graph = graph
        self._assigned_roles = assigned_roles
        self._roles_by_resource: dict[ResourceId, list[EffectiveRole]] = {}

    def list_roles(self, resource: Resource) -> Sequence[EffectiveRole]:
        """Return the assigned roles on a resource, then the derived ones."""
        computed = self._roles_by_resource.get(resource.id)
        if computed is not None:
            return computed
        # In damaged data a cycle of resources comes back here: nothing follows from it.
        self._roles_by_resource[resource.id] = []
        roles = [
            *self._assigned_roles.get(resource.id, ()),
            *self._derive_from_related_resources(resource),
            *self._derive_from_teams(resource),
        ]
        self._roles_by_resource[resource.id] = roles
        return roles

    def _derive_from_related_resources(
        self, resource: Resource
    ) -> Iterator[EffectiveRole]:
        for source, relation in _iterate_related_resources(self._graph, resource):
            for source_role in self.list_roles(source):
                for role in self._role_model.list_derived_roles(
                    source_role.role, source.kind, relation, resource.kind
                ):
                    yield source_role.derive(role, resource.id)

    def _derive_from_teams(self, resource: Resource) -> Iterator[EffectiveRole]:
        for team, share in _iterate_teams(self._role_model, self._graph, resource):
            for team_role in self.list_roles(team):
                for role in self._list_team_roles(team_role, team, share, resource):
                    yield team_role.derive(role, resource.id)

    def _list_team_roles(
        self,
        team_role: EffectiveRole,
        team: Resource,
        share: TeamShare,
        resource: Resource,
    ) -> list[str]:
        """Return the role of the team, then those by assignment to the member."""
        roles: list[str] = []
        if self._role_model.list_derived_roles(
            team_role.role, team.kind, "shares", resource.kind
        ):
            roles.append(share.role)
        if team_role.person in share.assigned:
            roles += self._role_model.list_derived_roles(
                team_role.role, team.kind, "assigned", resource.kind
            )
        return roles


def list_role_sources(
    role_model: RoleModel, graph: ResourceGraph, resource: Resource
) -> list[Resource]:
    """Return the resource itself, then everything from which roles on it can follow."""
    sources: dict[ResourceId, Resource] = {}
    to_visit = [resource]
    while to_visit:
        source = to_visit.pop()
        if source.id in sources:
            continue
        sources[source.id] = source
        direct_sources = [
            *(related for related, _ in _iterate_related_resources(graph, source)),
            *(team for team, _ in _iterate_teams(role_model, graph, source)),
        ]
        to_visit.extend(reversed(direct_sources))
    return list(sources.values())


def iterate_containers(graph: ResourceGraph, resource: Resource) -> Iterator[Resource]:
    """Yield what contains a resource, the nearest first."""
    visited_ids = {resource.id}
    parent_id = resource.parent
    # In damaged data containers can form a cycle: each is visited once.
    while parent_id and parent_id not in visited_ids:
        container = graph.get_resource(parent_id)
        if container is None:
            return
        yield container
        visited_ids.add(container.id)
        parent_id = container.parent


def is_disabled(graph: ResourceGraph, resource: Resource) -> bool:
    """Return whether a resource or anything that contains it is disabled (ROL-04)."""
    if resource.disabled:
        return True
    return any(container.disabled for container in iterate_containers(graph, resource))


def list_inherited_roles(
    context: Context,
    person_id: PersonId,
    resource: Resource,
    without: frozenset[ResourceId] = frozenset(),
) -> Sequence[EffectiveRole]:
    """Return the direct roles and those from the container, the payer and the teams."""
    reach = context.graph.recall_reachable_graph(person_id, context.at)
    if reach:
        known = {
            place: r
            for place, r in reach.assigned_roles.items()
            if place not in without
        }
        return RoleDerivation(context.roles, reach, known).list_roles(resource)
    sources = list_role_sources(context.roles, context.graph, resource)
    source_ids = [source.id for source in sources if source.id not in without]
    memberships = context.graph.get_memberships_by_resource(
        person_id, source_ids, context.at
    )
    if not memberships:
        return ()
    assigned = {
        each.resource: [
            EffectiveRole.from_membership(person_id, each.role, each.resource)
        ]
        for each in memberships.values()
    }
    return RoleDerivation(context.roles, context.graph, assigned).list_roles(resource)


def iterate_roles_from_contents(
    context: Context,
    person_id: PersonId,
    resource: Resource,
    without: frozenset[ResourceId],
) -> Iterator[EffectiveRole]:
    """Yield the roles that follow from a role on something in the resource."""
    if not context.roles.has_relation("within", resource.kind):
        return
    contents = context.graph.list_contents_with_roles_of_person(
        person_id, resource.id, context.at
    )
    for inner, assigned in contents:
        if assigned.path[0].resource not in without:
            inner_roles = derive_from_assignment(context, inner, assigned)
            yield from derive_container_roles(context, resource, inner, inner_roles)


def list_inherited_roles_of_all(
    context: Context, resource: Resource
) -> Sequence[EffectiveRole]:
    """Return everybody's direct roles and those from container, payer and teams."""
    sources = list_role_sources(context.roles, context.graph, resource)
    source_ids = {source.id for source in sources}
    assignments = context.graph.get_assignments_by_resource(source_ids, context.at)
    direct = [
        EffectiveRole(person_id, (step,))
        for step, person_ids in assignments.get(resource.id, ())
        for person_id in person_ids
    ]
    return derive_roles_of_all(context, resource, sources[1:], assignments, direct)


def derive_roles_of_all(
    context: Context,
    resource: Resource,
    sources: Iterable[Resource],
    assignments: RoleAssignments,
    direct: Sequence[EffectiveRole] = (),
) -> Sequence[EffectiveRole]:
    """Return `direct` and everybody's roles that follow from sources."""
    assigned: dict[ResourceId, Sequence[EffectiveRole]] = {}
    for source in sources:
        leading = context.roles.list_source_roles(source.kind)
        assigned[source.id] = [
            EffectiveRole(person_id, (step,))
            for step, person_ids in assignments.get(source.id, ())
            if step.role in leading
            for person_id in person_ids
        ]
    assigned[resource.id] = direct
    return RoleDerivation(context.roles, context.graph, assigned).list_roles(resource)


def iterate_roles_from_contents_of_all(
    context: Context, resource: Resource
) -> Iterator[EffectiveRole]:
    """Yield everybody's roles that follow from a role on something in the resource."""
    if not context.roles.has_relation("within", resource.kind):
        return
    for inner, step, person_ids in iterate_assignments_within(context, resource):
        if (
            step.resource == inner.id
        ):  # a membership on it, hence nothing to derive first
            direct = [EffectiveRole(person_id, (step,)) for person_id in person_ids]
            yield from derive_container_roles(context, resource, inner, direct)
            continue
        for person_id in person_ids:
            inner_roles = derive_from_assignment(
                context, inner, EffectiveRole(person_id, (step,))
            )
            yield from derive_container_roles(context, resource, inner, inner_roles)


def iterate_assignments_within(
    context: Context, resource: Resource
) -> Iterator[tuple[Resource, Step, Sequence[PersonId]]]:
    """Yield what the resource contains, each with an assigned role that leads to it.

    The third value are the ids of those who have that role.
    """
    contents = context.graph.list_contents_with_role_sources(resource.id)
    source_ids = {source_id for _, source_id in contents}
    assignments = context.graph.get_assignments_by_resource(source_ids, context.at)
    for inner, source_id in contents:
        for step, person_ids in assignments.get(source_id, ()):
            yield inner, step, person_ids


def derive_from_assignment(
    context: Context, resource: Resource, assigned: EffectiveRole
) -> Sequence[EffectiveRole]:
    """Return the roles on a resource that one membership is or leads to."""
    assigned_roles = {assigned.path[0].resource: [assigned]}
    derivation = RoleDerivation(context.roles, context.graph, assigned_roles)
    return derivation.list_roles(resource)


def derive_container_roles(
    context: Context,
    container: Resource,
    inner: Resource,
    inner_roles: Iterable[EffectiveRole],
) -> Iterator[EffectiveRole]:
    """Yield the roles on a container that follow from roles on something in it."""
    for inner_role in inner_roles:
        for role in context.roles.list_derived_roles(
            inner_role.role, inner.kind, "within", container.kind
        ):
            yield inner_role.derive(role, container.id)


def _iterate_related_resources(
    graph: ResourceGraph, resource: Resource
) -> Iterator[tuple[Resource, str]]:
    """Yield the container and the payment method, each with the relation's name.

    What is deleted still passes its roles on to deleted resources: their history stays
    readable.
    """
    for source_id, relation in ((resource.parent, "holds"), (resource.payer, "pays")):
        source = graph.get_resource(source_id) if source_id else None
        if source and (resource.gone or not source.gone):
            yield source, relation


def _iterate_teams(
    role_model: RoleModel, graph: ResourceGraph, resource: Resource
) -> Iterator[tuple[Resource, TeamShare]]:
    """Yield the teams that have a role on a resource, each with what is shared."""
    if not role_model.accepts_groups(resource.kind):
        return
    for share in graph.list_shares(resource.id):
        team = graph.get_resource(share.team)
        if team and not team.gone:
            yield team, share

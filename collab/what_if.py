"""The access graph as it would be after a change (INV-09)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collab.access_graph import (
    AccessGraph,
    EffectiveRole,
    ReachableGraph,
    RoleAssignments,
)
from collab.context import Context
from collab.model import Membership, PersonId, Resource, ResourceId, TeamShare
from collab.role_model import RoleModel


@dataclass(frozen=True, slots=True)
class HypotheticalGraph:
    """An access graph in which some answers are replaced.

    A disabled resource counts as enabled, since a right on it is not lost.
    `memberships` maps (person id, resource id) to the membership, or to None where
    it has ended.
    """

    stored: AccessGraph
    resources: Mapping[ResourceId, Resource]
    memberships: Mapping[tuple[PersonId, ResourceId], Membership | None]
    shares_by_resource: Mapping[ResourceId, Sequence[TeamShare]]

    def get_resource(self, resource: ResourceId) -> Resource | None:
        """Return a resource by id, enabled."""
        current = self.resources.get(resource) or self.stored.get_resource(resource)
        return replace(current, disabled=False) if current else None

    def find_resource(
        self,
        typed: str,
        people: Collection[PersonId],
        at: datetime,
        containers: Collection[str] = (),
    ) -> Resource | None:
        """Return what is stored."""
        return self.stored.find_resource(typed, people, at, containers)

    def get_memberships_by_resource(
        self, person: PersonId, resources: Sequence[ResourceId], at: datetime
    ) -> Mapping[ResourceId, Membership]:
        """Return a person's memberships on some resources, by resource id."""
        stored = self.stored.get_memberships_by_resource(person, resources, at)
        memberships = dict(stored)
        for (person_id, resource_id), membership in self.memberships.items():
            if person_id != person or resource_id not in resources:
                continue
            memberships.pop(resource_id, None)
            if membership:
                memberships[resource_id] = membership
        return memberships

    def list_shares(self, resource: ResourceId) -> Sequence[TeamShare]:
        """Return the teams that hold a role on a resource."""
        if resource in self.shares_by_resource:
            return self.shares_by_resource[resource]
        return self.stored.list_shares(resource)

    def list_contents_with_roles_of_person(
        self, person: PersonId, resource: ResourceId, at: datetime
    ) -> Sequence[tuple[Resource, EffectiveRole]]:
        """Return what is stored: changes do not reach into contents."""
        return self.stored.list_contents_with_roles_of_person(person, resource, at)

    def list_contents_with_role_sources(
        self, resource: ResourceId
    ) -> Sequence[tuple[Resource, ResourceId]]:
        """Return what is stored."""
        return self.stored.list_contents_with_role_sources(resource)

    def get_assignments_by_resource(
        self, places: Collection[ResourceId], at: datetime
    ) -> RoleAssignments:
        """Return what is stored."""
        return self.stored.get_assignments_by_resource(places, at)

    def load_reachable_graph(
        self, person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        """Return what is stored."""
        return self.stored.load_reachable_graph(person, at, roles)

    def load_suspended_graph(
        self, person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        """Return what is stored."""
        return self.stored.load_suspended_graph(person, at, roles)

    def recall_reachable_graph(
        self, _person: PersonId, _at: datetime
    ) -> ReachableGraph | None:
        """Return none: what is stored may differ."""
        return None


def hypothetical_context(
    context: Context,
    *,
    resources: Iterable[Resource] = (),
    ended_memberships: Collection[tuple[PersonId, ResourceId]] = (),
    added_memberships: Iterable[Membership] = (),
    shares_by_resource: Mapping[ResourceId, Sequence[TeamShare]] | None = None,
) -> Context:
    """Return a context whose access graph answers as if changes had been made.

    `resources` replace the stored ones of the same id; `ended_memberships` are pairs
    of person id and resource id.
    """
    memberships: dict[tuple[PersonId, ResourceId], Membership | None] = {}
    for key in ended_memberships:
        memberships[key] = None
    for added in added_memberships:
        memberships[added.person, added.resource] = added
    graph = HypotheticalGraph(
        context.graph,
        {resource.id: resource for resource in resources},
        memberships,
        shares_by_resource or {},
    )
    return replace(context, graph=graph)


def build_enabled_context(
    context: Context, resource: Resource
) -> tuple[Context, Resource]:
    """Return the context and a resource as they would be if nothing were disabled."""
    enabled = hypothetical_context(context)
    return enabled, enabled.graph.get_resource(resource.id) or resource

"""The access graph as it was at a past time, held in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from collab.access_graph import (
    EffectiveRole,
    ReachableGraph,
    RoleAssignments,
    Step,
)
from collab.model import Membership, PersonId, Resource, ResourceId, TeamShare
from collab.role_derivation import list_role_sources
from collab.role_model import RoleModel


class PastAccessGraph:
    """An access graph that is built from events; `past_access.py` applies them."""

    def __init__(self) -> None:
        self.resources: dict[ResourceId, Resource] = {}
        self.members: defaultdict[ResourceId, dict[PersonId, Membership]]
        self.members = defaultdict(dict)
        self.shares: defaultdict[ResourceId, dict[ResourceId, str]] = defaultdict(dict)
        self.assigned: defaultdict[ResourceId, dict[ResourceId, set[PersonId]]]
        self.assigned = defaultdict(dict)
        self.inactive_person_ids: set[PersonId] = set()

    def get_resource(self, resource_id: ResourceId) -> Resource | None:
        """Return a resource by id."""
        return self.resources.get(resource_id)

    def find_resource(
        self,
        typed: str,
        _people: Collection[PersonId],
        _at: datetime,
        _containers: Collection[str] = (),
    ) -> Resource | None:
        """Return a resource by id; names are those of today."""
        return self.resources.get(ResourceId(typed))

    def recall_reachable_graph(
        self, _person: PersonId, _at: datetime
    ) -> ReachableGraph | None:
        """Return none: nothing is loaded of one person alone."""
        return None

    def list_shares(self, resource_id: ResourceId) -> Sequence[TeamShare]:
        """Return the teams that had a role on a resource."""
        return [
            TeamShare(
                team_id,
                resource_id,
                role,
                frozenset(self.assigned[team_id].get(resource_id, ())),
            )
            for team_id, role in self.shares[resource_id].items()
        ]

    def get_memberships_by_resource(
        self, person_id: PersonId, resource_ids: Sequence[ResourceId], at: datetime
    ) -> Mapping[ResourceId, Membership]:
        """Return an active person's memberships on some resources, by resource id."""
        memberships = {}
        for resource_id in resource_ids:
            membership = self.members[resource_id].get(person_id)
            if membership and self._lasts(membership, at):
                memberships[resource_id] = membership
        return memberships

    def get_assignments_by_resource(
        self, resource_ids: Collection[ResourceId], at: datetime
    ) -> RoleAssignments:
        """Return the memberships on some resources, by resource id."""
        assignments: dict[ResourceId, list[tuple[Step, Sequence[PersonId]]]] = {}
        for resource_id in sorted(resource_ids):
            person_ids_by_role: defaultdict[str, list[PersonId]] = defaultdict(list)
            for membership in self.members[resource_id].values():
                if self._lasts(membership, at):
                    person_ids_by_role[membership.role].append(membership.person)
            assignments[resource_id] = [
                (Step(role, resource_id), sorted(person_ids))
                for role, person_ids in sorted(person_ids_by_role.items())
            ]
        return assignments

    def list_contents_with_roles_of_person(
        self, person_id: PersonId, resource_id: ResourceId, at: datetime
    ) -> Sequence[tuple[Resource, EffectiveRole]]:
        """Return what a resource contained, each with an assigned role of a person."""
        contents = []
        for inner, source_id in self.list_contents_with_role_sources(resource_id):
            membership = self.members[source_id].get(person_id)
            if membership and self._lasts(membership, at):
                role = EffectiveRole.from_membership(
                    person_id, membership.role, source_id
                )
                contents.append((inner, role))
        return contents

    def list_contents_with_role_sources(
        self, resource_id: ResourceId
    ) -> Sequence[tuple[Resource, ResourceId]]:
        """Return what a resource contained, each with a source of roles."""
        return [
            (inner, source_id)
            for inner in self._iterate_contents(resource_id)
            for source_id in self._list_sources(inner)
        ]

    def load_reachable_graph(
        self, person_id: PersonId, at: datetime, _role_model: RoleModel
    ) -> ReachableGraph:
        """Return everything, with the memberships of one person."""
        memberships = self.get_memberships_by_resource(
            person_id, list(self.resources), at
        )
        return self._build_graph(list(memberships.values()))

    def load_suspended_graph(
        self, person_id: PersonId, at: datetime, _role_model: RoleModel
    ) -> ReachableGraph:
        """Return everything, with the suspended memberships of one person."""
        if person_id not in self.inactive_person_ids:
            return self._build_graph([])
        memberships = [
            members[person_id]
            for members in list(self.members.values())
            if person_id in members
        ]
        unexpired = [m for m in memberships if m.until is None or m.until > at]
        return self._build_graph(unexpired)

    def _build_graph(self, memberships: Sequence[Membership]) -> ReachableGraph:
        shares = {each: self.list_shares(each) for each in list(self.shares)}
        return ReachableGraph(memberships, self.resources, shares)

    def list_places_of_roles(
        self, role_model: RoleModel, resource_id: ResourceId
    ) -> frozenset[ResourceId]:
        """Return the ids of the resources whose memberships lead to one resource."""
        resource = self.resources.get(resource_id)
        if resource is None:
            return frozenset()
        sources = list_role_sources(role_model, self, resource)
        contents = self.list_contents_with_role_sources(resource_id)
        return frozenset(each.id for each in sources) | {each for _, each in contents}

    def change_resource(self, resource_id: ResourceId, **values: Any) -> None:
        """Replace fields of a resource."""
        if resource_id in self.resources:
            self.resources[resource_id] = replace(self.resources[resource_id], **values)

    def end_membership(self, resource_id: ResourceId, person_id: PersonId) -> None:
        """Delete a membership and the assignments that depend on it."""
        self.members[resource_id].pop(person_id, None)
        self.end_assignments(resource_id, person_id)

    def assign(
        self, team_id: ResourceId, resource_id: ResourceId, person_id: PersonId
    ) -> None:
        """Assign a resource of a team to a member."""
        self.assigned[team_id].setdefault(resource_id, set()).add(person_id)

    def end_assignments(self, team_id: ResourceId, person_id: PersonId) -> None:
        """Delete the assignments of a member of a team."""
        if team_id in self.assigned:
            for person_ids in self.assigned[team_id].values():
                person_ids.discard(person_id)

    def _lasts(self, membership: Membership, at: datetime) -> bool:
        if membership.person in self.inactive_person_ids:
            return False
        return membership.until is None or membership.until > at

    def _iterate_contents(self, resource_id: ResourceId) -> Iterator[Resource]:
        contents: defaultdict[ResourceId, list[Resource]] = defaultdict(list)
        for resource in self.resources.values():
            if resource.parent and not resource.gone:
                contents[resource.parent].append(resource)
        to_visit, visited_ids = [resource_id], {resource_id}
        while to_visit:
            for inner in contents[to_visit.pop(0)]:
                if inner.id not in visited_ids:
                    visited_ids.add(inner.id)
                    to_visit.append(inner.id)
                    yield inner

    def _list_sources(self, resource: Resource) -> list[ResourceId]:
        """Return what roles on a resource are assigned on: itself, payer and teams."""
        payer = self.resources.get(resource.payer) if resource.payer else None
        sources = [resource.id, *self.shares[resource.id]]
        if payer:
            sources += [payer.id, *self.shares[payer.id]]
            sources += [payer.parent] if payer.parent else []
        return sources

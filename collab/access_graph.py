"""The access graph: what authorization reads, role paths, and what one person reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from collab.model import Membership, Person, PersonId, Resource, ResourceId, TeamShare
from collab.role_model import RoleModel


# Created by the hundred for each query: a tuple takes half the time of a data class.
class Step(NamedTuple):
    """One step of a path: a role on a resource."""

    role: str
    resource: ResourceId


class EffectiveRole(NamedTuple):
    """A role of a person on a resource, with its path from a membership."""

    person: PersonId
    path: tuple[Step, ...]

    @classmethod
    def from_membership(
        cls, person: PersonId, role: str, resource: ResourceId
    ) -> EffectiveRole:
        """Return the role that a membership is."""
        return cls(person, (Step(role, resource),))

    @property
    def role(self) -> str:
        """The role at the end of the path."""
        return self.path[-1].role

    @property
    def is_direct(self) -> bool:
        """Whether it is a membership, and does not follow from another role."""
        return len(self.path) == 1

    def derive(self, role: str, resource: ResourceId) -> EffectiveRole:
        """Return a role that follows from this one, on another resource."""
        return EffectiveRole(self.person, (*self.path, Step(role, resource)))


# By resource id: each role that is assigned there, with the ids of all who have it.
RoleAssignments = Mapping[ResourceId, Sequence[tuple[Step, Sequence[PersonId]]]]


class RoleOrigin(NamedTuple):
    """A membership on another resource from which a role on a resource follows.

    `role` is the highest that follows. With `assigned_resource` it follows for those
    alone to whom the team has assigned that resource.
    """

    resource: ResourceId
    assigned_role: str
    role: str
    assigned_resource: ResourceId | None = None


class RoleCount(NamedTuple):
    """How many people have a role directly, and how many have it derived alone."""

    direct: int
    derived: int


class MemberSegment(NamedTuple):
    """Which members of one role to read, by name: at most `most`, after `skip`."""

    role: str
    counted: RoleCount
    skip: int
    most: int


class ListedMember(NamedTuple):
    """A person with a role on a resource; `origin` is where a derived role comes from."""

    person: Person
    role: str
    until: datetime | None
    origin: RoleOrigin | None


@dataclass(frozen=True, slots=True)
class ReachableGraph:
    """The part of the access graph that one person's roles can have to do with.

    It is a `ResourceGraph`: roles can be derived on it without any query.
    """

    memberships: Sequence[Membership]
    resources: Mapping[ResourceId, Resource]
    shares_by_resource: Mapping[ResourceId, Sequence[TeamShare]] = field(
        default_factory=dict
    )

    def get_resource(self, resource_id: ResourceId) -> Resource | None:
        """Return a resource by id."""
        return self.resources.get(resource_id)

    def list_shares(self, resource_id: ResourceId) -> Sequence[TeamShare]:
        """Return the teams that have a role on a resource."""
        return self.shares_by_resource.get(resource_id, ())

    @property
    def assigned_roles(self) -> dict[ResourceId, list[EffectiveRole]]:
        """The person's memberships as roles, by resource id."""
        return {
            each.resource: [
                EffectiveRole.from_membership(each.person, each.role, each.resource)
            ]
            for each in self.memberships
        }


class ResourceGraph(Protocol):
    """What the derivation of roles reads: resources and team shares."""

    def get_resource(self, resource_id: ResourceId, /) -> Resource | None:
        """Return a resource by id."""

    def list_shares(self, resource_id: ResourceId, /) -> Sequence[TeamShare]:
        """Return the teams that have a role on a resource."""


class AccessGraph(ResourceGraph, Protocol):
    """What authorization reads: resources, team shares and memberships."""

    def find_resource(
        self,
        typed: str,
        person_ids: Collection[PersonId],
        at: datetime,
        containers: Collection[str] = (),
        /,
    ) -> Resource | None:
        """Return a resource by id, or by slug in upper or lower case.

        What decides on the roles of some people on it is read in the same statement;
        of the types `containers` also what decides on roles on the contents.
        """

    def get_memberships_by_resource(
        self, person_id: PersonId, resource_ids: Sequence[ResourceId], at: datetime, /
    ) -> Mapping[ResourceId, Membership]:
        """Return an active person's memberships on some resources, by resource id."""

    def list_contents_with_roles_of_person(
        self, person_id: PersonId, resource_id: ResourceId, at: datetime, /
    ) -> Sequence[tuple[Resource, EffectiveRole]]:
        """Return what a resource contains at any depth, each with an assigned role.

        The person has that role on the inner resource itself or on what pays for it.
        """

    def list_contents_with_role_sources(
        self, resource_id: ResourceId, /
    ) -> Sequence[tuple[Resource, ResourceId]]:
        """Return what a resource contains at any depth, each with a source of roles.

        The source is the id of a resource whose roles lead to roles on the inner one.
        """

    def get_assignments_by_resource(
        self, resource_ids: Collection[ResourceId], at: datetime, /
    ) -> RoleAssignments:
        """Return the memberships on some resources, by resource id."""

    def load_reachable_graph(
        self, person_id: PersonId, at: datetime, role_model: RoleModel, /
    ) -> ReachableGraph:
        """Load what a person's roles lead to by the role model, with its containers."""

    def load_suspended_graph(
        self, person_id: PersonId, at: datetime, role_model: RoleModel, /
    ) -> ReachableGraph:
        """Load what a deactivated person's roles would lead to if they were active."""

    def recall_reachable_graph(
        self, person_id: PersonId, at: datetime, /
    ) -> ReachableGraph | None:
        """Return what was loaded of a person in this transaction; None if nothing was."""

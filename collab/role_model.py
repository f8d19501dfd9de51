"""What a role model is made of: resource types, roles, derived roles, and the whole.

collab/roles.py has the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# In a derived role: the role that the team has on the resource.
GROUP_ROLE = "the group's role"


@dataclass(frozen=True, slots=True)
class Role:
    """One role on a type of resource: a row of the first table of docs/roles.md.

    `capabilities`: what its holders can do. `grants`: the roles that they may assign to
    others. `removes`: the roles whose holders they may remove. `min_holders` and
    `max_holders` count active people. `is_derived_only`: it is never assigned, only
    implied. `creates` limits the capability `create` to some types.
    `also_called`: names of other types' roles by which people ask for it. A name is one
    word; what people read is its label in templates/labels.j2.
    """

    name: str
    capabilities: tuple[str, ...]
    grants: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    min_holders: int = 0
    max_holders: int | None = None
    is_derived_only: bool = False
    creates: tuple[str, ...] | None = None
    also_called: tuple[str, ...] = ()

    @property
    def capabilities_and_grants(self) -> tuple[str, ...]:
        """The capabilities, and `bring:ROLE` for each role that holders may assign."""
        return (*self.capabilities, *(f"bring:{role}" for role in self.grants))

    def may_create(self, kind: str) -> bool:
        """Return whether the role allows creating resources of that type inside."""
        return "create" in self.capabilities and (
            self.creates is None or kind in self.creates
        )


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type of resource: its roles, highest first, and its container types.

    `words`: its name in the singular and the plural. `founder_role`: the role of its
    creator. `stays_as`: the role of a former owner, or of who no longer pays for it.
    `must_stay_controlled`: outside of a container and without a payer, one person
    must have the highest role. `is_reservable`: a workspace may reserve its creation to its
    admins.
    """

    name: str
    words: tuple[str, str]
    roles: tuple[Role, ...]
    founder_role: str
    container_types: tuple[str, ...] = ()
    is_paid: bool = False
    is_payment_method: bool = False
    is_group: bool = False
    must_stay_controlled: bool = False
    may_be_offered_together: bool = False
    stays_as: str | None = None
    has_plans: bool = False
    is_reservable: bool = False

    def find_role(self, name: str) -> Role | None:
        """Return the role of that name; None if this type has none."""
        return next((role for role in self.roles if role.name == name), None)

    def resolve_role_name(self, typed: str) -> str:
        """Return the name of the role that people call so; else what was typed."""
        for role in self.roles:
            if typed in role.also_called:
                return role.name
        return typed

    def get_rank(self, name: str) -> int:
        """Return how high a role is: 0 is the highest."""
        return self.ranks[name]

    @property
    def ranks(self) -> dict[str, int]:
        """The rank of each role by name: 0 is the highest."""
        return {role.name: rank for rank, role in enumerate(self.roles)}

    def list_roles_with_capability(self, capability: str) -> frozenset[str]:
        """Return the names of the roles that give a capability."""
        return frozenset(
            role.name for role in self.roles if capability in role.capabilities
        )

    @property
    def highest_role(self) -> str:
        """The name of the highest role."""
        return self.roles[0].name

    def find_role_below(self, name: str) -> Role | None:
        """Return the next lower role that can be assigned; None if there is none."""
        lower = (
            role
            for role in self.roles[self.get_rank(name) + 1 :]
            if not role.is_derived_only
        )
        return next(lower, None)

    @property
    def assignable_roles(self) -> tuple[Role, ...]:
        """The roles that can be assigned."""
        return tuple(role for role in self.roles if not role.is_derived_only)


@dataclass(frozen=True, slots=True)
class DerivedRole:
    """A role that follows from others: a row of the second table of docs/roles.md.

    A person with one of `roles` on a `source_type` has `role` on each resource of the
    `target_types` that is related to it. The relations: `holds` (its contents), `pays`
    (what it pays for), `within` (its containers), `shares` (what the team has a role
    on, with that role), `assigned` (those of these that are assigned to the person).
    """

    roles: tuple[str, ...]
    source_type: str
    relation: str
    role: str
    target_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleModel:
    """All resource types by name, and the derived roles."""

    resource_types: Mapping[str, ResourceType]
    derived_roles: tuple[DerivedRole, ...] = ()
    _relations: set[tuple[str, str]] = field(
        init=False, repr=False, compare=False, default_factory=set
    )
    _roles_by_relation: dict[tuple[str, str, str, str], list[str]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for row in self.derived_roles:
            for target_type in row.target_types:
                self._relations.add((row.relation, target_type))
                for role in row.roles:
                    key = (role, row.source_type, row.relation, target_type)
                    self._roles_by_relation.setdefault(key, []).append(row.role)

    def __getitem__(self, kind: str) -> ResourceType:
        return self.resource_types[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.resource_types)

    def get(self, kind: str) -> ResourceType | None:
        """Return the type of that name; None if there is none."""
        return self.resource_types.get(kind)

    def list_derived_roles(
        self, role: str, source_type: str, relation: str, target_type: str
    ) -> Sequence[str]:
        """Return the roles on a target that follow from a role on a related source."""
        key = (role, source_type, relation, target_type)
        return self._roles_by_relation.get(key, ())

    def guarantees_role(self, parent: str, kind: str, role: str) -> bool:
        """Return whether a container always gives a person a role on its contents.

        Nobody then needs that role directly.
        """
        required = [
            each.name for each in self.resource_types[parent].roles if each.min_holders
        ]
        return any(
            role in self.list_derived_roles(each, parent, "holds", kind)
            for each in required
        )

    def list_source_roles(self, source_type: str) -> tuple[str, ...]:
        """Return the roles on a type from which others follow."""
        return tuple(
            dict.fromkeys(
                role
                for row in self.derived_roles
                if row.source_type == source_type
                for role in row.roles
            )
        )

    @property
    def types_with_inward_roles(self) -> frozenset[str]:
        """The types from which roles follow on more than their containers."""
        return frozenset(
            row.source_type for row in self.derived_roles if row.relation != "within"
        )

    @property
    def types_with_roles_from_contents(self) -> tuple[str, ...]:
        """The types on which roles follow from roles on their contents."""
        return tuple(
            name for name in self.resource_types if self.has_relation("within", name)
        )

    def has_relation(self, relation: str, target_type: str) -> bool:
        """Return whether any role on a type follows by a relation."""
        return (relation, target_type) in self._relations

    def accepts_groups(self, target_type: str) -> bool:
        """Return whether a team can have a role on resources of a type."""
        return self.has_relation("shares", target_type)

    def can_have_contents(self, container_type: str) -> bool:
        """Return whether resources of a type can contain others."""
        return any(
            container_type in kind.container_types
            for kind in self.resource_types.values()
        )

    def list_roles_to_change_to(self, type_name: str) -> tuple[Role, ...]:
        """Return the roles to which a member's role on a resource can be changed.

        Those that are assigned, and those that follow from contents: a member who keeps
        something inside goes down to one.
        """
        follows_from_contents = type_name in self.types_with_roles_from_contents
        return tuple(
            role
            for role in self[type_name].roles
            if follows_from_contents or not role.is_derived_only
        )

    @property
    def payment_method_type(self) -> ResourceType:
        """The type of payment methods."""
        return next(
            kind for kind in self.resource_types.values() if kind.is_payment_method
        )

    @property
    def assignable_role_names(self) -> tuple[str, ...]:
        """The names of all assignable roles, each once, in the table's order."""
        return tuple(
            dict.fromkeys(
                role.name
                for kind in self.resource_types.values()
                for role in kind.assignable_roles
            )
        )


def build_role_model(
    *resource_types: ResourceType, derived_roles: tuple[DerivedRole, ...] = ()
) -> RoleModel:
    """Build a role model from its rows."""
    return RoleModel({kind.name: kind for kind in resource_types}, derived_roles)

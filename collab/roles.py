"""The rules as a table: kinds of resources, the roles on them, and what each role gives, grants, removes and implies.

The engine reads this table and names no kind and no role. Adding a kind or a role means adding rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CAPABILITIES = (
    "view",
    "edit",
    "delete",
    "disable",
    "migrate",
    "create",
    "configure",
    "scale",
    "code",
    "pay",
    "invoices",
)


GROUP_ROLE = "the group's role"


@dataclass(frozen=True, slots=True)
class Role:
    """One role on a kind of resource: what it lets one do, whom it may bring in and whom it may remove.

    At least so many active people must hold it, and at most so many; one that is only implied is never given.
    `creates` limits `create` to some kinds.
    """

    name: str
    capabilities: tuple[str, ...]
    grants: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    min_holders: int = 0
    max_holders: int | None = None
    is_derived_only: bool = False
    creates: tuple[str, ...] | None = None

    @property
    def abilities(self) -> tuple[str, ...]:
        """Return the capabilities, and `bring:ROLE` for each role that the holder may bring others into."""
        return (*self.capabilities, *(f"bring:{role}" for role in self.grants))

    def may_create(self, kind: str) -> bool:
        """Return whether the role lets its holder create things of that kind inside."""
        return "create" in self.capabilities and (
            self.creates is None or kind in self.creates
        )


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One kind of resource: its roles, the highest first, and the kinds in which it may stand.

    Who hands it over to another one, or hands over the billing for it, stays as `stays_as`. A workspace may leave it
    to its admins to create what is `reservable`.
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
        """The role of that name, or nothing when this kind has none."""
        return next((role for role in self.roles if role.name == name), None)

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
        """The role whose holders hear of everything that ends."""
        return self.roles[0].name

    def find_role_below(self, name: str) -> Role | None:
        """The next role under this one that somebody can be given."""
        lower = (
            role
            for role in self.roles[self.get_rank(name) + 1 :]
            if not role.is_derived_only
        )
        return next(lower, None)

    @property
    def assignable_roles(self) -> tuple[Role, ...]:
        """The roles that somebody can be given."""
        return tuple(role for role in self.roles if not role.is_derived_only)


@dataclass(frozen=True, slots=True)
class DerivedRole:
    """Who holds one of these roles on this kind so holds a role on what it is tied to.

    The ties: `holds` (what stands in it), `pays` (what it pays for), `within` (what it stands in), `shares` (what the
    group holds a role on, with that role), `assigned` (those of these that are assigned to the person).
    """

    roles: tuple[str, ...]
    source_type: str
    relation: str
    role: str
    target_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleModel:
    """All kinds by name, and the roles that follow from others."""

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
            for there in row.target_types:
                self._relations.add((row.relation, there))
                for role in row.roles:
                    self._roles_by_relation.setdefault(
                        (role, row.source_type, row.relation, there), []
                    ).append(row.role)

    def __getitem__(self, kind: str) -> ResourceType:
        return self.resource_types[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.resource_types)

    def get(self, kind: str) -> ResourceType | None:
        """The kind of that name, or nothing."""
        return self.resource_types.get(kind)

    def list_derived_roles(
        self, role: str, on: str, tie: str, there: str
    ) -> Sequence[str]:
        """The roles on a thing of the kind `there` that follow from a role on a thing of the kind `on`."""
        return self._roles_by_relation.get((role, on, tie, there), ())

    def guarantees_role(self, parent: str, kind: str, role: str) -> bool:
        """Return whether a thing of the kind `parent` always has somebody with that role on what stands in it.

        Nobody needs to hold the role directly there.
        """
        required = [
            each.name for each in self.resource_types[parent].roles if each.min_holders
        ]
        return any(
            role in self.list_derived_roles(each, parent, "holds", kind)
            for each in required
        )

    def list_source_roles(self, on: str) -> tuple[str, ...]:
        """The roles on a thing of that kind from which others follow."""
        return tuple(
            dict.fromkeys(
                role
                for row in self.derived_roles
                if row.source_type == on
                for role in row.roles
            )
        )

    @property
    def types_with_inward_roles(self) -> frozenset[str]:
        """The kinds from which roles follow on more than what they stand in."""
        return frozenset(
            row.source_type for row in self.derived_roles if row.relation != "within"
        )

    def has_relation(self, tie: str, there: str) -> bool:
        """Whether any role on a thing of that kind follows by that tie."""
        return (tie, there) in self._relations

    def accepts_groups(self, there: str) -> bool:
        """Whether a group can hold a role on a thing of that kind."""
        return self.has_relation("shares", there)

    def can_have_contents(self, there: str) -> bool:
        """Whether anything can stand in a thing of that kind."""
        return any(
            there in kind.container_types for kind in self.resource_types.values()
        )

    @property
    def payment_method_type(self) -> ResourceType:
        """The kind that pays for others."""
        return next(
            kind for kind in self.resource_types.values() if kind.is_payment_method
        )

    @property
    def assignable_role_names(self) -> tuple[str, ...]:
        """Every role that can be given, each once, in the table's order."""
        return tuple(
            dict.fromkeys(
                role.name
                for kind in self.resource_types.values()
                for role in kind.assignable_roles
            )
        )


def build_role_model(
    *roles: ResourceType, derived_roles: tuple[DerivedRole, ...] = ()
) -> RoleModel:
    """Kinds by name, and the roles that follow from others."""
    return RoleModel({kind.name: kind for kind in roles}, derived_roles)


CODE_ROLES = (
    Role(
        "admin",
        capabilities=("view", "edit", "delete", "configure", "scale", "code"),
        grants=("admin", "manager", "developer"),
        removes=("manager", "developer"),
    ),
    Role(
        "manager",
        capabilities=("view", "configure", "code"),
        grants=("developer",),
        removes=("developer",),
    ),
    Role("developer", capabilities=("view", "configure", "code")),
    Role(
        "payer",
        capabilities=("view", "edit", "delete"),
        grants=("admin", "manager", "developer"),
        removes=("admin", "manager", "developer"),
        is_derived_only=True,
    ),
)

COMPANY = ResourceType(
    "company",
    ("company", "companies"),
    founder_role="owner",
    stays_as="admin",
    has_plans=True,
    is_reservable=True,
    roles=(
        Role(
            "owner",
            capabilities=("view", "edit", "delete", "create", "pay", "invoices"),
            grants=("owner", "admin", "accountant"),
            removes=("admin", "accountant", "collaborator"),
            min_holders=1,
        ),
        Role(
            "admin",
            capabilities=("view", "create"),
            grants=("admin",),
            removes=("collaborator",),
            creates=("project", "app", "database"),
        ),
        Role("accountant", capabilities=("view", "invoices")),
        Role("collaborator", capabilities=("view",), is_derived_only=True),
    ),
)

PROJECT = ResourceType(
    "project",
    ("project", "projects"),
    founder_role="owner",
    stays_as="administrator",
    container_types=("company",),
    roles=(
        Role(
            "owner",
            capabilities=("view", "edit", "disable", "migrate", "delete", "create"),
            grants=("administrator", "member"),
            removes=("administrator", "member"),
            min_holders=1,
            max_holders=1,
        ),
        Role(
            "administrator",
            capabilities=("view", "edit", "disable", "create"),
            grants=("administrator", "member"),
            removes=("member",),
        ),
        Role("member", capabilities=("view",)),
    ),
)

APP = ResourceType(
    "app",
    ("app", "apps"),
    founder_role="admin",
    container_types=("company", "project"),
    is_paid=True,
    must_stay_controlled=True,
    may_be_offered_together=True,
    stays_as="developer",
    roles=CODE_ROLES,
)

DATABASE = ResourceType(
    "database",
    ("database", "databases"),
    founder_role="admin",
    container_types=("company", "project"),
    is_paid=True,
    must_stay_controlled=True,
    may_be_offered_together=True,
    stays_as="developer",
    roles=CODE_ROLES,
)

PAYMENT = ResourceType(
    "payment",
    ("payment method", "payment methods"),
    founder_role="holder",
    container_types=("company",),
    is_payment_method=True,
    roles=(
        Role(
            "holder",
            capabilities=("view", "edit", "delete", "pay", "invoices"),
            grants=("holder", "accountant"),
            removes=("accountant",),
            min_holders=1,
        ),
        Role("accountant", capabilities=("view", "invoices")),
    ),
)

TEAM = ResourceType(
    "team",
    ("team", "teams"),
    founder_role="unlimited",
    is_group=True,
    roles=(
        Role(
            "unlimited",
            capabilities=("view", "edit", "delete"),
            grants=("unlimited", "limited"),
            removes=("unlimited", "limited"),
            min_holders=1,
        ),
        Role("limited", capabilities=("view",)),
    ),
)

ROLE_MODEL = build_role_model(
    COMPANY,
    PROJECT,
    APP,
    DATABASE,
    PAYMENT,
    TEAM,
    derived_roles=(
        DerivedRole(("owner",), "company", "holds", "owner", ("project",)),
        DerivedRole(("owner",), "company", "holds", "admin", ("app", "database")),
        DerivedRole(("owner",), "company", "holds", "holder", ("payment",)),
        DerivedRole(("admin",), "company", "holds", "administrator", ("project",)),
        DerivedRole(("admin",), "company", "holds", "admin", ("app", "database")),
        DerivedRole(("accountant",), "company", "holds", "accountant", ("payment",)),
        DerivedRole(
            ("owner", "administrator"), "project", "holds", "admin", ("app", "database")
        ),
        DerivedRole(("member",), "project", "holds", "developer", ("app", "database")),
        DerivedRole(("holder",), "payment", "pays", "payer", ("app", "database")),
        DerivedRole(
            ("unlimited",), "team", "shares", GROUP_ROLE, ("app", "database", "payment")
        ),
        DerivedRole(("limited",), "team", "assigned", "developer", ("app", "database")),
        DerivedRole(
            ("owner", "administrator", "member"),
            "project",
            "within",
            "collaborator",
            ("company",),
        ),
        DerivedRole(
            ("admin", "manager", "developer", "payer"),
            "app",
            "within",
            "collaborator",
            ("company",),
        ),
        DerivedRole(
            ("admin", "manager", "developer", "payer"),
            "database",
            "within",
            "collaborator",
            ("company",),
        ),
    ),
)

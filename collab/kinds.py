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


AS_SHARED = "the group's role"


@dataclass(frozen=True, slots=True)
class Role:
    """One role on a kind of resource: what it lets one do, whom it may bring in and whom it may remove.

    At least so many active people must hold it, and at most so many; one that is only implied is never given.
    `creates` limits `create` to some kinds.
    """

    name: str
    can: tuple[str, ...]
    grants: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    at_least: int = 0
    at_most: int | None = None
    only_implied: bool = False
    creates: tuple[str, ...] | None = None

    @property
    def abilities(self) -> tuple[str, ...]:
        """Return the capabilities, and `bring:ROLE` for each role that the holder may bring others into."""
        return (*self.can, *(f"bring:{role}" for role in self.grants))

    def may_create(self, kind: str) -> bool:
        """Return whether the role lets its holder create things of that kind inside."""
        return "create" in self.can and (self.creates is None or kind in self.creates)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource: its roles, the highest first, and the kinds in which it may stand.

    Who hands it over to another one, or hands over the billing for it, stays as `stays_as`. A workspace may leave it
    to its admins to create what is `reservable`.
    """

    name: str
    words: tuple[str, str]
    roles: tuple[Role, ...]
    founder: str
    stands_in: tuple[str, ...] = ()
    is_paid: bool = False
    pays: bool = False
    is_group: bool = False
    stays_controlled: bool = False
    offered_together: bool = False
    stays_as: str | None = None
    has_plans: bool = False
    reservable: bool = False

    def role(self, name: str) -> Role | None:
        """The role of that name, or nothing when this kind has none."""
        return next((role for role in self.roles if role.name == name), None)

    def rank(self, name: str) -> int:
        """How high a role stands: 0 is the highest."""
        return next(place for place, role in enumerate(self.roles) if role.name == name)

    @property
    def highest(self) -> str:
        """The role whose holders hear of everything that ends."""
        return self.roles[0].name

    def below(self, name: str) -> Role | None:
        """The next role under this one that somebody can be given."""
        lower = (role for role in self.roles[self.rank(name) + 1 :] if not role.only_implied)
        return next(lower, None)

    @property
    def given(self) -> tuple[Role, ...]:
        """The roles that somebody can be given."""
        return tuple(role for role in self.roles if not role.only_implied)


@dataclass(frozen=True, slots=True)
class Implied:
    """Who holds one of these roles on this kind so holds a role on what it is tied to.

    The ties: `holds` (what stands in it), `pays` (what it pays for), `within` (what it stands in), `shares` (what the
    group holds a role on, with that role), `assigned` (those of these that are assigned to the person).
    """

    roles: tuple[str, ...]
    on: str
    tie: str
    role: str
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All kinds by name, and the roles that follow from others."""

    kinds: Mapping[str, Kind]
    implied: tuple[Implied, ...] = ()
    _ties: set[tuple[str, str]] = field(init=False, repr=False, compare=False, default_factory=set)
    _follow: dict[tuple[str, str, str, str], list[str]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for row in self.implied:
            for there in row.there:
                self._ties.add((row.tie, there))
                for role in row.roles:
                    self._follow.setdefault((role, row.on, row.tie, there), []).append(row.role)

    def __getitem__(self, kind: str) -> Kind:
        return self.kinds[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kinds)

    def get(self, kind: str) -> Kind | None:
        """The kind of that name, or nothing."""
        return self.kinds.get(kind)

    def follows(self, role: str, on: str, tie: str, there: str) -> Sequence[str]:
        """The roles on a thing of the kind `there` that follow from a role on a thing of the kind `on`."""
        return self._follow.get((role, on, tie, there), ())

    def supplies(self, parent: str, kind: str, role: str) -> bool:
        """Return whether a thing of the kind `parent` always has somebody with that role on what stands in it.

        Nobody needs to hold the role directly there.
        """
        required = [each.name for each in self.kinds[parent].roles if each.at_least]
        return any(role in self.follows(each, parent, "holds", kind) for each in required)

    def leading(self, on: str) -> tuple[str, ...]:
        """The roles on a thing of that kind from which others follow."""
        return tuple(dict.fromkeys(role for row in self.implied if row.on == on for role in row.roles))

    @property
    def leading_inward(self) -> frozenset[str]:
        """The kinds from which roles follow on more than what they stand in."""
        return frozenset(row.on for row in self.implied if row.tie != "within")

    def has_tie(self, tie: str, there: str) -> bool:
        """Whether any role on a thing of that kind follows by that tie."""
        return (tie, there) in self._ties

    def takes_groups(self, there: str) -> bool:
        """Whether a group can hold a role on a thing of that kind."""
        return self.has_tie("shares", there)

    def has_room(self, there: str) -> bool:
        """Whether anything can stand in a thing of that kind."""
        return any(there in kind.stands_in for kind in self.kinds.values())

    @property
    def paying(self) -> Kind:
        """The kind that pays for others."""
        return next(kind for kind in self.kinds.values() if kind.pays)

    @property
    def role_names(self) -> tuple[str, ...]:
        """Every role that can be given, each once, in the table's order."""
        return tuple(dict.fromkeys(role.name for kind in self.kinds.values() for role in kind.given))


def table(*kinds: Kind, implied: tuple[Implied, ...] = ()) -> Table:
    """Kinds by name, and the roles that follow from others."""
    return Table({kind.name: kind for kind in kinds}, implied)


RUNS_CODE = (
    Role(
        "admin",
        can=("view", "edit", "delete", "configure", "scale", "code"),
        grants=("admin", "manager", "developer"),
        removes=("manager", "developer"),
    ),
    Role("manager", can=("view", "configure", "code"), grants=("developer",), removes=("developer",)),
    Role("developer", can=("view", "configure", "code")),
    Role(
        "payer",
        can=("view", "edit", "delete"),
        grants=("admin", "manager", "developer"),
        removes=("admin", "manager", "developer"),
        only_implied=True,
    ),
)

COMPANY = Kind(
    "company",
    ("company", "companies"),
    founder="owner",
    stays_as="admin",
    has_plans=True,
    reservable=True,
    roles=(
        Role(
            "owner",
            can=("view", "edit", "delete", "create", "pay", "invoices"),
            grants=("owner", "admin", "accountant"),
            removes=("admin", "accountant", "collaborator"),
            at_least=1,
        ),
        Role(
            "admin",
            can=("view", "create"),
            grants=("admin",),
            removes=("collaborator",),
            creates=("project", "app", "database"),
        ),
        Role("accountant", can=("view", "invoices")),
        Role("collaborator", can=("view",), only_implied=True),
    ),
)

PROJECT = Kind(
    "project",
    ("project", "projects"),
    founder="owner",
    stays_as="administrator",
    stands_in=("company",),
    roles=(
        Role(
            "owner",
            can=("view", "edit", "disable", "migrate", "delete", "create"),
            grants=("administrator", "member"),
            removes=("administrator", "member"),
            at_least=1,
            at_most=1,
        ),
        Role(
            "administrator",
            can=("view", "edit", "disable", "create"),
            grants=("administrator", "member"),
            removes=("member",),
        ),
        Role("member", can=("view",)),
    ),
)

APP = Kind(
    "app",
    ("app", "apps"),
    founder="admin",
    stands_in=("company", "project"),
    is_paid=True,
    stays_controlled=True,
    offered_together=True,
    stays_as="developer",
    roles=RUNS_CODE,
)

DATABASE = Kind(
    "database",
    ("database", "databases"),
    founder="admin",
    stands_in=("company", "project"),
    is_paid=True,
    stays_controlled=True,
    offered_together=True,
    stays_as="developer",
    roles=RUNS_CODE,
)

PAYMENT = Kind(
    "payment",
    ("payment method", "payment methods"),
    founder="holder",
    stands_in=("company",),
    pays=True,
    roles=(
        Role(
            "holder",
            can=("view", "edit", "delete", "pay", "invoices"),
            grants=("holder", "accountant"),
            removes=("accountant",),
            at_least=1,
        ),
        Role("accountant", can=("view", "invoices")),
    ),
)

TEAM = Kind(
    "team",
    ("team", "teams"),
    founder="unlimited",
    is_group=True,
    roles=(
        Role(
            "unlimited",
            can=("view", "edit", "delete"),
            grants=("unlimited", "limited"),
            removes=("unlimited", "limited"),
            at_least=1,
        ),
        Role("limited", can=("view",)),
    ),
)

KINDS = table(
    COMPANY,
    PROJECT,
    APP,
    DATABASE,
    PAYMENT,
    TEAM,
    implied=(
        Implied(("owner",), "company", "holds", "owner", ("project",)),
        Implied(("owner",), "company", "holds", "admin", ("app", "database")),
        Implied(("owner",), "company", "holds", "holder", ("payment",)),
        Implied(("admin",), "company", "holds", "administrator", ("project",)),
        Implied(("admin",), "company", "holds", "admin", ("app", "database")),
        Implied(("accountant",), "company", "holds", "accountant", ("payment",)),
        Implied(("owner", "administrator"), "project", "holds", "admin", ("app", "database")),
        Implied(("member",), "project", "holds", "developer", ("app", "database")),
        Implied(("holder",), "payment", "pays", "payer", ("app", "database")),
        Implied(("unlimited",), "team", "shares", AS_SHARED, ("app", "database", "payment")),
        Implied(("limited",), "team", "assigned", "developer", ("app", "database")),
        Implied(("owner", "administrator", "member"), "project", "within", "collaborator", ("company",)),
        Implied(("admin", "manager", "developer", "payer"), "app", "within", "collaborator", ("company",)),
        Implied(("admin", "manager", "developer", "payer"), "database", "within", "collaborator", ("company",)),
    ),
)

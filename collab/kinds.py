"""The rules as a table: kinds of resources, the roles on them, and what each role gives, grants and removes.

The engine reads this table and names no kind and no role. Adding a kind or a role means adding rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True, slots=True)
class Role:
    """One role on a kind of resource: what it lets one do, whom it may bring in and whom it may remove."""

    name: str
    can: tuple[str, ...]
    grants: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource with its roles, the highest first."""

    name: str
    plural: str
    roles: tuple[Role, ...]
    founder: str

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


def table(*kinds: Kind) -> Mapping[str, Kind]:
    """Kinds by name."""
    return {kind.name: kind for kind in kinds}


def role_names(kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """Every role's name, each once, in the table's order."""
    return tuple(dict.fromkeys(role.name for role in chain.from_iterable(k.roles for k in kinds.values())))


KINDS = table(
    Kind(
        "company",
        "companies",
        founder="owner",
        roles=(
            Role(
                "owner",
                can=("view", "edit", "delete", "create", "pay", "invoices"),
                grants=("owner", "admin"),
                removes=("admin",),
                at_least=1,
            ),
            Role("admin", can=("view", "create"), grants=("admin",)),
        ),
    ),
)

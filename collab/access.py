"""Who may do what: one walk over memberships and the table of kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collab.case import Case
    from collab.membership import Membership
    from collab.resources import Resource


def held(case: Case, person: str, resource: Resource) -> Membership | None:
    """The role that the person holds on the resource at this moment, if they are active."""
    return next((m for m in case.facts.members(resource.id, case.at) if m.person == person), None)


def may(case: Case, person: str, capability: str, resource: Resource) -> bool:
    """Whether the person's roles on the resource give the capability (ROL-01)."""
    membership = held(case, person, resource)
    role = membership and case.kinds[resource.kind].role(membership.role)
    return bool(role and capability in role.can)


def grantable(case: Case, person: str, resource: Resource) -> tuple[str, ...]:
    """The roles that the person may bring others into: what the table says for the roles held now (ROL-05)."""
    membership = held(case, person, resource)
    role = membership and case.kinds[resource.kind].role(membership.role)
    return role.grants if role else ()


def granters(case: Case, role: str, resource: Resource) -> tuple[str, ...]:
    """Everybody who may grant that role on the resource."""
    members = case.facts.members(resource.id, case.at)
    return tuple(m.person for m in members if role in grantable(case, m.person, resource))


def visible(case: Case, person: str) -> list[Resource]:
    """Every resource that the person may view."""
    mine = (case.facts.resource(m.resource) for m in case.facts.memberships_of(person, case.at))
    return [r for r in mine if r and may(case, person, "view", r)]

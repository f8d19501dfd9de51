"""Guests and people of other workspaces, whom one gives power only after a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab import errors
from collab.command import Query
from collab.context import Context
from collab.model import Account, Address, Person, Resource
from collab.resource_lookup import resolve_resources
from collab.role_model import RoleModel


@dataclass(frozen=True, slots=True)
class PowerForOutsiders:
    """The people from outside who would get a role that lets them bring in others.

    `abilities` are the role's capabilities and grants.
    """

    people: Sequence[Person]
    resources: Sequence[Resource]
    role: str
    abilities: Sequence[str]


@dataclass(frozen=True, slots=True)
class FindPowerForOutsiders(Query[PowerForOutsiders | None]):
    """Who of some people is from outside, if a role on resources gives power?"""

    people: tuple[Account | Address, ...]
    role: str
    what: tuple[str, ...]

    def answer(self, context: Context) -> PowerForOutsiders | None:
        """Return them; None if nobody is, or the role gives no power."""
        resources = resolve_resources(context, self.what)
        kind = context.roles[resources[0].kind]
        role = kind.find_role(kind.resolve_role_name(self.role))
        if role is None or not gives_power(context.roles, kind.name, role.name):
            return None
        named = [_find_person(context, each) for each in self.people]
        outsiders = [each for each in named if each and each.is_outsider]
        if not outsiders:
            return None
        return PowerForOutsiders(
            outsiders, resources, role.name, role.capabilities_and_grants
        )


def gives_power(roles: RoleModel, resource_type: str, role_name: str) -> bool:
    """Return whether a role lets its holders give roles to others."""
    role = roles[resource_type].find_role(role_name)
    return bool(role and role.grants)


def check_gives_outsider_no_power(
    context: Context, person: Person, resource: Resource, role: str
) -> None:
    """Raise PowerForOutsider if the person is from outside and the role gives power."""
    if person.is_outsider and gives_power(context.roles, resource.kind, role):
        raise errors.PowerForOutsider(
            person.id, role, resource.id, resource.title, resource.kind
        )


def _find_person(context: Context, who: Account | Address) -> Person | None:
    if isinstance(who, Address):
        return context.people.find_person_by_email(who.email)
    return context.people.find_person_by_account(who)

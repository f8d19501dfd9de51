"""The resources and roles to which the actor may invite others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collab import accessible_resources, authorization
from collab.command import Query
from collab.context import Context
from collab.model import Resource
from collab.resource_lookup import resolve_resources
from collab.resource_pickers import ResourceOption, list_resource_options


@dataclass(frozen=True, slots=True)
class CommonRoles:
    """The roles that the actor may assign on each of some resources, the highest first.

    `roles` maps each to what it lets one do. Without resources they are all roles that
    the actor may assign anywhere, each mapped to nothing.
    """

    resources: Sequence[Resource]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ListAssignableResources(Query[Sequence[ResourceOption]]):
    """List the resources on which the actor may assign roles.

    `typed` restricts them to those with that text in their name or slug.
    """

    typed: str = ""

    def answer(self, context: Context) -> Sequence[ResourceOption]:
        """Return at most a hundred, contents after their containers (ROL-05)."""
        assignable = accessible_resources.list_assignable_roles_by_resource(
            context, context.actor.id
        )
        return list_resource_options(
            context, self.typed, lambda resource: resource.id in assignable
        )


@dataclass(frozen=True, slots=True)
class ListCommonRoles(Query[CommonRoles]):
    """List the roles that the actor may assign on all of some resources, or anywhere."""

    what: tuple[str, ...]

    def answer(self, context: Context) -> CommonRoles:
        """Return them in the order of the first resource's type (ROL-05, INV-01)."""
        if not self.what:
            return CommonRoles((), _list_roles_assignable_anywhere(context))
        resources = resolve_resources(context, self.what)
        kinds = [context.roles[resource.kind] for resource in resources]
        if len(kinds) > 1 and not all(kind.may_be_offered_together for kind in kinds):
            return CommonRoles(resources, {})
        common = set.intersection(
            *(
                set(
                    authorization.list_assignable_roles(context, context.actor.id, each)
                )
                for each in resources
            )
        )
        roles = {
            role.name: role.capabilities_and_grants
            for role in kinds[0].assignable_roles
            if role.name in common
        }
        return CommonRoles(resources, roles)


def _list_roles_assignable_anywhere(context: Context) -> dict[str, tuple[str, ...]]:
    roles_by_resource = accessible_resources.list_assignable_roles_by_resource(
        context, context.actor.id
    )
    names = {name for roles in roles_by_resource.values() for name in roles}
    return {name: () for name in context.roles.assignable_role_names if name in names}

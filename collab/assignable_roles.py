"""What somebody may bring others into: the questions behind a choice of things and roles."""

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
    """Several things with the roles that the asker may grant on all of them at once, the highest first.

    With each role stands what it lets one do; nothing when there are no things, and the roles are all that may be
    granted anywhere.
    """

    resources: Sequence[Resource]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ListAssignableResources(Query[Sequence[ResourceOption]]):
    """On what may I grant roles? With `typed`, only what has it in its name or its short name."""

    typed: str = ""

    def answer(self, context: Context) -> Sequence[ResourceOption]:
        """What the asker may bring others into now, at most a hundred, what stands in others after them (ROL-05)."""
        allowed = accessible_resources.list_assignable_roles_by_resource(
            context, context.actor.id
        )
        return list_resource_options(
            context, self.typed, lambda resource: resource.id in allowed
        )


@dataclass(frozen=True, slots=True)
class ListCommonRoles(Query[CommonRoles]):
    """Which roles may I grant on all of these; or, without any, at all?"""

    what: tuple[str, ...]

    def answer(self, context: Context) -> CommonRoles:
        """The roles that are open on each of some things, as the table of the first has them (ROL-05, INV-01)."""
        if not self.what:
            return CommonRoles((), _list_roles_assignable_anywhere(context))
        resources = resolve_resources(context, self.what)
        each = [
            authorization.list_assignable_roles(context, context.actor.id, resource)
            for resource in resources
        ]
        together = len(resources) == 1 or all(
            context.roles[r.kind].may_be_offered_together for r in resources
        )
        kind = context.roles[resources[0].kind]
        open_ = [
            role
            for role in kind.assignable_roles
            if together and all(role.name in grants for grants in each)
        ]
        return CommonRoles(resources, {role.name: role.abilities for role in open_})


def _list_roles_assignable_anywhere(context: Context) -> dict[str, tuple[str, ...]]:
    granted = {
        role
        for roles in accessible_resources.list_assignable_roles_by_resource(
            context, context.actor.id
        ).values()
        for role in roles
    }
    return {role: () for role in context.roles.assignable_role_names if role in granted}

"""What somebody may bring others into: the questions behind a choice of things and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import authorization
from collab.people import Caller
from collab.resource_pickers import ResourceOption, list_resource_options
from collab.resources import Resource, resolve_resources

if TYPE_CHECKING:
    from collab.context import Context


@dataclass(frozen=True, slots=True)
class CommonRoles:
    """Several things with the roles that the asker may grant on all of them at once, the highest first.

    With each role stands what it lets one do; nothing when there are no things, and the roles are all that may be
    granted anywhere.
    """

    resources: Sequence[Resource]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ListAssignableResources:
    """On what may I grant roles? With `typed`, only what has it in its name or its short name."""

    by: Caller
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ListCommonRoles:
    """Which roles may I grant on all of these; or, without any, at all?"""

    by: Caller
    what: tuple[str, ...]


def list_assignable_resources(
    ask: ListAssignableResources, case: Context
) -> Sequence[ResourceOption]:
    """What the asker may bring others into now, at most a hundred, what stands in others after them (ROL-05)."""
    allowed = authorization.list_assignable_roles_by_resource(case, case.actor.id)
    return list_resource_options(
        case, ask.typed, lambda resource: resource.id in allowed
    )


def list_common_roles(ask: ListCommonRoles, case: Context) -> CommonRoles:
    """The roles that are open on each of some things, as the table of the first has them (ROL-05, INV-01)."""
    if not ask.what:
        return CommonRoles((), _list_roles_assignable_anywhere(case))
    resources = resolve_resources(case, ask.what)
    each = [
        authorization.list_assignable_roles(case, case.actor.id, resource)
        for resource in resources
    ]
    together = len(resources) == 1 or all(
        case.roles[r.kind].may_be_offered_together for r in resources
    )
    kind = case.roles[resources[0].kind]
    open_ = [
        role
        for role in kind.assignable_roles
        if together and all(role.name in grants for grants in each)
    ]
    return CommonRoles(resources, {role.name: role.abilities for role in open_})


def _list_roles_assignable_anywhere(case: Context) -> dict[str, tuple[str, ...]]:
    granted = {
        role
        for roles in authorization.list_assignable_roles_by_resource(
            case, case.actor.id
        ).values()
        for role in roles
    }
    return {role: () for role in case.roles.assignable_role_names if role in granted}

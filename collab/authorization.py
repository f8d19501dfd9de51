"""Who may do what, and by which roles (ROL-01 to ROL-05).

A role is direct (a membership), or it follows from roles on other resources by the rows
of the role model. collab/role_derivation.py derives the latter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from collab import role_derivation
from collab.access_graph import EffectiveRole, RoleCount, RoleOrigin, Step
from collab.context import Context
from collab.model import Membership, PersonId, Resource, ResourceId
from collab.role_derivation import (
    derive_from_assignment,
    iterate_assignments_within,
    iterate_roles_from_contents,
    iterate_roles_from_contents_of_all,
    list_inherited_roles,
    list_inherited_roles_of_all,
    list_role_sources,
)
from collab.role_model import Role

CAPABILITIES_WHEN_DISABLED = frozenset({"view", "disable", "delete"})

# One person, one resource.


def direct_membership(
    context: Context, person_id: PersonId, resource: Resource
) -> Membership | None:
    """Return the person's membership on the resource itself, while it lasts."""
    memberships = context.graph.get_memberships_by_resource(
        person_id, [resource.id], context.at
    )
    return memberships.get(resource.id)


def check(
    context: Context,
    person_id: PersonId,
    capability: str,
    resource: Resource,
    without: frozenset[ResourceId] = frozenset(),
) -> bool:
    """Return whether any of the person's roles gives the capability (ROL-01).

    Memberships on resources whose ids are in `without` do not count.
    """
    paths = expand(context, person_id, capability, resource, without)
    return next(paths, None) is not None


def expand(
    context: Context,
    person_id: PersonId,
    capability: str,
    resource: Resource,
    without: frozenset[ResourceId] = frozenset(),
) -> Iterator[EffectiveRole]:
    """Yield each role that gives the person the capability, with its path (ROL-02).

    A path that passes through the resource itself explains nothing, and is left out.
    Yield none on a deleted resource, and on a disabled one only those for what is
    allowed there (ROL-04).
    """
    if resource.gone:
        return
    is_allowed_when_disabled = capability in CAPABILITIES_WHEN_DISABLED
    if not is_allowed_when_disabled and is_disabled(context, resource):
        return
    names = context.roles[resource.kind].list_roles_with_capability(capability)
    for role in _iterate_effective_roles(context, person_id, resource, without):
        if role.role in names and not _is_circular(role):
            yield role


def _is_circular(role: EffectiveRole) -> bool:
    """Return whether a path leads back to a resource that it has left.

    Its first part leads to a role there that gives no fewer capabilities.
    """
    return any(step.resource == role.path[-1].resource for step in role.path[:-1])


def list_effective_roles(
    context: Context,
    person_id: PersonId,
    resource: Resource,
    without: frozenset[ResourceId] = frozenset(),
) -> list[EffectiveRole]:
    """Return every role of the person on the resource, with its path.

    Memberships on resources whose ids are in `without` do not count.
    """
    return list(_iterate_effective_roles(context, person_id, resource, without))


def list_capabilities(
    context: Context,
    person_id: PersonId,
    resource: Resource,
    without: frozenset[ResourceId] = frozenset(),
) -> frozenset[str]:
    """Return every capability for which `check` is true."""
    if resource.gone:
        return frozenset()
    roles = list_effective_roles(context, person_id, resource, without)
    return list_capabilities_of_roles(context, resource, roles)


def list_capabilities_of_roles(
    context: Context, resource: Resource, roles: Iterable[EffectiveRole]
) -> frozenset[str]:
    """Return the capabilities that some roles on a resource give there."""
    capabilities: set[str] = set()
    for role in _list_role_rows(context, resource, roles):
        capabilities.update(role.capabilities)
    if is_disabled(context, resource):
        capabilities &= CAPABILITIES_WHEN_DISABLED
    return frozenset(capabilities)


def may_create(
    context: Context, person_id: PersonId, kind: str, parent: Resource
) -> bool:
    """Return whether the person may create a kind in the parent (RES-01)."""
    names = {
        role.name for role in context.roles[parent.kind].roles if role.may_create(kind)
    }
    roles = expand(context, person_id, "create", parent)
    return any(role.role in names for role in roles)


def list_assignable_roles(
    context: Context, person_id: PersonId, resource: Resource
) -> tuple[str, ...]:
    """Return the roles that the person may assign, the highest first (ROL-05)."""
    roles = _list_roles_for_management(context, person_id, resource)
    return select_assignable_roles(context, resource, roles)


def list_removable_roles(
    context: Context, person_id: PersonId, resource: Resource
) -> tuple[str, ...]:
    """Return the roles that the person may remove, the highest first (MEM-05)."""
    roles = _list_roles_for_management(context, person_id, resource)
    return select_removable_roles(context, resource, roles)


def holds_role_by_parent(
    context: Context, person_id: PersonId, resource: Resource, role: str
) -> bool:
    """Return whether the person has a role that the container supplies."""
    if not is_role_supplied_by_parent(context, resource, role):
        return False
    for inherited in list_inherited_roles(context, person_id, resource):
        is_from_parent = (
            len(inherited.path) > 1 and inherited.path[-2].resource == resource.parent
        )
        if inherited.role == role and is_from_parent:
            return True
    return False


def redact_resource(context: Context, resource: Resource) -> Resource:
    """Return a resource without its names if the actor may not view it."""
    if check(context, context.actor.id, "view", resource):
        return resource
    return replace(resource, title="", slug="", about=None)


# One resource.


def is_disabled(context: Context, resource: Resource) -> bool:
    """Return whether the resource or anything that contains it is disabled (ROL-04)."""
    return role_derivation.is_disabled(context.graph, resource)


def iterate_containers(context: Context, resource: Resource) -> Iterator[Resource]:
    """Yield what contains the resource, the nearest first."""
    return role_derivation.iterate_containers(context.graph, resource)


def find_slug_to_enable(context: Context, resource: Resource) -> str:
    """Return the slug of the one resource that the actor can enable to enable this one.

    Empty when several are disabled, or when the actor may not enable them.
    """
    disabled = [
        each
        for each in (resource, *iterate_containers(context, resource))
        if each.disabled
    ]
    if len(disabled) != 1:
        return ""
    may_enable = check(context, context.actor.id, "disable", disabled[0])
    return disabled[0].slug if may_enable else ""


def is_role_supplied_by_parent(context: Context, resource: Resource, role: str) -> bool:
    """Return whether the container always gives a person that role on the resource."""
    parent = context.graph.get_resource(resource.parent) if resource.parent else None
    if parent is None or parent.gone:
        return False
    return context.roles.guarantees_role(parent.kind, resource.kind, role)


def list_users_with(context: Context, resource: Resource) -> list[EffectiveRole]:
    """Return everybody's roles on the resource, with paths: the highest role first.

    Of the same role direct ones come first.
    """
    _load_assignments(context, resource)
    roles = dict.fromkeys(
        [
            *list_inherited_roles_of_all(context, resource),
            *iterate_roles_from_contents_of_all(context, resource),
        ]
    )
    rank = context.roles[resource.kind].ranks
    # Read from the path itself: a property would double the time for many members.
    return sorted(
        roles, key=lambda role: (rank[role.path[-1].role], len(role.path) > 1)
    )


def count_users_by_role(
    context: Context, resource: Resource, origins: Sequence[RoleOrigin]
) -> Mapping[str, RoleCount]:
    """Return how many people have each role, by what `list_role_origins` returned.

    Each person counts once: with their direct role, or else with the highest one.
    """
    roles = list(context.roles[resource.kind].ranks)
    return context.memberships.count_members(resource.id, roles, origins, context.at)


def list_users_within(
    context: Context, resource: Resource, inside: Collection[ResourceId]
) -> list[PersonId]:
    """Return the ids of everybody with a role on the resource, the highest first.

    Those with a role on one of the resources in it whose ids are in `inside` follow.
    """
    person_ids = [role.person for role in list_users_with(context, resource)]
    for inner, step, assigned_ids in iterate_assignments_within(context, resource):
        if inner.id in inside:
            person_ids += _select_users_by_step(context, inner, step, assigned_ids)
    return list(dict.fromkeys(person_ids))


def list_users_with_role(
    context: Context, role: str, resource: Resource
) -> tuple[PersonId, ...]:
    """Return the ids of everybody with that role on the resource, direct or derived."""
    return _list_users_with_any_role(context, {role}, resource)


def list_users_who_may_assign(
    context: Context, role: str, resource: Resource
) -> tuple[PersonId, ...]:
    """Return the ids of everybody who may assign that role on the resource."""
    rows = context.roles[resource.kind].roles
    names = {row.name for row in rows if role in row.grants}
    return _list_users_with_any_role(context, names, resource)


def list_users_who_may_remove(
    context: Context, role: str, resource: Resource
) -> tuple[PersonId, ...]:
    """Return the ids of everybody who may end that role of others on the resource."""
    rows = context.roles[resource.kind].roles
    names = {row.name for row in rows if role in row.removes}
    return _list_users_with_any_role(context, names, resource)


# Steps of the above.


def _load_assignments(context: Context, resource: Resource) -> None:
    """Read with two statements what deriving everybody's roles asks for one by one."""
    containers = context.roles.types_with_roles_from_contents
    context.graph.find_resource(resource.id, (), context.at, containers)
    sources = list_role_sources(context.roles, context.graph, resource)
    source_ids = {source.id for source in sources}
    if resource.kind in containers:
        contents = context.graph.list_contents_with_role_sources(resource.id)
        source_ids.update(source_id for _, source_id in contents)
    context.graph.get_assignments_by_resource(source_ids, context.at)


def _iterate_effective_roles(
    context: Context,
    person_id: PersonId,
    resource: Resource,
    without: frozenset[ResourceId],
) -> Iterator[EffectiveRole]:
    """Yield inherited roles first: roles from contents need another query."""
    yield from list_inherited_roles(context, person_id, resource, without)
    yield from iterate_roles_from_contents(context, person_id, resource, without)


def _select_users_by_step(
    context: Context, resource: Resource, step: Step, person_ids: Iterable[PersonId]
) -> list[PersonId]:
    """Return who of some people has a role on a resource by an assigned role."""
    return [
        person_id
        for person_id in person_ids
        if derive_from_assignment(context, resource, EffectiveRole(person_id, (step,)))
    ]


def _list_roles_for_management(
    context: Context, person_id: PersonId, resource: Resource
) -> Sequence[EffectiveRole]:
    """Return the roles that manage members; none on a disabled resource."""
    if resource.gone or is_disabled(context, resource):
        return ()
    return list_inherited_roles(context, person_id, resource)


def _list_role_rows(
    context: Context, resource: Resource, roles: Iterable[EffectiveRole]
) -> list[Role]:
    """Return the rows of the role model for some roles on a resource."""
    names = {role.role for role in roles}
    return [row for row in context.roles[resource.kind].roles if row.name in names]


def select_assignable_roles(
    context: Context, resource: Resource, roles: Iterable[EffectiveRole]
) -> tuple[str, ...]:
    """Return the roles to which some roles on a resource let one invite others."""
    rows = _list_role_rows(context, resource, roles)
    return _sort_role_names(
        context, resource, {name for row in rows for name in row.grants}
    )


def select_removable_roles(
    context: Context, resource: Resource, roles: Iterable[EffectiveRole]
) -> tuple[str, ...]:
    """Return the roles of others that some roles on a resource let one end."""
    rows = _list_role_rows(context, resource, roles)
    return _sort_role_names(
        context, resource, {name for row in rows for name in row.removes}
    )


def _sort_role_names(
    context: Context, resource: Resource, names: Collection[str]
) -> tuple[str, ...]:
    """Return role names in the order of the role model, the highest first."""
    rows = context.roles[resource.kind].roles
    return tuple(row.name for row in rows if row.name in names)


def _list_users_with_any_role(
    context: Context, names: Collection[str], resource: Resource
) -> tuple[PersonId, ...]:
    inherited = list_inherited_roles_of_all(context, resource)
    return tuple(dict.fromkeys(role.person for role in inherited if role.role in names))

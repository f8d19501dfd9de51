"""Who may do what, and why: one walk over memberships and the table of kinds.

A role is held directly, or follows from a role on what the thing stands in, on what pays for it, on a group that it
is shared with, or on what stands in it (the table's implied rows). Roles that follow are computed at each question and
never stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from collab.context import Context
from collab.model import (
    EffectiveRole,
    Membership,
    ReachableGraph,
    Resource,
    RoleAssignments,
    Step,
    TeamShare,
)
from collab.repositories import AccessGraph

CAPABILITIES_WHEN_DISABLED = frozenset({"view", "disable", "delete"})
EMPTY_SET: frozenset[str] = frozenset()


RolesByResource = Mapping[str, Sequence[EffectiveRole]]
DerivedRoles = dict[str, list[EffectiveRole]]
AssignedRoles = Mapping[
    str, Sequence[EffectiveRole]
]  # memberships, by where they were given


def direct_membership(
    context: Context, person: str, resource: Resource
) -> Membership | None:
    """The role that the person was given on the resource itself, while it holds."""
    return context.graph.get_memberships_by_resource(
        person, [resource.id], context.at
    ).get(resource.id)


def list_effective_roles(
    context: Context,
    person: str,
    resource: Resource,
    without: frozenset[str] = EMPTY_SET,
) -> list[EffectiveRole]:
    """Every role of the person on the resource, with its path; memberships on resources in `without` do not count."""
    return [
        *_list_inherited_roles(context, person, resource, without),
        *_list_roles_from_contents(context, person, resource, without),
    ]


def check(
    context: Context,
    person: str,
    capability: str,
    resource: Resource,
    without: frozenset[str] = EMPTY_SET,
) -> bool:
    """Whether any of the person's roles gives the capability (ROL-01)."""
    return any(True for _ in expand(context, person, capability, resource, without))


def may_create(context: Context, person: str, kind: str, parent: Resource) -> bool:
    """Return whether the person may create something of that kind inside the parent (RES-01)."""
    creating = {
        role.name for role in context.roles[parent.kind].roles if role.may_create(kind)
    }
    return any(
        held.role in creating for held in expand(context, person, "create", parent)
    )


def find_slug_to_enable(context: Context, resource: Resource) -> str:
    """Return the slug of what the actor may enable so that a resource is enabled; empty when they may not."""
    off = [r for r in (resource, *iterate_containers(context, resource)) if r.disabled]
    may_enable = all(check(context, context.actor.id, "disable", r) for r in off)
    return off[0].slug if len(off) == 1 and may_enable else ""


def is_role_supplied_by_parent(context: Context, resource: Resource, role: str) -> bool:
    """Return whether what the resource stands in always has somebody with that role on it."""
    parent = context.graph.get_resource(resource.parent) if resource.parent else None
    return bool(
        parent
        and not parent.gone
        and context.roles.guarantees_role(parent.kind, resource.kind, role)
    )


def holds_role_by_parent(
    context: Context, person: str, resource: Resource, role: str
) -> bool:
    """Return whether the person is one of those whom `supplied` counts on for that role."""
    if not is_role_supplied_by_parent(context, resource, role):
        return False
    held = _list_inherited_roles(context, person, resource, EMPTY_SET)
    return any(
        h.role == role and len(h.path) > 1 and h.path[-2].resource == resource.parent
        for h in held
    )


def redact_resource(context: Context, resource: Resource) -> Resource:
    """A resource as the asker may know it: without its names when they may not view it."""
    shown = check(context, context.actor.id, "view", resource)
    return resource if shown else replace(resource, title="", slug="", about=None)


def list_capabilities(
    context: Context,
    person: str,
    resource: Resource,
    without: frozenset[str] = EMPTY_SET,
) -> frozenset[str]:
    """Everything that the person may do with the resource: `may` for all capabilities at once."""
    return (
        EMPTY_SET
        if resource.gone
        else list_capabilities_of_roles(
            context, resource, list_effective_roles(context, person, resource, without)
        )
    )


def list_capabilities_of_roles(
    context: Context, resource: Resource, holding: Iterable[EffectiveRole]
) -> frozenset[str]:
    """What roles on a resource let one do there."""
    mine = {held.role for held in holding}
    can = frozenset(
        c
        for role in context.roles[resource.kind].roles
        if role.name in mine
        for c in role.capabilities
    )
    return can & CAPABILITIES_WHEN_DISABLED if is_disabled(context, resource) else can


def expand(
    context: Context,
    person: str,
    capability: str,
    resource: Resource,
    without: frozenset[str] = EMPTY_SET,
) -> Iterator[EffectiveRole]:
    """Every path by which the person has the capability (ROL-02); none on what is gone or disabled (ROL-04)."""
    if resource.gone or (
        capability not in CAPABILITIES_WHEN_DISABLED and is_disabled(context, resource)
    ):
        return
    kind = context.roles[resource.kind]
    for walk in (_list_inherited_roles, _list_roles_from_contents):
        for found in walk(context, person, resource, without):
            role = kind.find_role(found.role)
            if role and capability in role.capabilities:
                yield found


def is_disabled(context: Context, resource: Resource) -> bool:
    """Whether the resource, or anything that it stands in, is disabled."""
    return any(r.disabled for r in (resource, *iterate_containers(context, resource)))


def iterate_containers(context: Context, resource: Resource) -> Iterator[Resource]:
    """What a resource stands in, the nearest first."""
    parent = context.graph.get_resource(resource.parent) if resource.parent else None
    while parent:
        yield parent
        parent = context.graph.get_resource(parent.parent) if parent.parent else None


def list_assignable_roles(
    context: Context, person: str, resource: Resource
) -> tuple[str, ...]:
    """The roles that the person may bring others into: what the table says for the roles held now (ROL-05)."""
    return _list_roles_to_manage(context, person, resource, "grants")


def list_removable_roles(
    context: Context, person: str, resource: Resource
) -> tuple[str, ...]:
    """The roles whose holders the person may remove (MEM-05)."""
    return _list_roles_to_manage(context, person, resource, "removes")


def load_reachable_graph(context: Context, person: str) -> ReachableGraph:
    """All that a person's roles can have to do with now."""
    return context.graph.load_reachable_graph(person, context.at, context.roles)


def list_assignable_roles_by_resource(
    context: Context, person: str
) -> dict[str, tuple[str, ...]]:
    """What `grantable` says of everything that the person reaches and may bring others into; in a few queries."""
    reach = load_reachable_graph(context, person)
    near = replace(context, graph=cast("AccessGraph", reach))
    starts = {
        m.resource: [EffectiveRole.from_membership(person, m.role, m.resource)]
        for m in reach.memberships
    }
    open_ = [
        r for r in reach.resources.values() if not r.gone and not is_disabled(near, r)
    ]
    held: DerivedRoles = {}
    found = {
        r.id: _select_managed_roles(
            near, r, _derive_roles_memoized(near, r, starts, held), "grants"
        )
        for r in open_
    }
    return {place: roles for place, roles in found.items() if roles}


def list_users_with(context: Context, resource: Resource) -> list[EffectiveRole]:
    """Everybody's roles on the resource, with their paths, the highest role first."""
    ranks = {role.name: n for n, role in enumerate(context.roles[resource.kind].roles)}
    found = dict.fromkeys(
        [
            *_list_inherited_roles_of_all(context, resource),
            *_list_roles_from_contents_of_all(context, resource),
        ]
    )
    return sorted(found, key=lambda h: (ranks[h.path[-1].role], len(h.path) > 1))


def count_users(context: Context, resource: Resource) -> int:
    """How many hold a role on the resource, one way or another."""
    within = (
        context.graph.list_contents_with_role_sources(resource.id)
        if context.roles.has_relation("within", resource.kind)
        else ()
    )
    sources = _list_role_sources(context, resource)
    given = context.graph.get_assignments_by_resource(
        {*(s.id for s in sources), *(place for _, place in within)}, context.at
    )
    found = {
        held.person
        for held in _derive_roles(
            context, resource, _collect_assigned_roles(context, sources[1:], given)
        )
    }
    found.update(*(people for _, people in given.get(resource.id, ())))
    for inner, place in within:
        for step, people in given.get(place, ()):
            if place == inner.id and context.roles.list_derived_roles(
                step.role, inner.kind, "within", resource.kind
            ):
                found.update(people)
            else:
                starts = [
                    EffectiveRole(person, (step,)) for person in set(people) - found
                ]
                found.update(
                    s.person
                    for s in starts
                    if any(_derive_container_roles(context, resource, inner, s))
                )
    return len(found)


def list_users_within(
    context: Context, resource: Resource, inside: Collection[str]
) -> list[str]:
    """Everybody who holds a role on the resource, the highest first, or else on some of what stands in it."""
    within = _list_contents_with_roles(context, resource)
    inner = (
        start.person
        for thing, start in within
        if thing.id in inside and any(_derive_from_assignment(context, thing, start))
    )
    return list(
        dict.fromkeys(
            [*(held.person for held in list_users_with(context, resource)), *inner]
        )
    )


def list_users_with_role(
    context: Context, role: str, resource: Resource
) -> tuple[str, ...]:
    """Everybody who holds that role on the resource, directly or not."""
    return tuple(
        dict.fromkeys(
            h.person
            for h in _list_inherited_roles_of_all(context, resource)
            if h.role == role
        )
    )


def list_users_who_may_assign(
    context: Context, role: str, resource: Resource
) -> tuple[str, ...]:
    """Everybody who may grant that role on the resource."""
    kind = context.roles[resource.kind]
    able = {r.name for r in kind.roles if role in r.grants}
    return tuple(
        dict.fromkeys(
            h.person
            for h in _list_inherited_roles_of_all(context, resource)
            if h.role in able
        )
    )


def list_effective_roles_by_resource(
    context: Context,
    person: str,
    without: frozenset[str] = EMPTY_SET,
    *,
    added_steps: Iterable[Step] = (),
) -> dict[str, list[EffectiveRole]]:
    """Every role of a person on everything that they reach, by resource; what is gone has those that follow.

    It takes a few queries, however much they reach; `roles` answers for one resource alone. Memberships on resources
    in `without` do not count, and those in `given` do, as if they were there.
    """
    reach = load_reachable_graph(context, person)
    near = replace(context, graph=cast("AccessGraph", reach))
    starts = {
        m.resource: [EffectiveRole.from_membership(person, m.role, m.resource)]
        for m in reach.memberships
        if m.resource not in without
    }
    starts |= {step.resource: [EffectiveRole(person, (step,))] for step in added_steps}
    found: DerivedRoles = {}
    for resource in reach.resources.values():
        _derive_roles_memoized(near, resource, starts, found)
    for resource in [r for r in reach.resources.values() if not r.gone]:
        outward = list(found[resource.id])
        for container in iterate_containers(near, resource):
            for held in outward:
                follows = context.roles.list_derived_roles(
                    held.role, resource.kind, "within", container.kind
                )
                found[container.id] += (
                    held.derive(role, container.id) for role in follows
                )
    return {place: roles for place, roles in found.items() if roles}


def list_visible_resources(
    context: Context, person: str, holding: RolesByResource | None = None
) -> list[Resource]:
    """Every resource that the person may view, what stands in others after them; `holding` when it is known already."""
    reached = load_reachable_graph(context, person).resources
    living = [
        r
        for place in list_viewable_resource_ids(context, person, holding)
        if not (r := reached[place]).gone
    ]
    return sorted(
        living,
        key=lambda r: [
            (c.title.casefold(), c.id) for c in _list_ancestors_and_self(reached, r)
        ],
    )


def list_viewable_resource_ids(
    context: Context, person: str, holding: RolesByResource | None = None
) -> frozenset[str]:
    """What the person may view, and what of it is gone; `holding` when it is known already."""
    reached = load_reachable_graph(context, person).resources
    shown = {
        kind: {r.name for r in context.roles[kind].roles if "view" in r.capabilities}
        for kind in context.roles
    }
    found = (
        list_effective_roles_by_resource(context, person)
        if holding is None
        else holding
    )
    return frozenset(
        place
        for place, held in found.items()
        if any(h.role in shown[reached[place].kind] for h in held)
    )


def list_resource_ids_with_capability(
    context: Context, person: str, capability: str
) -> frozenset[str]:
    """On what of everything that the person reaches `may` says yes to the capability; in a few queries."""
    reach = load_reachable_graph(context, person)
    near = replace(context, graph=cast("AccessGraph", reach))
    having = _select_with_capability(
        near, capability, list_effective_roles_by_resource(context, person)
    )
    closes = capability not in CAPABILITIES_WHEN_DISABLED
    return frozenset(
        p for p in having if not (closes and is_disabled(near, reach.resources[p]))
    )


def list_capability_losses(
    context: Context,
    person: str,
    capability: str,
    lost: frozenset[str],
    before: Context | None = None,
) -> tuple[str, ...]:
    """On which resources a person has a capability only by these memberships; `before` they ended, where that was."""
    had = _select_with_capability(
        context, capability, list_effective_roles_by_resource(before or context, person)
    )
    has = (
        _select_with_capability(
            context, capability, list_effective_roles_by_resource(context, person, lost)
        )
        if had
        else {}
    )
    return tuple(place for place in had if place not in has)


def _select_with_capability(
    context: Context, capability: str, found: dict[str, list[EffectiveRole]]
) -> dict[str, None]:
    having: dict[str, None] = {}
    for place, roles_there in found.items():
        resource = context.graph.get_resource(place)
        kind = context.roles[resource.kind] if resource and not resource.gone else None
        can = (
            {role.name for role in kind.roles if capability in role.capabilities}
            if kind
            else set()
        )
        if any(held.role in can for held in roles_there):
            having[place] = None
    return having


def _list_ancestors_and_self(
    reached: Mapping[str, Resource], resource: Resource
) -> list[Resource]:
    """What a resource stands in, the outermost first, and the resource itself."""
    line = [resource]
    while (outer := line[0].parent) and outer in reached:
        line.insert(0, reached[outer])
    return line


def _list_roles_to_manage(
    context: Context, person: str, resource: Resource, what: str
) -> tuple[str, ...]:
    if resource.gone or is_disabled(context, resource):
        return ()
    return _select_managed_roles(
        context,
        resource,
        _list_inherited_roles(context, person, resource, EMPTY_SET),
        what,
    )


def _select_managed_roles(
    context: Context, resource: Resource, holding: Iterable[EffectiveRole], what: str
) -> tuple[str, ...]:
    """What the table says that these roles on a resource let one do with the roles of others."""
    kind = context.roles[resource.kind]
    mine = {h.role for h in holding}
    allowed = {
        name for role in kind.roles if role.name in mine for name in getattr(role, what)
    }
    return tuple(role.name for role in kind.roles if role.name in allowed)


def _list_inherited_roles(
    context: Context, person: str, resource: Resource, without: frozenset[str]
) -> Iterator[EffectiveRole]:
    """Roles that are held here, and those that come from what it stands in and from what pays for it."""
    chain = _list_role_sources(context, resource)
    given = context.graph.get_memberships_by_resource(
        person, [r.id for r in chain if r.id not in without], context.at
    )
    starts = {
        m.resource: [EffectiveRole.from_membership(person, m.role, m.resource)]
        for m in given.values()
    }
    yield from _derive_roles(context, resource, starts)


def _list_inherited_roles_of_all(
    context: Context, resource: Resource
) -> Iterator[EffectiveRole]:
    sources = _list_role_sources(context, resource)
    given = context.graph.get_assignments_by_resource(
        {s.id for s in sources}, context.at
    )
    here = [
        EffectiveRole(person, (step,))
        for step, people in given.get(resource.id, ())
        for person in people
    ]
    yield from _derive_roles(
        context,
        resource,
        {**_collect_assigned_roles(context, sources[1:], given), resource.id: here},
    )


def _collect_assigned_roles(
    context: Context, sources: Iterable[Resource], given: RoleAssignments
) -> dict[str, list[EffectiveRole]]:
    """The roles given on sources from which others can follow."""
    return {
        s.id: [
            EffectiveRole(person, (step,))
            for step, people in given.get(s.id, ())
            if step.role in leading
            for person in people
        ]
        for s in sources
        for leading in (context.roles.list_source_roles(s.kind),)
    }


def _derive_roles_memoized(
    context: Context,
    resource: Resource,
    starts: AssignedRoles,
    found: DerivedRoles | None,
) -> Iterable[EffectiveRole]:
    """The same as `_flow`; what was found is remembered where many things that come from the same are asked about."""
    if found is None:
        return _derive_roles(context, resource, starts)
    if resource.id not in found:
        found[resource.id] = list(_derive_roles(context, resource, starts, found))
    return found[resource.id]


def _derive_roles(
    context: Context,
    resource: Resource,
    starts: AssignedRoles,
    found: DerivedRoles | None = None,
) -> Iterator[EffectiveRole]:
    yield from starts.get(resource.id, ())
    for source, tie in _list_related_resources(context, resource):
        for above in _derive_roles_memoized(context, source, starts, found):
            for role in context.roles.list_derived_roles(
                above.role, source.kind, tie, resource.kind
            ):
                yield above.derive(role, resource.id)
    for group, share in _list_sharing_groups(context, resource):
        for above in _derive_roles_memoized(context, group, starts, found):
            yield from (
                above.derive(role, resource.id)
                for role in _derive_group_roles(context, above, group, share, resource)
            )


def _derive_group_roles(
    context: Context,
    above: EffectiveRole,
    group: Resource,
    share: TeamShare,
    resource: Resource,
) -> Iterator[str]:
    """The roles that follow from a role in a group: the group's own, or that for what is assigned to the person."""
    if context.roles.list_derived_roles(
        above.role, group.kind, "shares", resource.kind
    ):
        yield share.role
    if above.person in share.assigned:
        yield from context.roles.list_derived_roles(
            above.role, group.kind, "assigned", resource.kind
        )


def _list_role_sources(context: Context, resource: Resource) -> list[Resource]:
    """The resource itself and all from which roles on it can come."""
    sources = [
        *(s for s, _ in _list_related_resources(context, resource)),
        *(g for g, _ in _list_sharing_groups(context, resource)),
    ]
    return [
        resource,
        *(found for source in sources for found in _list_role_sources(context, source)),
    ]


def _list_related_resources(
    context: Context, resource: Resource
) -> Iterator[tuple[Resource, str]]:
    for there, tie in ((resource.parent, "holds"), (resource.payer, "pays")):
        source = context.graph.get_resource(there) if there else None
        if source and (
            resource.gone or not source.gone
        ):  # what is gone keeps its place in the record
            yield source, tie


def _list_sharing_groups(
    context: Context, resource: Resource
) -> Iterator[tuple[Resource, TeamShare]]:
    if context.roles.accepts_groups(resource.kind):
        for share in context.graph.list_shares(resource.id):
            group = context.graph.get_resource(share.team)
            if group and not group.gone:
                yield group, share


def _list_roles_from_contents(
    context: Context, person: str, resource: Resource, without: frozenset[str]
) -> Iterator[EffectiveRole]:
    """Roles that follow from a role on something that stands in the resource."""
    if not context.roles.has_relation("within", resource.kind):
        return
    for inner, start in context.graph.list_contents_with_roles_of_person(
        person, resource.id, context.at
    ):
        if start.path[0].resource not in without:
            yield from _derive_container_roles(context, resource, inner, start)


def _list_roles_from_contents_of_all(
    context: Context, resource: Resource
) -> Iterator[EffectiveRole]:
    if not context.roles.has_relation("within", resource.kind):
        return
    for inner, step, people in _list_assignments_within(context, resource):
        if step.resource == inner.id:
            follows = context.roles.list_derived_roles(
                step.role, inner.kind, "within", resource.kind
            )
            paths = [(step, Step(role, resource.id)) for role in follows]
            yield from (
                EffectiveRole(person, path) for person in people for path in paths
            )
        else:
            for person in people:
                yield from _derive_container_roles(
                    context, resource, inner, EffectiveRole(person, (step,))
                )


def _list_contents_with_roles(
    context: Context, resource: Resource
) -> Iterator[tuple[Resource, EffectiveRole]]:
    """What stands in the resource, each with a role from which one on it can follow."""
    for inner, step, people in _list_assignments_within(context, resource):
        yield from ((inner, EffectiveRole(person, (step,))) for person in people)


def _list_assignments_within(
    context: Context, resource: Resource
) -> Iterator[tuple[Resource, Step, Sequence[str]]]:
    """What stands in the resource, each with a role from which one on it can follow, and all whose it is."""
    within = context.graph.list_contents_with_role_sources(resource.id)
    given = context.graph.get_assignments_by_resource(
        {place for _, place in within}, context.at
    )
    for inner, place in within:
        yield from ((inner, step, people) for step, people in given.get(place, ()))


def _derive_from_assignment(
    context: Context, resource: Resource, start: EffectiveRole
) -> Iterator[EffectiveRole]:
    """The roles on the resource that follow from one that was given, or that one itself."""
    return _derive_roles(context, resource, {start.path[0].resource: [start]})


def _derive_container_roles(
    context: Context, resource: Resource, inner: Resource, start: EffectiveRole
) -> Iterator[EffectiveRole]:
    for found in _derive_from_assignment(context, inner, start):
        for role in context.roles.list_derived_roles(
            found.role, inner.kind, "within", resource.kind
        ):
            yield found.derive(role, resource.id)

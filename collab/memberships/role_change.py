"""What a person would lose inside a resource by a lower role on it, and what of that
they may keep (MEM-02).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collab import accessible_resources
from collab.access_graph import EffectiveRole, Step
from collab.command import Query
from collab.context import Context
from collab.model import PersonId, Resource
from collab.resource_lookup import resolve_resource
from collab.text import normalize_for_comparison


@dataclass(frozen=True, slots=True)
class RoleChangeImpact:
    """Resources on which a person would lose or lower their role, each with the current
    role.

    The actor may let them keep a role on the `keepable` ones, but not on those in
    `goes`. Those in `stays` have a direct role, which is unaffected.
    """

    keepable: Sequence[tuple[Resource, str]] = ()
    goes: Sequence[tuple[Resource, str]] = ()
    stays: Sequence[tuple[Resource, str]] = ()


NO_IMPACT = RoleChangeImpact()


@dataclass(frozen=True, slots=True)
class PreviewRoleChange(Query[RoleChangeImpact]):
    """What would a person lose inside a resource by a role on it? `who` is a person's
    id.
    """

    who: PersonId
    role: str
    what: str

    def answer(self, context: Context) -> RoleChangeImpact:
        """Return the roles inside that are inherited from the current role and not from
        the new one.

        Resources that the actor may not view are left out.
        """
        resource = resolve_resource(context, self.what)
        lost = self._list_lost_roles(context, resource)
        if not lost:
            return RoleChangeImpact([], [])
        assignable = accessible_resources.list_assignable_roles_by_resource(
            context, context.actor.id
        )
        keepable: list[tuple[Resource, str]] = []
        goes: list[tuple[Resource, str]] = []
        for inner, role in lost:
            may_keep = role in assignable.get(inner.id, ())
            (keepable if may_keep else goes).append((inner, role))
        stays = list_direct_roles_inside(
            context, self.who, resource, reader=context.actor.id
        )
        return RoleChangeImpact(keepable, goes, stays)

    def _list_lost_roles(
        self, context: Context, resource: Resource
    ) -> list[tuple[Resource, str]]:
        """Return the visible resources inside, each with the role that would be lost or
        lowered.
        """
        role = context.roles[resource.kind].find_role(self.role)
        is_assigned = role is not None and not role.is_derived_only
        roles_before = accessible_resources.list_effective_roles_by_resource(
            context, self.who
        )
        roles_after = accessible_resources.list_effective_roles_by_resource(
            context,
            self.who,
            frozenset({resource.id}),
            added_steps=[Step(self.role, resource.id)] if is_assigned else [],
        )
        visible_ids = accessible_resources.list_viewable_resource_ids(
            context, context.actor.id
        )
        lost: list[tuple[Resource, str]] = []
        for inner in context.resources.list_descendants(resource.id):
            if inner.id not in visible_ids:
                continue
            before = _get_highest_role(context, inner, roles_before.get(inner.id, ()))
            after = _get_highest_role(context, inner, roles_after.get(inner.id, ()))
            if _is_lower(context, inner, after, before):
                lost.append((inner, before))
        return lost


def list_direct_roles_inside(
    context: Context, person_id: PersonId, resource: Resource, reader: PersonId
) -> list[tuple[Resource, str]]:
    """Return a person's direct roles on everything inside a resource, ordered by name
    (MEM-02).

    What `reader`, a person's id, may not view is left out.
    """
    inside = {r.id: r for r in context.resources.list_descendants(resource.id)}
    memberships = context.graph.get_memberships_by_resource(
        person_id, list(inside), context.at
    )
    if not memberships:
        return []
    visible_ids = accessible_resources.list_viewable_resource_ids(context, reader)
    roles = [
        (inner, memberships[inner.id].role)
        for inner in inside.values()
        if inner.id in memberships and inner.id in visible_ids
    ]
    return sorted(
        roles, key=lambda row: (normalize_for_comparison(row[0].title), row[0].slug)
    )


def _get_highest_role(
    context: Context, resource: Resource, roles: Sequence[EffectiveRole]
) -> str:
    """Return the highest of some roles on a resource; empty if there is none."""
    get_rank = context.roles[resource.kind].get_rank
    return min((effective.role for effective in roles), key=get_rank, default="")


def _is_lower(context: Context, resource: Resource, after: str, before: str) -> bool:
    """Return whether a role is lower than the one before; no role, empty, is the
    lowest.
    """
    if not before:
        return False
    get_rank = context.roles[resource.kind].get_rank
    return not after or get_rank(before) < get_rank(after)

"""What somebody would lose inside a thing by a lower role on it, and what of that they may keep (MEM-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collab import accessible_resources
from collab.command import Query
from collab.context import Context
from collab.model import EffectiveRole, Resource, Step
from collab.resources import list_descendants, resolve_resource
from collab.text import normalize_for_comparison


@dataclass(frozen=True, slots=True)
class RoleChangeImpact:
    """What would be lost inside, or held in a lower role, each with the role held now.

    What is `keepable` may be kept by who asks; what `goes` may not. What `stays` was given there and is kept anyway.
    """

    keepable: Sequence[tuple[Resource, str]] = ()
    goes: Sequence[tuple[Resource, str]] = ()
    stays: Sequence[tuple[Resource, str]] = ()


@dataclass(frozen=True, slots=True)
class PreviewRoleChange(Query[RoleChangeImpact]):
    """What would somebody lose inside a thing by that role on it? `who` is an id."""

    who: str
    role: str
    what: str

    def answer(self, context: Context) -> RoleChangeImpact:
        """Whatever follows from the role held now and not from the other one, for whoever may view the thing."""
        resource = resolve_resource(context, self.what)
        role = context.roles[resource.kind].find_role(self.role)
        given = (
            [Step(self.role, resource.id)] if role and not role.is_derived_only else []
        )
        now = accessible_resources.list_effective_roles_by_resource(context, self.who)
        then = accessible_resources.list_effective_roles_by_resource(
            context, self.who, frozenset({resource.id}), added_steps=given
        )
        seen, grants = (
            accessible_resources.list_viewable_resource_ids(context, context.actor.id),
            accessible_resources.list_assignable_roles_by_resource(
                context, context.actor.id
            ),
        )
        inside = [r for r in list_descendants(context, resource) if r.id in seen]
        lost = [
            (r, held) for r in inside if (held := _get_lost_role(context, r, now, then))
        ]
        return RoleChangeImpact(
            [(r, held) for r, held in lost if held in grants.get(r.id, ())],
            [(r, held) for r, held in lost if held not in grants.get(r.id, ())],
            list_direct_roles_inside(context, self.who, resource, context.actor.id)
            if lost
            else (),
        )


NO_IMPACT = RoleChangeImpact()


def list_direct_roles_inside(
    context: Context, person: str, resource: Resource, reader: str
) -> list[tuple[Resource, str]]:
    """Return what of all inside a resource somebody was given a role on, as far as the reader may view it (MEM-02).

    Ordered by name.
    """
    inside = {r.id: r for r in list_descendants(context, resource)}
    given = context.graph.get_memberships_by_resource(person, list(inside), context.at)
    seen = (
        accessible_resources.list_viewable_resource_ids(context, reader)
        if given
        else frozenset()
    )
    kept = [
        (r, given[r.id].role) for r in inside.values() if r.id in given and r.id in seen
    ]
    return sorted(
        kept, key=lambda each: (normalize_for_comparison(each[0].title), each[0].slug)
    )


def _get_lost_role(
    context: Context,
    resource: Resource,
    now: Mapping[str, list[EffectiveRole]],
    then: Mapping[str, list[EffectiveRole]],
) -> str:
    """The role that is the highest now and not then; nothing when it stays."""
    rank = context.roles[resource.kind].get_rank
    had = min((held.role for held in now.get(resource.id, ())), key=rank, default="")
    has = min((held.role for held in then.get(resource.id, ())), key=rank, default="")
    return had if had and (not has or rank(had) < rank(has)) else ""

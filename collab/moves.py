"""Moving: what stands in one thing stands in another one from now on, or in nothing (RES-03)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from collab import authorization
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    MemberJoined,
    MemberRoleChanged,
    PayerChanged,
    ResourceMoved,
)
from collab.memberships.holders import demote_holders
from collab.model import Membership, Resource
from collab.move_effects import (
    list_access_changes,
    list_code_losses,
    list_people_losing_access,
    list_unpaid_by_move,
)
from collab.resources import (
    check_capability,
    check_controlled,
    check_enabled,
    check_may_place,
    resolve_resource,
    revoke_unauthorized_by_change,
)


def _assign_founder_to_mover(
    context: Context, moved: Resource
) -> list[MemberJoined | MemberRoleChanged]:
    """Give the mover the founder's role where nobody else would hold it for good at the new place (MEM-08).

    It gives no more than the mover has by what the thing stands in until now.
    """
    kind, person = context.roles[moved.kind], context.actor.id
    role = kind.find_role(kind.founder_role)
    members = context.memberships.list_members(moved.id, context.at)
    lasting = [m for m in members if m.role == kind.founder_role and m.until is None]
    if (
        role is None
        or len(lasting) >= role.min_holders
        or authorization.is_role_supplied_by_parent(context, moved, role.name)
    ):
        return []
    now = next((m for m in members if m.person == person), None)
    taken: MemberJoined | MemberRoleChanged = MemberJoined(
        moved.id, person, role.name, None, None
    )
    if now:
        taken = MemberRoleChanged(
            moved.id, person, role.name, None, now.role, now.until, why="moved"
        )
    return [*demote_holders(context, moved, role.name, except_person_id=person), taken]


def _has_capability(context: Context, resource: Resource, capability: str) -> bool:
    return any(
        capability in role.capabilities for role in context.roles[resource.kind].roles
    )


@dataclass(frozen=True, slots=True)
class MoveResource(Command):
    """Let a resource stand in another one, or, without one, in nothing."""

    what: str
    to: str | None

    def decide(self, context: Context) -> list[Event]:
        """Moving needs delete (or, where the table knows it, migrate) on it, and create in both places (RES-03)."""
        resource = resolve_resource(context, self.what)
        leaves = (
            "migrate" if _has_capability(context, resource, "migrate") else "delete"
        )
        check_capability(context, resource, leaves)
        check_enabled(context, resource, leaves)
        before = (
            context.graph.get_resource(resource.parent) if resource.parent else None
        )
        parent = resolve_resource(context, self.to) if self.to else None
        for place in (before, parent):
            if place:
                check_may_place(context, resource.kind, place)
        moved = replace(resource, parent=parent.id if parent else None)
        if moved.parent == resource.parent:
            return []
        unpaid = list_unpaid_by_move(context, resource)
        payer = None if resource in unpaid else resource.payer
        check_controlled(context, resource, parent=moved.parent, payer=payer)
        lost = list_people_losing_access(
            context, list_access_changes(context, moved, unpaid)
        )
        changed = [
            replace(moved, payer=payer),
            *(replace(r, payer=None) for r in unpaid if r.id != resource.id),
        ]
        holding = _assign_founder_to_mover(context, moved)
        held = [
            Membership(moved.id, e.person, e.role, context.at, e.until) for e in holding
        ]
        losses = list_code_losses(context, resource, changed, held)
        rotate = tuple(dict.fromkeys(place for place, _ in losses))
        lost_code = tuple(f"{place} {person}" for place, person in losses)
        return [
            *(PayerChanged(r.id, None, r.payer) for r in unpaid),
            ResourceMoved(
                resource.id,
                moved.parent,
                resource.parent,
                lost,
                rotate=rotate,
                lost_code=lost_code,
            ),
            *holding,
            *revoke_unauthorized_by_change(context, *changed, added_memberships=held),
        ]

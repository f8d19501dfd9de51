"""Moving: what stands in one thing stands in another one from now on, or in nothing (RES-03)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collab import authorization
from collab.events import (
    Event,
    MemberJoined,
    MemberRoleChanged,
    PayerChanged,
    ResourceMoved,
)
from collab.memberships.commands import Membership, demote_holders
from collab.move_effects import (
    list_access_changes,
    list_code_losses,
    list_people_losing_access,
    list_unpaid_by_move,
)
from collab.resources import (
    MoveResource,
    Resource,
    check_capability,
    check_controlled,
    check_enabled,
    check_may_place,
    resolve_resource,
    revoke_unauthorized_by_change,
)

if TYPE_CHECKING:
    from collab.context import Context


def move_resource(act: MoveResource, case: Context) -> list[Event]:
    """Moving needs delete (or, where the table knows it, migrate) on it, and create in both places (RES-03)."""
    resource = resolve_resource(case, act.what)
    leaves = "migrate" if _has_capability(case, resource, "migrate") else "delete"
    check_capability(case, resource, leaves)
    check_enabled(case, resource, leaves)
    before = (
        case.repositories.get_resource(resource.parent) if resource.parent else None
    )
    parent = resolve_resource(case, act.to) if act.to else None
    for place in (before, parent):
        if place:
            check_may_place(case, resource.kind, place)
    moved = replace(resource, parent=parent.id if parent else None)
    if moved.parent == resource.parent:
        return []
    unpaid = list_unpaid_by_move(case, resource)
    payer = None if resource in unpaid else resource.payer
    check_controlled(case, resource, parent=moved.parent, payer=payer)
    lost = list_people_losing_access(case, list_access_changes(case, moved, unpaid))
    changed = [
        replace(moved, payer=payer),
        *(replace(r, payer=None) for r in unpaid if r.id != resource.id),
    ]
    holding = _assign_founder_to_mover(case, moved)
    held = [Membership(moved.id, e.person, e.role, case.at, e.until) for e in holding]
    losses = list_code_losses(case, resource, changed, held)
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
        *revoke_unauthorized_by_change(case, *changed, added_memberships=held),
    ]


def _assign_founder_to_mover(
    case: Context, moved: Resource
) -> list[MemberJoined | MemberRoleChanged]:
    """Give the mover the founder's role where nobody else would hold it for good at the new place (MEM-08).

    It gives no more than the mover has by what the thing stands in until now.
    """
    kind, person = case.roles[moved.kind], case.actor.id
    role = kind.find_role(kind.founder_role)
    members = case.repositories.list_members(moved.id, case.at)
    lasting = [m for m in members if m.role == kind.founder_role and m.until is None]
    if (
        role is None
        or len(lasting) >= role.min_holders
        or authorization.is_role_supplied_by_parent(case, moved, role.name)
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
    return [*demote_holders(case, moved, role.name, except_person_id=person), taken]


def _has_capability(case: Context, resource: Resource, capability: str) -> bool:
    return any(
        capability in role.capabilities for role in case.roles[resource.kind].roles
    )

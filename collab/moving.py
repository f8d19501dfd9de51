"""Moving: what stands in one thing stands in another one from now on, or in nothing (RES-03)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collab import access
from collab.events import Event, MemberJoined, MemberRoleChanged, PayerChanged, ResourceMoved
from collab.membership import Membership, demoted_holders
from collab.move_effects import access_changes, code_losses, losers, unpaid_by_move
from collab.resources import (
    Move,
    Resource,
    check_able,
    check_controlled,
    check_enabled,
    check_place,
    find,
    unupheld_by,
)

if TYPE_CHECKING:
    from collab.case import Case


def move(act: Move, case: Case) -> list[Event]:
    """Moving needs delete (or, where the table knows it, migrate) on it, and create in both places (RES-03)."""
    resource = find(case, act.what)
    leaves = "migrate" if _knows(case, resource, "migrate") else "delete"
    check_able(case, resource, leaves)
    check_enabled(case, resource, leaves)
    before = case.facts.resource(resource.parent) if resource.parent else None
    parent = find(case, act.to) if act.to else None
    for place in (before, parent):
        if place:
            check_place(case, resource.kind, place)
    moved = replace(resource, parent=parent.id if parent else None)
    if moved.parent == resource.parent:
        return []
    unpaid = unpaid_by_move(case, resource)
    payer = None if resource in unpaid else resource.payer
    check_controlled(case, resource, parent=moved.parent, payer=payer)
    lost = losers(case, access_changes(case, moved, unpaid))
    changed = [replace(moved, payer=payer), *(replace(r, payer=None) for r in unpaid if r.id != resource.id)]
    holding = _take_over(case, moved)
    held = [Membership(moved.id, e.person, e.role, case.at, e.until) for e in holding]
    losses = code_losses(case, resource, changed, held)
    rotate = tuple(dict.fromkeys(place for place, _ in losses))
    lost_code = tuple(f"{place} {person}" for place, person in losses)
    return [
        *(PayerChanged(r.id, None, r.payer) for r in unpaid),
        ResourceMoved(resource.id, moved.parent, resource.parent, lost, rotate=rotate, lost_code=lost_code),
        *holding,
        *unupheld_by(case, *changed, held=held),
    ]


def _take_over(case: Case, moved: Resource) -> list[MemberJoined | MemberRoleChanged]:
    """Give the mover the founder's role where nobody else would hold it for good at the new place (MEM-08).

    It gives no more than the mover has by what the thing stands in until now.
    """
    kind, person = case.kinds[moved.kind], case.actor.id
    role = kind.role(kind.founder)
    members = case.facts.members(moved.id, case.at)
    lasting = [m for m in members if m.role == kind.founder and m.until is None]
    if role is None or len(lasting) >= role.at_least or access.supplied(case, moved, role.name):
        return []
    now = next((m for m in members if m.person == person), None)
    taken: MemberJoined | MemberRoleChanged = MemberJoined(moved.id, person, role.name, None, None)
    if now:
        taken = MemberRoleChanged(moved.id, person, role.name, None, now.role, now.until, why="moved")
    return [*demoted_holders(case, moved, role.name, but=person), taken]


def _knows(case: Case, resource: Resource, capability: str) -> bool:
    return any(capability in role.can for role in case.kinds[resource.kind].roles)

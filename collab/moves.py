"""Moves of resources into another container, or out of theirs (RES-03)."""

from __future__ import annotations

from collections.abc import Sequence
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
from collab.resource_lookup import check_capability, check_enabled, resolve_resource
from collab.resource_rules import (
    check_controlled,
    check_may_place,
    revoke_unauthorized_by_change,
)


@dataclass(frozen=True, slots=True)
class MoveResource(Command):
    """Move a resource into the container `to`, or out of its own for None."""

    what: str
    to: str | None

    def decide(self, context: Context) -> list[Event]:
        """Require the right to leave, and `create` in both containers (RES-03).

        The right to leave is `migrate` where the role model has it, else `delete`.
        """
        resource = resolve_resource(context, self.what)
        parent = self._check_move(context, resource)
        moved = replace(resource, parent=parent.id if parent else None)
        if moved.parent == resource.parent:
            return []
        unpaid = list_unpaid_by_move(context, resource)
        after = replace(moved, payer=None) if resource in unpaid else moved
        check_controlled(context, resource, after)
        access_changes = list_access_changes(context, moved, unpaid)
        changed = [
            after,
            *(replace(each, payer=None) for each in unpaid if each.id != resource.id),
        ]
        founder_events = _assign_founder_to_mover(context, moved)
        added = [
            Membership(moved.id, event.person, event.role, context.at, event.until)
            for event in founder_events
        ]
        code_losses = list_code_losses(context, resource, changed, added)
        return [
            *(PayerChanged(each.id, None, each.payer) for each in unpaid),
            ResourceMoved(
                resource.id,
                moved.parent,
                resource.parent,
                list_people_losing_access(context, access_changes),
                rotate=tuple(dict.fromkeys(lost_id for lost_id, _ in code_losses)),
                lost_code=tuple(
                    f"{lost_id} {person_id}" for lost_id, person_id in code_losses
                ),
            ),
            *founder_events,
            *revoke_unauthorized_by_change(context, *changed, added_memberships=added),
        ]

    def _check_move(self, context: Context, resource: Resource) -> Resource | None:
        """Check the rights to the move; return the new container."""
        capability = "delete"
        if context.roles[resource.kind].list_roles_with_capability("migrate"):
            capability = "migrate"
        check_capability(context, resource, capability)
        check_enabled(context, resource, capability)
        old = context.graph.get_resource(resource.parent) if resource.parent else None
        new = resolve_resource(context, self.to) if self.to else None
        for container in (old, new):
            if container:
                check_may_place(context, resource.kind, container)
        return new


def _assign_founder_to_mover(
    context: Context, moved: Resource
) -> Sequence[MemberJoined | MemberRoleChanged]:
    """Give the mover the founder's role if nobody else would have it for good (MEM-08).

    It gives no more than the mover has by the container until now.
    """
    kind = context.roles[moved.kind]
    role = kind.find_role(kind.founder_role)
    if role is None or authorization.is_role_supplied_by_parent(
        context, moved, role.name
    ):
        return []
    members = context.memberships.list_members(moved.id, context.at)
    holders = [each for each in members if each.role == role.name]
    if sum(each.until is None for each in holders) >= role.min_holders:
        return []
    mover_id = context.actor.id
    current = next((each for each in members if each.person == mover_id), None)
    demoted = demote_holders(context, moved, role.name, except_person_id=mover_id)
    if current is None:
        return [*demoted, MemberJoined(moved.id, mover_id, role.name, None, None)]
    changed = MemberRoleChanged(
        moved.id, mover_id, role.name, None, current.role, current.until, why="moved"
    )
    return [*demoted, changed]

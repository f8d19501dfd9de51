"""What a move changes besides the container: access, and what is paid for (RES-03)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collab import authorization
from collab.context import Context
from collab.model import Membership, PersonId, Resource, ResourceId
from collab.what_if import hypothetical_context


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A person's highest role on a resource before and after; None for no role."""

    person: PersonId
    resource: Resource
    before: str | None
    after: str | None


def list_unpaid_by_move(context: Context, resource: Resource) -> list[Resource]:
    """Return the moved resources whose payment method the actor has no `pay` on."""
    moving = (resource, *context.resources.list_descendants(resource.id))
    usable_ids: dict[ResourceId, bool] = {}
    unpaid: list[Resource] = []
    for each in moving:
        if not each.payer:
            continue
        if each.payer not in usable_ids:
            usable_ids[each.payer] = _may_pay_with(context, each.payer)
        if not usable_ids[each.payer]:
            unpaid.append(each)
    return unpaid


def _may_pay_with(context: Context, payment_method_id: ResourceId) -> bool:
    method = context.graph.get_resource(payment_method_id)
    if method is None:
        return False
    return authorization.check(context, context.actor.id, "pay", method)


def list_access_changes(
    context: Context, moved: Resource, unpaid: Sequence[Resource]
) -> list[AccessChange]:
    """Return whose highest role changes on what moves and on what is unpaid then."""
    changed = {each.id: replace(each, payer=None) for each in unpaid}
    changed[moved.id] = replace(moved, payer=None) if moved.id in changed else moved
    later = hypothetical_context(context, resources=changed.values())
    changes: list[AccessChange] = []
    for resource_id, after in changed.items():
        before = context.graph.get_resource(resource_id)
        if before:
            changes += _compare_roles(
                before,
                _get_highest_roles(context, before),
                _get_highest_roles(later, after),
            )
    return changes


def list_people_losing_access(
    context: Context, changes: Iterable[AccessChange]
) -> tuple[PersonId, ...]:
    """Return the ids of people who have a lower role than before, or none."""
    losses = [change for change in changes if is_loss(context, change)]
    return tuple(dict.fromkeys(change.person for change in losses))


def is_loss(context: Context, change: AccessChange) -> bool:
    """Return whether a person has a lower role than before, or none."""
    if change.before is None:
        return False
    if change.after is None:
        return True
    ranks = context.roles[change.resource.kind].ranks
    return ranks[change.after] > ranks[change.before]


def list_code_losses(
    context: Context,
    moved: Resource,
    changed: Sequence[Resource],
    added: Sequence[Membership],
) -> list[tuple[ResourceId, PersonId]]:
    """Return (resource id, person id) where a move ends the capability `code` (MEM-07).

    `changed` are the resources after the move, `added` the new memberships.
    """
    later = hypothetical_context(context, resources=changed, added_memberships=added)
    losses: list[tuple[ResourceId, PersonId]] = []
    for before in (moved, *context.resources.list_descendants(moved.id)):
        after = later.graph.get_resource(before.id) or before
        remaining_ids = set(_list_people_with_code(later, after))
        # Lists of all people are read from storage: they do not have what is added.
        for member in added:
            remaining_ids.discard(member.person)
            if authorization.check(later, member.person, "code", after):
                remaining_ids.add(member.person)
        losses += [
            (before.id, person_id)
            for person_id in _list_people_with_code(context, before)
            if person_id not in remaining_ids
        ]
    return losses


def _list_people_with_code(context: Context, resource: Resource) -> list[PersonId]:
    """Return the ids of everybody whose role gives `code`, even if it is disabled."""
    names = context.roles[resource.kind].list_roles_with_capability("code")
    if not names:
        return []
    roles = authorization.list_users_with(context, resource)
    return list(dict.fromkeys(role.person for role in roles if role.role in names))


def _get_highest_roles(context: Context, resource: Resource) -> dict[PersonId, str]:
    """Return everybody's highest role on a resource, by person id."""
    highest: dict[PersonId, str] = {}
    for role in authorization.list_users_with(context, resource):  # the highest first
        highest.setdefault(role.person, role.role)
    return highest


def _compare_roles(
    resource: Resource, before: Mapping[PersonId, str], after: Mapping[PersonId, str]
) -> list[AccessChange]:
    changes: list[AccessChange] = []
    for person_id in dict.fromkeys([*before, *after]):
        role_before, role_after = before.get(person_id), after.get(person_id)
        if role_before != role_after:
            changes.append(AccessChange(person_id, resource, role_before, role_after))
    return changes

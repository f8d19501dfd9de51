"""What a move changes beside the place: who gains and who loses access, and what is no longer paid for (RES-03)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from collab import authorization
from collab.context import Context
from collab.model import Membership, Resource
from collab.what_if import hypothetical_context


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A person's highest role on a resource before and after; nothing where they hold none."""

    person: str
    resource: Resource
    before: str | None
    after: str | None


def list_unpaid_by_move(context: Context, resource: Resource) -> list[Resource]:
    """Return what stops being paid for: whatever moves, and whose payment method the actor has no `pay` on."""
    moving = (resource, *context.resources.list_descendants(resource.id))
    methods = {r.payer: context.graph.get_resource(r.payer) for r in moving if r.payer}
    kept = {
        place
        for place, method in methods.items()
        if method and authorization.check(context, context.actor.id, "pay", method)
    }
    return [r for r in moving if r.payer and r.payer not in kept]


def list_access_changes(
    context: Context, moved: Resource, unpaid: Sequence[Resource]
) -> list[AccessChange]:
    """Compare everybody's highest role on what moves, and on what is no longer paid for, before and after."""
    without_payer = {r.id: replace(r, payer=None) for r in unpaid}
    changed = {
        **without_payer,
        moved.id: replace(moved, payer=None) if moved.id in without_payer else moved,
    }
    later = hypothetical_context(context, resources=changed.values())
    found: list[AccessChange] = []
    for place, after in changed.items():
        now = context.graph.get_resource(place)
        if now:
            found += _compare_roles(
                now, _get_highest_roles(context, now), _get_highest_roles(later, after)
            )
    return found


def list_people_losing_access(
    context: Context, changes: Iterable[AccessChange]
) -> tuple[str, ...]:
    """Return the people who hold a lower role than before, or none."""
    return tuple(dict.fromkeys(c.person for c in changes if is_loss(context, c)))


def is_loss(context: Context, change: AccessChange) -> bool:
    """Return whether somebody holds a lower role than before, or none."""
    rank = context.roles[change.resource.kind].get_rank
    return change.before is not None and (
        change.after is None or rank(change.after) > rank(change.before)
    )


def list_code_losses(
    context: Context,
    moved: Resource,
    changed: Sequence[Resource],
    held: Sequence[Membership],
) -> list[tuple[str, str]]:
    """Return each moved thing with each person who can no longer work with its code (MEM-07).

    The resources in `changed` and the memberships in `held` are as they will be after the move.
    """
    later = hypothetical_context(context, resources=changed, added_memberships=held)
    found: list[tuple[str, str]] = []
    for now in (moved, *context.resources.list_descendants(moved.id)):
        after = later.graph.get_resource(now.id) or now
        still = dict.fromkeys(_list_people_with_code(later, after))
        for member in held:
            still.pop(member.person, None)
            if authorization.check(later, member.person, "code", after):
                still[member.person] = None
        found += [
            (now.id, person)
            for person in _list_people_with_code(context, now)
            if person not in still
        ]
    return found


def _list_people_with_code(context: Context, resource: Resource) -> list[str]:
    """Return everybody whose role on a resource lets them work with its code; it may be disabled."""
    roles = {
        role.name
        for role in context.roles[resource.kind].roles
        if "code" in role.capabilities
    }
    return (
        list(
            dict.fromkeys(
                h.person
                for h in authorization.list_users_with(context, resource)
                if h.role in roles
            )
        )
        if roles
        else []
    )


def _get_highest_roles(context: Context, resource: Resource) -> dict[str, str]:
    """Everybody's highest role on a resource."""
    found: dict[str, str] = {}
    for held in authorization.list_users_with(
        context, resource
    ):  # the highest role first, and a direct one first of all
        found.setdefault(held.person, held.role)
    return found


def _compare_roles(
    resource: Resource, before: dict[str, str], after: dict[str, str]
) -> list[AccessChange]:
    people = dict.fromkeys([*before, *after])
    compared = (
        AccessChange(person, resource, before.get(person), after.get(person))
        for person in people
    )
    return [change for change in compared if change.before != change.after]

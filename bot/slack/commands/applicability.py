"""For which things a verb is offered, by what the table says of their kind and of the reader's role.

An offer is no right: the core decides when it is taken up, and says why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.slack.commands.catalog import VERB_BY_NAME, Slot
from collab.access_queries import ResourceDetail
from collab.roles import ResourceType, RoleModel

AcceptsType = Callable[[RoleModel, ResourceType], bool]
RESOURCE_SLOTS = frozenset(
    {
        Slot.RESOURCE,
        Slot.RESOURCES,
        Slot.OTHER_RESOURCE,
        Slot.TEAM,
        Slot.RESOURCES_TO_KEEP,
    }
)


@dataclass(frozen=True, slots=True)
class Applicability:
    """What may stand in a slot, and what the reader must be able to do with it for the verb to be offered there.

    `can` is a capability, or what the table lets a role do with others: grants, removes.
    """

    accepts: AcceptsType
    capabilities: tuple[str, ...] = ()


def _accepts_any(_kinds: RoleModel, _kind: ResourceType) -> bool:
    return True


def _has_capability(capability: str) -> AcceptsType:
    """Kinds on which some role lets one do that."""
    return lambda _kinds, kind: any(
        capability in role.capabilities for role in kind.roles
    )


def _is_contained(_kinds: RoleModel, kind: ResourceType) -> bool:
    return bool(kind.container_types)


def _is_container(roles: RoleModel, kind: ResourceType) -> bool:
    return roles.can_have_contents(kind.name)


def _accepts_migration(roles: RoleModel, kind: ResourceType) -> bool:
    """Whether what can go from one place to another can stand in it."""
    moves = _has_capability("migrate")
    return any(
        moves(roles, roles[name]) and kind.name in roles[name].container_types
        for name in roles
    )


def _is_paid(_kinds: RoleModel, kind: ResourceType) -> bool:
    return kind.is_paid


def _is_payment_method(_kinds: RoleModel, kind: ResourceType) -> bool:
    return kind.is_payment_method


def _has_plans(_kinds: RoleModel, kind: ResourceType) -> bool:
    return kind.has_plans


def _is_group(_kinds: RoleModel, kind: ResourceType) -> bool:
    return kind.is_group


def _is_shared(roles: RoleModel, kind: ResourceType) -> bool:
    return roles.accepts_groups(kind.name)


def _is_assigned(roles: RoleModel, kind: ResourceType) -> bool:
    return roles.has_relation("assigned", kind.name)


def _is_transferable(_kinds: RoleModel, kind: ResourceType) -> bool:
    return bool(kind.stays_as)


APPLICABILITY: Mapping[tuple[str, Slot], Applicability] = {
    ("invite", Slot.RESOURCES): Applicability(_accepts_any, ("grants",)),
    ("members", Slot.RESOURCE): Applicability(_accepts_any),
    ("role", Slot.RESOURCE): Applicability(_accepts_any, ("grants", "removes")),
    ("role", Slot.RESOURCES_TO_KEEP): Applicability(_is_paid),
    ("remove", Slot.RESOURCE): Applicability(_accepts_any, ("removes",)),
    ("extend", Slot.RESOURCE): Applicability(_accepts_any, ("grants",)),
    ("revoke", Slot.RESOURCE): Applicability(_accepts_any, ("grants",)),
    ("resend", Slot.RESOURCE): Applicability(_accepts_any, ("grants",)),
    ("successor", Slot.RESOURCE): Applicability(_accepts_any, ("grants",)),
    ("request", Slot.RESOURCE): Applicability(_accepts_any),
    ("withdraw", Slot.RESOURCE): Applicability(_accepts_any),
    ("leave", Slot.RESOURCE): Applicability(_accepts_any),
    ("create", Slot.OTHER_RESOURCE): Applicability(_is_container, ("create",)),
    ("rename", Slot.RESOURCE): Applicability(_accepts_any, ("edit",)),
    ("describe", Slot.RESOURCE): Applicability(_accepts_any, ("edit",)),
    ("move", Slot.RESOURCE): Applicability(_is_contained, ("delete", "migrate")),
    ("move", Slot.OTHER_RESOURCE): Applicability(_is_container, ("create",)),
    ("migrate", Slot.RESOURCE): Applicability(_has_capability("migrate"), ("migrate",)),
    ("migrate", Slot.OTHER_RESOURCE): Applicability(_accepts_migration, ("create",)),
    ("disable", Slot.RESOURCE): Applicability(_has_capability("disable"), ("disable",)),
    ("enable", Slot.RESOURCE): Applicability(_has_capability("disable"), ("disable",)),
    ("delete", Slot.RESOURCE): Applicability(_accepts_any, ("delete",)),
    ("share", Slot.RESOURCE): Applicability(_is_shared, ("grants",)),
    ("share", Slot.TEAM): Applicability(_is_group),
    ("unshare", Slot.RESOURCE): Applicability(_is_shared, ("grants",)),
    ("unshare", Slot.TEAM): Applicability(_is_group),
    ("assign", Slot.RESOURCE): Applicability(_is_assigned, ("grants",)),
    ("assign", Slot.TEAM): Applicability(_is_group, ("edit",)),
    ("unassign", Slot.RESOURCE): Applicability(_is_assigned, ("grants",)),
    ("unassign", Slot.TEAM): Applicability(_is_group, ("edit",)),
    ("transfer", Slot.RESOURCES): Applicability(_is_transferable, ("delete",)),
    ("pay", Slot.RESOURCE): Applicability(_is_paid, ("delete",)),
    ("pay", Slot.OTHER_RESOURCE): Applicability(_is_payment_method, ("pay",)),
    ("billing", Slot.RESOURCE): Applicability(_is_payment_method, ("invoices",)),
    ("invoices", Slot.RESOURCE): Applicability(_is_payment_method, ("invoices",)),
    ("plan", Slot.RESOURCE): Applicability(_has_plans),
    ("who", Slot.RESOURCE): Applicability(_accepts_any),
    ("why", Slot.RESOURCE): Applicability(_accepts_any),
    ("events", Slot.RESOURCE): Applicability(_accepts_any),
    ("keys", Slot.RESOURCE): Applicability(_has_capability("code"), ("code",)),
    ("link", Slot.RESOURCE): Applicability(_accepts_any, ("edit",)),
    ("unlink", Slot.RESOURCE): Applicability(_accepts_any, ("edit",)),
}
ANY_RESOURCE = Applicability(_accepts_any)


def resource_types_for(verb: str, slot: Slot, roles: RoleModel) -> tuple[str, ...]:
    """The kinds of what may stand in a slot of a verb."""
    takes = APPLICABILITY.get((verb, slot), ANY_RESOURCE).accepts
    return tuple(name for name in roles if takes(roles, roles[name]))


def offered_verbs(found: ResourceDetail, roles: RoleModel) -> dict[str, Slot]:
    """The verbs that are offered for a thing, each with the slot that it stands in."""
    kind = roles[found.resource.kind]
    role = kind.find_role(found.role)
    able = {
        *found.can,
        *(what for what in ("grants", "removes") if role and getattr(role, what)),
    }
    pointless = {"disable" if found.resource.disabled else "enable"}
    pointless |= {"request"} if found.role == kind.highest_role else set()
    pointless |= set() if found.direct else {"leave"}
    open_: dict[str, Slot] = {}
    for (verb, slot), fit in APPLICABILITY.items():
        fits = (
            slot is not Slot.RESOURCES_TO_KEEP
            and fit.accepts(roles, kind)
            and (not fit.capabilities or able.intersection(fit.capabilities))
        )
        if fits and verb not in pointless:
            open_.setdefault(verb, slot)
    return open_


def resource_slots_of(verb: str) -> tuple[Slot, ...]:
    """The slots of a verb that hold things; a plan is none."""
    row = VERB_BY_NAME[verb]
    return tuple(
        s
        for s in (*row.required_slots, *row.optional_slots)
        if s in RESOURCE_SLOTS and (verb, s) != ("plan", Slot.OTHER_RESOURCE)
    )

"""For which things a verb is offered, by what the table says of their kind and of the reader's role.

An offer is no right: the core decides when it is taken up, and says why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.verbs import VERBS, Slot
from collab.explain import Detail
from collab.kinds import Kind, Table

Takes = Callable[[Table, Kind], bool]
THINGS = frozenset({Slot.WHAT, Slot.WHATS, Slot.THERE, Slot.TEAM, Slot.KEEP})


@dataclass(frozen=True, slots=True)
class Fit:
    """What may stand in a slot, and what the reader must be able to do with it for the verb to be offered there.

    `can` is a capability, or what the table lets a role do with others: grants, removes.
    """

    takes: Takes
    can: tuple[str, ...] = ()


def _any(_kinds: Table, _kind: Kind) -> bool:
    return True


def _with(capability: str) -> Takes:
    """Kinds on which some role lets one do that."""
    return lambda _kinds, kind: any(capability in role.can for role in kind.roles)


def _stands(_kinds: Table, kind: Kind) -> bool:
    return bool(kind.stands_in)


def _has_room(kinds: Table, kind: Kind) -> bool:
    return kinds.has_room(kind.name)


def _has_migrants(kinds: Table, kind: Kind) -> bool:
    """Whether what can go from one place to another can stand in it."""
    moves = _with("migrate")
    return any(moves(kinds, kinds[name]) and kind.name in kinds[name].stands_in for name in kinds)


def _is_paid(_kinds: Table, kind: Kind) -> bool:
    return kind.is_paid


def _pays(_kinds: Table, kind: Kind) -> bool:
    return kind.pays


def _has_plans(_kinds: Table, kind: Kind) -> bool:
    return kind.has_plans


def _is_group(_kinds: Table, kind: Kind) -> bool:
    return kind.is_group


def _is_shared(kinds: Table, kind: Kind) -> bool:
    return kinds.takes_groups(kind.name)


def _is_assigned(kinds: Table, kind: Kind) -> bool:
    return kinds.has_tie("assigned", kind.name)


def _is_handed_over(_kinds: Table, kind: Kind) -> bool:
    return bool(kind.stays_as)


FITS: Mapping[tuple[str, Slot], Fit] = {
    ("invite", Slot.WHATS): Fit(_any, ("grants",)),
    ("members", Slot.WHAT): Fit(_any),
    ("role", Slot.WHAT): Fit(_any, ("grants", "removes")),
    ("role", Slot.KEEP): Fit(_is_paid),
    ("remove", Slot.WHAT): Fit(_any, ("removes",)),
    ("extend", Slot.WHAT): Fit(_any, ("grants",)),
    ("revoke", Slot.WHAT): Fit(_any, ("grants",)),
    ("resend", Slot.WHAT): Fit(_any, ("grants",)),
    ("successor", Slot.WHAT): Fit(_any, ("grants",)),
    ("request", Slot.WHAT): Fit(_any),
    ("withdraw", Slot.WHAT): Fit(_any),
    ("leave", Slot.WHAT): Fit(_any),
    ("create", Slot.THERE): Fit(_has_room, ("create",)),
    ("rename", Slot.WHAT): Fit(_any, ("edit",)),
    ("describe", Slot.WHAT): Fit(_any, ("edit",)),
    ("move", Slot.WHAT): Fit(_stands, ("delete", "migrate")),
    ("move", Slot.THERE): Fit(_has_room, ("create",)),
    ("migrate", Slot.WHAT): Fit(_with("migrate"), ("migrate",)),
    ("migrate", Slot.THERE): Fit(_has_migrants, ("create",)),
    ("disable", Slot.WHAT): Fit(_with("disable"), ("disable",)),
    ("enable", Slot.WHAT): Fit(_with("disable"), ("disable",)),
    ("delete", Slot.WHAT): Fit(_any, ("delete",)),
    ("share", Slot.WHAT): Fit(_is_shared, ("grants",)),
    ("share", Slot.TEAM): Fit(_is_group),
    ("unshare", Slot.WHAT): Fit(_is_shared, ("grants",)),
    ("unshare", Slot.TEAM): Fit(_is_group),
    ("assign", Slot.WHAT): Fit(_is_assigned, ("grants",)),
    ("assign", Slot.TEAM): Fit(_is_group, ("edit",)),
    ("unassign", Slot.WHAT): Fit(_is_assigned, ("grants",)),
    ("unassign", Slot.TEAM): Fit(_is_group, ("edit",)),
    ("transfer", Slot.WHATS): Fit(_is_handed_over, ("delete",)),
    ("pay", Slot.WHAT): Fit(_is_paid, ("delete",)),
    ("pay", Slot.THERE): Fit(_pays, ("pay",)),
    ("billing", Slot.WHAT): Fit(_pays, ("invoices",)),
    ("invoices", Slot.WHAT): Fit(_pays, ("invoices",)),
    ("plan", Slot.WHAT): Fit(_has_plans),
    ("who", Slot.WHAT): Fit(_any),
    ("why", Slot.WHAT): Fit(_any),
    ("events", Slot.WHAT): Fit(_any),
    ("keys", Slot.WHAT): Fit(_with("code"), ("code",)),
    ("link", Slot.WHAT): Fit(_any, ("edit",)),
    ("unlink", Slot.WHAT): Fit(_any, ("edit",)),
}
ANYTHING = Fit(_any)


def kinds_for(verb: str, slot: Slot, kinds: Table) -> tuple[str, ...]:
    """The kinds of what may stand in a slot of a verb."""
    takes = FITS.get((verb, slot), ANYTHING).takes
    return tuple(name for name in kinds if takes(kinds, kinds[name]))


def offered(found: Detail, kinds: Table) -> dict[str, Slot]:
    """The verbs that are offered for a thing, each with the slot that it stands in."""
    kind = kinds[found.resource.kind]
    role = kind.role(found.role)
    able = {*found.can, *(what for what in ("grants", "removes") if role and getattr(role, what))}
    pointless = {"disable" if found.resource.disabled else "enable"}
    pointless |= {"request"} if found.role == kind.highest else set()
    pointless |= set() if found.direct else {"leave"}
    open_: dict[str, Slot] = {}
    for (verb, slot), fit in FITS.items():
        fits = slot is not Slot.KEEP and fit.takes(kinds, kind) and (not fit.can or able.intersection(fit.can))
        if fits and verb not in pointless:
            open_.setdefault(verb, slot)
    return open_


def things_of(verb: str) -> tuple[Slot, ...]:
    """The slots of a verb that hold things; a plan is none."""
    row = VERBS[verb]
    return tuple(s for s in (*row.needs, *row.may) if s in THINGS and (verb, s) != ("plan", Slot.THERE))

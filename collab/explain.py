"""Questions about access: why somebody can, who can, what I hold, and what a thing is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.kinds import CAPABILITIES
from collab.people import NOBODY, Account, Address, Caller, Person, recognise
from collab.record import EventLine, recent
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.access import Held
    from collab.case import Case

PAGE = 20
RECENT = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One step of a path: a role on a resource."""

    role: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class Path:
    """How a person holds a role: from a membership, step by step, to the resource in question."""

    person: Person
    steps: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person has a capability on a resource: every path; none when they have it not."""

    person: Person
    resource: Resource
    capability: str
    paths: Sequence[Path]
    disabled: bool


@dataclass(frozen=True, slots=True)
class Able:
    """Everybody who has a capability on a resource, each with their first path; a page of them."""

    resource: Resource
    capability: str
    paths: Sequence[Path]
    total: int
    next_page: int | None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Belonging:
    """A resource with the highest role that the asker holds on it."""

    resource: Resource
    role: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Belongings:
    """What the asker holds, a page of it."""

    belongings: Sequence[Belonging]
    total: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One resource: where it stands, what pays for it, how many are in, what stands in it, and its last events.

    `role` is the asker's highest, `direct` when it was given there; `disabled` too when what it stands in is.
    `shared` is what a team has a role on, as far as the asker may view it, with that role.
    It `lacks_payment` where the asker could create a payment method in it and there is none (BIL-11).
    """

    resource: Resource
    parent: Resource | None
    payer: Resource | None
    members: int
    inside: Sequence[Resource]
    role: str
    can: tuple[str, ...]
    lines: Sequence[EventLine]
    direct: bool = True
    disabled: bool = False
    lacks_payment: bool = False
    shared: Sequence[tuple[Resource, str]] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Why can somebody do that, or why not?"""

    by: Caller
    who: Account | Address
    what: str
    capability: str


@dataclass(frozen=True, slots=True)
class Who:
    """Who can do that?"""

    by: Caller
    what: str
    capability: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Mine:
    """What do I hold?"""

    by: Caller
    page: int = 0


@dataclass(frozen=True, slots=True)
class Show:
    """What is it?"""

    by: Caller
    what: str


def why(ask: Why, case: Case) -> Explanation:
    """Every path by which somebody can, for whoever may view the resource (ROL-02)."""
    resource, capability = find(case, ask.what), _known(ask.capability)
    person, _ = recognise(case, ask.who)
    paths = _paths(case, list(access.ways(case, person.id, capability, resource)))
    return Explanation(person, resource, capability, paths, access.disabled(case, resource))


def who(ask: Who, case: Case) -> Able:
    """Everybody who can, each with a path, for whoever may view the resource (ROL-02)."""
    resource, capability = find(case, ask.what), _known(ask.capability)
    kind = case.kinds[resource.kind]
    disabled = access.disabled(case, resource)
    closed = disabled and capability not in access.STILL_WHEN_DISABLED
    able = {role.name for role in kind.roles if capability in role.can and not closed}
    first: dict[str, Held] = {}
    for held in access.everybody(case, resource):
        if held.role in able:
            first.setdefault(held.person, held)
    start = ask.page * PAGE
    shown = _paths(case, list(first.values())[start : start + PAGE])
    more = ask.page + 1 if len(first) > start + PAGE else None
    return Able(resource, capability, shown, len(first), more, disabled)


def mine(ask: Mine, case: Case) -> Belongings:
    """What the asker holds, what stands in others after them."""
    held = access.holdings(case, case.actor.id)
    seen = access.visible(case, case.actor.id, held)
    start = ask.page * PAGE
    shown = [_belonging(case, resource, held[resource.id]) for resource in seen[start : start + PAGE]]
    return Belongings(shown, len(seen), ask.page + 1 if len(seen) > start + PAGE else None)


def show(ask: Show, case: Case) -> Detail:
    """One resource, for whoever may view it."""
    # Asked first, what they reach also says what the name means to them.
    facts, holding = case.facts, access.holdings(case, case.actor.id)
    resource = find(case, ask.what)
    seen, held = access.viewable(case, case.actor.id, holding), holding[resource.id]
    can = access.abilities_by(case, resource, held)
    parent = facts.resource(resource.parent) if resource.parent else None
    payer = facts.resource(resource.payer) if resource.payer else None
    reached = access.reach_of(case, case.actor.id).resources
    inside = [r for place in seen if (r := reached[place]).parent == resource.id and not r.gone]
    mine = _belonging(case, resource, held)
    return Detail(
        resource,
        parent if parent and parent.id in seen else None,
        access.as_known(case, payer) if payer else None,
        access.count_people(case, resource),
        sorted(inside, key=lambda r: (r.title.casefold(), r.id)),
        mine.role,
        tuple(c for c in CAPABILITIES if c in can),
        recent(case, resource, seen, RECENT),
        mine.direct,
        access.disabled(case, resource),
        _lacks_payment(case, resource, can),
        _shared_with(case, resource, seen),
    )


def _shared_with(case: Case, team: Resource, seen: Collection[str]) -> list[tuple[Resource, str]]:
    """Return what is shared with a team and the asker may view, by name, with the team's role."""
    reach = access.reach_of(case, case.actor.id)
    living = [r for place in seen if not (r := reach.resources[place]).gone]
    found = [(r, share.role) for r in living for share in reach.shares(r.id) if share.team == team.id]
    return sorted(found, key=lambda one: (one[0].title.casefold(), one[0].id))


def _lacks_payment(case: Case, resource: Resource, can: Collection[str]) -> bool:
    """Whether the asker takes care of the billing of something in which a payment method could stand, and none does."""
    paying = {name for name in case.kinds if case.kinds[name].pays and resource.kind in case.kinds[name].stands_in}
    if "pay" not in can or not paying:
        return False
    return not any(r.kind in paying and not r.retired for r in case.facts.everything_inside(resource.id))


def _belonging(case: Case, resource: Resource, held: Sequence[Held]) -> Belonging:
    rank = case.kinds[resource.kind].rank
    best = min(held, key=lambda h: (rank(h.role), not h.direct))
    return Belonging(resource, best.role, best.direct)


def _known(capability: str) -> str:
    if capability not in CAPABILITIES:
        raise refusals.UnknownCapability(capability, CAPABILITIES)
    return capability


def _paths(case: Case, found: Sequence[Held]) -> list[Path]:
    """How each holds their role, without the names of what the asker may not view."""
    met = case.facts.resources({step.resource for held in found for step in held.path})
    known = {place: access.as_known(case, resource) for place, resource in met.items()}
    people = case.facts.people({held.person for held in found})
    return [
        Path(
            people.get(held.person, NOBODY),
            tuple(Place(step.role, known[step.resource]) for step in held.path if step.resource in known),
        )
        for held in found
    ]

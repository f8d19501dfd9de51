"""What somebody would lose inside a thing by a lower role on it, and what of that they may keep (MEM-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access
from collab.resources import Resource, everything_inside, find
from collab.text import comparable

if TYPE_CHECKING:
    from collab.access import Held
    from collab.case import Case
    from collab.people import Caller


@dataclass(frozen=True, slots=True)
class ShowLosing:
    """What would somebody lose inside a thing by that role on it? `who` is an id."""

    by: Caller
    who: str
    role: str
    what: str


@dataclass(frozen=True, slots=True)
class Losing:
    """What would be lost inside, or held in a lower role, each with the role held now.

    What is `keepable` may be kept by who asks; what `goes` may not. What `stays` was given there and is kept anyway.
    """

    keepable: Sequence[tuple[Resource, str]] = ()
    goes: Sequence[tuple[Resource, str]] = ()
    stays: Sequence[tuple[Resource, str]] = ()


NOTHING = Losing()


def show_losing(ask: ShowLosing, case: Case) -> Losing:
    """Whatever follows from the role held now and not from the other one, for whoever may view the thing."""
    resource = find(case, ask.what)
    role = case.kinds[resource.kind].role(ask.role)
    given = [access.Step(ask.role, resource.id)] if role and not role.only_implied else []
    now = access.holdings(case, ask.who)
    then = access.holdings(case, ask.who, frozenset({resource.id}), given=given)
    seen, grants = access.viewable(case, case.actor.id), access.granting(case, case.actor.id)
    inside = [r for r in everything_inside(case, resource) if r.id in seen]
    lost = [(r, held) for r in inside if (held := _lost(case, r, now, then))]
    return Losing(
        [(r, held) for r, held in lost if held in grants.get(r.id, ())],
        [(r, held) for r, held in lost if held not in grants.get(r.id, ())],
        held_inside(case, ask.who, resource, case.actor.id) if lost else (),
    )


def held_inside(case: Case, person: str, resource: Resource, reader: str) -> list[tuple[Resource, str]]:
    """Return what of all inside a resource somebody was given a role on, as far as the reader may view it (MEM-02).

    Ordered by name.
    """
    inside = {r.id: r for r in everything_inside(case, resource)}
    given = case.facts.held(person, list(inside), case.at)
    seen = access.viewable(case, reader) if given else frozenset()
    kept = [(r, given[r.id].role) for r in inside.values() if r.id in given and r.id in seen]
    return sorted(kept, key=lambda each: (comparable(each[0].title), each[0].slug))


def _lost(case: Case, resource: Resource, now: Mapping[str, list[Held]], then: Mapping[str, list[Held]]) -> str:
    """The role that is the highest now and not then; nothing when it stays."""
    rank = case.kinds[resource.kind].rank
    had = min((held.role for held in now.get(resource.id, ())), key=rank, default="")
    has = min((held.role for held in then.get(resource.id, ())), key=rank, default="")
    return had if had and (not has or rank(had) < rank(has)) else ""

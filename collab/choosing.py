"""What somebody may choose from: the things that they may see, and those that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import access
from collab.people import Caller
from collab.resources import Resource, find_all
from collab.text import comparable

if TYPE_CHECKING:
    from collab.case import Case

MOST = 100


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing and what it stands in at last, or the thing itself when others can stand in it."""

    resource: Resource
    outermost: Resource | None


@dataclass(frozen=True, slots=True)
class ListVisible:
    """What may I view of these kinds? With `typed`, only what has it in its name or its short name."""

    by: Caller
    kinds: tuple[str, ...]
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ShowNamed:
    """What do these words name: one thing, or each of them one?"""

    by: Caller
    what: tuple[str, ...]


def list_visible(ask: ListVisible, case: Case) -> Sequence[Placed]:
    """What the asker may view, at most a hundred, what stands in others after them."""
    return placed(case, ask.typed, lambda resource: resource.kind in ask.kinds)


def show_named(ask: ShowNamed, case: Case) -> Sequence[Resource]:
    """The things that some words name, as every action reads them."""
    return find_all(case, ask.what)


def placed(case: Case, typed: str, wanted: Callable[[Resource], bool]) -> list[Placed]:
    """What the asker may view, is wanted, and has in its name what was typed; at most a hundred."""
    seen = {resource.id: resource for resource in access.visible(case, case.actor.id)}
    fitting = [r for r in seen.values() if wanted(r) and fits(r, typed)]
    return [Placed(r, outermost(case, seen, r)) for r in fitting[:MOST]]


def fits(resource: Resource, typed: str) -> bool:
    """Whether what was typed stands in the name or the short name."""
    looked_for = comparable(typed)
    return looked_for in comparable(resource.title) or looked_for in resource.slug


def outermost(case: Case, seen: Mapping[str, Resource], resource: Resource) -> Resource | None:
    """The last of what it stands in, as far as the asker may see; nothing for what stands alone."""
    outer = resource
    while found := seen.get(outer.parent or ""):
        outer = found
    return outer if case.kinds.has_room(outer.kind) else None

"""Keys: what is to be rotated because somebody who could reach its code went (MEM-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, KeysRotated
from collab.people import Caller
from collab.resources import Resource, able

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class Rotated:
    """Say that the service passwords and deploy keys of a resource are new."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class ShowKeys:
    """What of mine is to be rotated."""

    by: Caller


@dataclass(frozen=True, slots=True)
class StaleKeys:
    """What is to be rotated, the longest first, and since when."""

    found: Sequence[tuple[Resource, datetime]]


def rotated(act: Rotated, case: Case) -> list[Event]:
    """Whoever may work with its code may say that its keys are new."""
    resource = able(case, act.what, "code")
    if resource.id not in case.facts.stale_keys([resource.id]):
        raise refusals.NothingToRotate(resource.title)
    return [KeysRotated(resource.id)]


def show_keys(ask: ShowKeys, case: Case) -> StaleKeys:  # noqa: ARG001 - every question has this form
    """Whoever may work with the code of a thing sees that its keys are to be rotated."""
    stale = case.facts.stale_keys(list(access.able(case, case.actor.id, "code")))
    known = case.facts.resources(stale)
    mine = [(known[place], since) for place, since in stale.items()]
    return StaleKeys(sorted(mine, key=lambda found: (found[1], found[0].title)))

"""What every fact is, and the envelope that it is recorded in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """A fact that happened; never changed. `places` are the fields that name resources, the one it is told of first."""

    name: ClassVar[str] = ""
    places: ClassVar[tuple[str, ...]] = ("resource",)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its envelope: who, when, and by which door it came in."""

    workspace: str
    seq: int
    at: datetime
    actor: str | None
    door: str
    event: Event


def told_of(event: Event) -> tuple[str, ...]:
    """The resources that a fact is told of: one, or each of several that were offered together."""
    return places_of(event) if "also" in event.places else places_of(event)[:1]


def places_of(event: Event) -> tuple[str, ...]:
    """Every resource that a fact concerns, the one that it is told of first."""
    found: list[str] = []
    for name in event.places:
        named = getattr(event, name, None)
        found += (named,) if isinstance(named, str) else named or ()
    return tuple(dict.fromkeys(found))

"""Events with the entities that they name, as replies need them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from collab import events
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.model import NOBODY, Person, Resource


@dataclass(frozen=True, slots=True)
class EventDetails:
    """An event with the resource, the other resource and the person that it names, as they are right after it."""

    event: Any
    resource: Resource
    other: Resource | None
    person: Person
    actor: Person


def read_first_event(*roles: type[events.Event]) -> ReadAfter[Any]:
    """Look at the first event of any of these kinds, or of all where none is named, in the act's own transaction."""

    def see(context: Context, outcome: Outcome[Any]) -> EventDetails | None:
        happened = [recorded.event for recorded in outcome.recorded]
        found = next(
            (event for event in happened if not roles or isinstance(event, roles)), None
        )
        return load_event_details(context, found) if found else None

    return see


def load_event_details(context: Context, event: Any) -> EventDetails:
    """Look up what an event names."""
    other = next(
        (
            found
            for name in ("team", "parent", "payer")
            if (found := getattr(event, name, None))
        ),
        None,
    )
    return EventDetails(
        event,
        _load_resource(context, event.resource, getattr(event, "title", "")),
        _load_resource(context, other) if other else None,
        context.people.get_person(getattr(event, "person", "")) or NOBODY,
        context.actor,
    )


def _load_resource(context: Context, resource: str, title: str = "") -> Resource:
    return context.resources.get_resource(resource) or Resource(resource, "", "", title)


def select_events(happened: Iterable[Any], kind: type[Any]) -> list[Any]:
    """The events of one kind."""
    return [event for event in happened if isinstance(event, kind)]

"""Events with the entities that they name, as replies need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.rendering import RenderedText
from bot.slack.requests import Services
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.events import Event, RecordedEvent
from collab.model import NOBODY, Person, Resource, ResourceId

OTHER_RESOURCE_FIELDS = ("team", "parent", "payer")

SomeEvent = TypeVar("SomeEvent", bound=Event)


@dataclass(frozen=True, slots=True)
class EventDetails:
    """An event with the entities that it names, as they are right after it.

    `other` is the team, container or payment method; `person` is NOBODY if the event
    names none.
    """

    event: Any  # its fields differ by type
    resource: Resource
    other: Resource | None
    person: Person
    actor: Person


def read_first_event(*event_types: type[Event]) -> ReadAfter[EventDetails | None]:
    """Return a reader of the first event of any of these types, or of any at all."""

    def read(context: Context, outcome: Outcome[Any]) -> EventDetails | None:
        for recorded in outcome.recorded:
            if not event_types or isinstance(recorded.event, event_types):
                return load_event_details(context, recorded.event)
        return None

    return read


def load_event_details(context: Context, event: Any) -> EventDetails:
    """Return an event with the entities that it names."""
    return EventDetails(
        event,
        _get_resource(context, event.resource, getattr(event, "title", "")),
        _find_other_resource(context, event),
        context.people.get_person(getattr(event, "person", NOBODY.id)) or NOBODY,
        context.actor,
    )


def get_details(outcome: Outcome[EventDetails | None]) -> EventDetails:
    """Return what `read_first_event` read; raises LookupError if it found no event."""
    if outcome.view is None:
        raise LookupError("no such event was recorded")
    return outcome.view


def render_event(
    services: Services, reply: str, outcome: Outcome[EventDetails | None]
) -> RenderedText:
    """Render a reply about the event, the person and the resource of an outcome.

    Raises LookupError if the outcome has no such event.
    """
    details = get_details(outcome)
    return services.render_reply(
        reply, person=details.person, resource=details.resource, event=details.event
    )


def select_events(
    recorded: Sequence[RecordedEvent], event_type: type[SomeEvent]
) -> list[SomeEvent]:
    """Return the events of one type."""
    return [each.event for each in recorded if isinstance(each.event, event_type)]


def _find_other_resource(context: Context, event: Any) -> Resource | None:
    for name in OTHER_RESOURCE_FIELDS:
        resource_id = getattr(event, name, None)
        if resource_id:
            return _get_resource(context, resource_id)
    return None


def _get_resource(
    context: Context, resource_id: ResourceId, title: str = ""
) -> Resource:
    resource = context.resources.get_resource(resource_id)
    return resource or Resource(resource_id, "", "", title)

"""The event log: lists of events, their filters, and exports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from bot.slack.commands.errors import MissingWord
from bot.slack.commands.slots import Slot
from bot.slack.commands.verbs.workspace import EVENTS
from bot.slack.event_query_values import decode_event_query, encode_event_query
from bot.slack.forms.building import build_form_view
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message
from bot.slack.views.event_log import events_message
from collab.durations import combine_date_and_time
from collab.event_log import EventList, ListEvents
from collab.notifications.targets import format_person_target
from collab.recent_events import fold_event_lines

EXPORT_MESSAGE = "export"
RESOURCE_EVENTS = "resource"


def show_events(services: Services, request: CommandRequest) -> Message:
    """Show the newest events, or enqueue a file of them."""
    zone = services.get_time_zone(request.caller)
    query = ListEvents(
        request.caller,
        _get_resource_filter(services, request),
        request.get(Slot.ACTOR),
        parse_since(request.get(Slot.SINCE), request.at, zone),
        about=request.get(Slot.SUBJECT),
        names=_list_event_names(services, request),
    )
    file_format = request.get(Slot.EXPORT)
    if file_format:
        return _enqueue_export(services, query, file_format, request.at)
    return _build_events_message(services, query, request.at)


def show_older_events(services: Services, request: ActionRequest) -> Message:
    """Show older events, by the same filter."""
    query = decode_event_query(request.caller, request.value)
    return _build_events_message(services, query, request.at)


def open_event_form(services: Services, request: ActionRequest) -> None:
    """Open the form that filters events."""
    view = build_form_view(services, request.caller, request.at, EVENTS, {})
    request.open_view(view)


def parse_since(
    since: timedelta | date | None, at: datetime, zone: tzinfo
) -> datetime | None:
    """Return a time: a duration before `at`, or the beginning of a day in a time zone."""
    if since is None:
        return None
    if isinstance(since, timedelta):
        return at - since
    return combine_date_and_time(since, time.min, zone)


def _list_event_names(services: Services, request: CommandRequest) -> tuple[str, ...]:
    """Return the names and sources of the events to show.

    The form has one choice for all that is done to resources, but a resource's creation
    is named after its type.
    """
    names: tuple[str, ...] = request.get(Slot.EVENT_NAMES) or ()
    if request.is_from_form and RESOURCE_EVENTS in names:
        return (*names, *services.bus.roles)
    return names


def _get_resource_filter(services: Services, request: CommandRequest) -> str | None:
    """Return the typed resource, else the one linked to the channel, else None for all."""
    try:
        return get_resource_or_linked(services, request)
    except MissingWord:
        return None


def _build_events_message(
    services: Services, query: ListEvents, at: datetime
) -> Message:
    events = _query_folded_events(services, query, at)
    next_value = None
    if events.next_before:
        next_value = encode_event_query(
            replace(query, what=_get_resource_id(events), before=events.next_before)
        )
    return events_message(
        services.renderer,
        events,
        is_older_page=query.before is not None,
        next_value=next_value,
    )


def _query_folded_events(
    services: Services, query: ListEvents, at: datetime
) -> EventList:
    """Return a page of events as people read them, which has a line if there is one.

    Events that are asked for by name are shown one by one.
    """
    events = services.bus.query(query, at)
    if query.names:
        return events
    lines = fold_event_lines(events.lines)
    while not lines and events.next_before:
        events = services.bus.query(replace(query, before=events.next_before), at)
        lines = fold_event_lines(events.lines)
    return replace(events, lines=lines)


def _enqueue_export(
    services: Services, query: ListEvents, file_format: str, at: datetime
) -> Message:
    """Enqueue a file of the events; a query that is rejected is rejected at once."""
    events = services.bus.query(query, at)
    person = services.find_person(query.by)
    if person is None:
        return services.build_reply("unchanged")
    payload = {
        "question": encode_event_query(replace(query, what=_get_resource_id(events))),
        "form": file_format,
    }
    account = query.by.account
    if account:
        payload |= {"team": account.team, "user": account.user}
    services.outbox.enqueue_message(
        query.by.workspace, format_person_target(person.id), EXPORT_MESSAGE, payload
    )
    return services.build_reply("export", resource=events.resource, form=file_format)


def _get_resource_id(events: EventList) -> str | None:
    return events.resource.id if events.resource else None


ROUTES = (
    CommandRoute("events", show_events),
    ActionRoute("events_page", show_older_events, "events.title"),
    ActionRoute("events_filter", open_event_form),
)

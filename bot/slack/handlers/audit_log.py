"""The audit log: lists of events, their filters, and exports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from bot.slack.commands.errors import MissingWord
from bot.slack.commands.lexer import day
from bot.slack.commands.slots import Slot
from bot.slack.event_query_values import decode_event_query, encode_event_query
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    OptionsRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, OptionsRoute, SubmissionRoute
from bot.slack.views import Message, OptionsResponse, View
from bot.slack.views.audit_log import (
    event_filter_view,
    events_message,
    filtered_events_view,
)
from bot.slack.views.pickers import resource_options
from collab.audit_log import EventList, ListEvents
from collab.durations import combine_date_and_time
from collab.notifications.targets import format_person_target
from collab.resource_pickers import ListVisibleResources

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
        names=request.get(Slot.EVENT_NAMES) or (),
    )
    file_format = request.get(Slot.EXPORT)
    if file_format:
        return _enqueue_export(services, query, file_format, request.at)
    return _build_events_message(services, query, request.at)


def show_older_events(services: Services, request: ActionRequest) -> Message:
    """Show older events, by the same filter."""
    query = decode_event_query(request.caller, request.value)
    return _build_events_message(services, query, request.at)


def open_event_filter(services: Services, request: ActionRequest) -> None:
    """Open a modal with the fields of a filter."""
    request.open_view(event_filter_view(services.renderer))


def submit_event_filter(services: Services, submission: ViewSubmission) -> View:
    """Show the events that pass the filter."""
    since = submission.values.get("since")
    has_actor = bool(submission.values.get("who"))
    zone = services.get_time_zone(submission.caller)
    query = ListEvents(
        submission.caller,
        submission.values.get("what") or None,
        submission.get_account("who") if has_actor else None,
        parse_since(day(since) if since else None, submission.at, zone),
        names=_list_event_names(services, submission.values.get("only", "")),
    )
    message = _build_events_message(services, query, submission.at)
    return filtered_events_view(services.renderer, message)


def find_resource_options(
    services: Services, request: OptionsRequest
) -> OptionsResponse:
    """Return the resources that match a typed text."""
    resource_types = tuple(services.bus.roles)
    query = ListVisibleResources(request.caller, resource_types, request.typed)
    return resource_options(services.renderer, services.bus.query(query, request.at))


def parse_since(
    since: timedelta | date | None, at: datetime, zone: tzinfo
) -> datetime | None:
    """Return a time: a duration before `at`, or the beginning of a day in a time zone."""
    if since is None:
        return None
    if isinstance(since, timedelta):
        return at - since
    return combine_date_and_time(since, time.min, zone)


def _list_event_names(services: Services, source: str) -> tuple[str, ...]:
    """Return the first parts of event names for a source chosen in the filter.

    A resource's creation is named after its type, not after `resource`.
    """
    if source == RESOURCE_EVENTS:
        return (source, *services.bus.roles)
    return (source,) if source else ()


def _get_resource_filter(services: Services, request: CommandRequest) -> str | None:
    """Return the typed resource, else the one linked to the channel, else None for all."""
    try:
        return get_resource_or_linked(services, request)
    except MissingWord:
        return None


def _build_events_message(
    services: Services, query: ListEvents, at: datetime
) -> Message:
    events = services.bus.query(query, at)
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
    ActionRoute("events_page", show_older_events),
    ActionRoute("events_filter", open_event_filter),
    SubmissionRoute("events_filter", submit_event_filter),
    OptionsRoute("events_what", find_resource_options),
)

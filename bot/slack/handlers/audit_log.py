"""The record: what happened."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.slack.commands.errors import MissingWord
from bot.slack.commands.lexer import day
from bot.slack.commands.slots import Slot
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
from collab.model import Account, Address, Caller
from collab.notifications.targets import format_person_target
from collab.resource_pickers import ListVisibleResources

EXPORT_MESSAGE = "export"
MAX_SEQUENCE = 2**63 - 1  # what a database holds as a number


def show_events(services: Services, asked: CommandRequest) -> Message:
    """The newest events, of a resource or of all that the caller may see; or a file of them."""
    question = ListEvents(
        asked.caller,
        _get_resource_filter(services, asked),
        asked.get(Slot.ACTOR),
        parse_since(
            asked.get(Slot.SINCE), asked.at, services.get_time_zone(asked.caller)
        ),
        about=asked.get(Slot.SUBJECT),
        names=asked.get(Slot.EVENT_NAMES) or (),
    )
    form = asked.get(Slot.EXPORT)
    return (
        _enqueue_export(services, question, form, asked.at)
        if form
        else _build_events_message(services, question, asked.at)
    )


def show_older_events(services: Services, request: ActionRequest) -> Message:
    """Older events, with the same choice."""
    return _build_events_message(
        services, decode_event_query(request.caller, request.value), request.at
    )


def open_event_filter(services: Services, request: ActionRequest) -> None:
    """The window that looks for some events."""
    request.open_view(event_filter_view(services.renderer))


def submit_event_filter(services: Services, submission: ViewSubmission) -> View:
    """What it looks for."""
    what, who, since = (
        submission.values.get(name) for name in ("what", "who", "since")
    )
    question = ListEvents(
        submission.caller,
        what or None,
        submission.get_account("who") if who else None,
        parse_since(
            day(since) if since else None,
            submission.at,
            services.get_time_zone(submission.caller),
        ),
        names=_expand_event_source(services, submission.values.get("only", "")),
    )
    return filtered_events_view(
        services.renderer, _build_events_message(services, question, submission.at)
    )


def find_resource_options(
    services: Services, request: OptionsRequest
) -> OptionsResponse:
    """The things that fit what was typed."""
    every = tuple(services.bus.roles)
    return resource_options(
        services.renderer,
        services.bus.query(
            ListVisibleResources(request.caller, every, request.typed), request.at
        ),
    )


def _expand_event_source(services: Services, source: str) -> tuple[str, ...]:
    """A source of events; that of things is also each kind's own, under which its creation stands."""
    return (
        (source, *services.bus.roles)
        if source == "resource"
        else (source,)
        if source
        else ()
    )


def parse_since(
    said: timedelta | date | None, at: datetime, zone: tzinfo
) -> datetime | None:
    """Return from which moment on: so long ago, or from the beginning of a day in the speaker's time zone."""
    if isinstance(said, timedelta):
        return at - said
    return combine_date_and_time(said, time.min, zone) if said else None


def decode_event_query(by: Caller, value: str) -> ListEvents:
    """The question that a button or an errand carries, which is never trusted: what cannot be read asks for nothing."""
    try:
        what, before, who, about, names, since = json.loads(value)
        moment = (
            datetime.fromtimestamp(min(max(int(since), 0), 2**32), UTC)
            if since
            else None
        )
        named = tuple(str(name) for name in names)
        start = before and min(max(int(before), 0), MAX_SEQUENCE)
        return ListEvents(
            by,
            what and str(what),
            _decode_person(who),
            moment,
            start,
            _decode_person(about),
            named,
        )
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return ListEvents(by, "")


def _get_resource_filter(services: Services, asked: CommandRequest) -> str | None:
    """What was named, else what the channel is linked to, else everything."""
    try:
        return get_resource_or_linked(services, asked)
    except MissingWord:
        return None


def _build_events_message(
    services: Services, question: ListEvents, at: datetime
) -> Message:
    found: EventList = services.bus.query(question, at)
    following = replace(
        question,
        what=found.resource.id if found.resource else None,
        before=found.next_before,
    )
    value = _encode_event_query(following) if found.next_before else None
    return events_message(
        services.renderer,
        found,
        is_older_page=question.before is not None,
        next_value=value,
    )


def _enqueue_export(
    services: Services, question: ListEvents, form: str, at: datetime
) -> Message:
    """The file is made and sent by the courier; what may be asked for is checked at once."""
    found: EventList = services.bus.query(question, at)
    me = services.find_person(question.by)
    if me is None:
        return services.build_reply("unchanged")
    what = found.resource.id if found.resource else None
    payload = {
        "question": _encode_event_query(replace(question, what=what)),
        "form": form,
    }
    account = question.by.account
    if account:
        payload |= {"team": account.team, "user": account.user}
    services.outbox.enqueue_message(
        question.by.workspace, format_person_target(me.id), EXPORT_MESSAGE, payload
    )
    return services.build_reply("export", resource=found.resource, form=form)


def _encode_event_query(question: ListEvents) -> str:
    since = int(question.since.timestamp()) if question.since else 0
    who, about = _encode_person(question.who), _encode_person(question.about)
    return json.dumps(
        [question.what, question.before, who, about, list(question.names), since]
    )


def _encode_person(who: Account | Address | None) -> list[str] | None:
    if isinstance(who, Address):
        return [who.email]
    return [who.team, who.user] if who else None


def _decode_person(said: Any) -> Account | Address | None:
    if not said:
        return None
    return (
        Address(str(said[0])) if len(said) == 1 else Account(str(said[0]), str(said[1]))
    )


ROUTES = (
    CommandRoute("events", show_events),
    ActionRoute("events_page", show_older_events),
    ActionRoute("events_filter", open_event_filter),
    SubmissionRoute("events_filter", submit_event_filter),
    OptionsRoute("events_what", find_resource_options),
)

"""Build the views of the audit log: lists of events, newest first, and their filter."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import Message, View, blocks
from bot.slack.views.controls import page_controls
from collab.audit_log import EventList

# The sources that the filter offers; `resource` creates, renames, moves and deletes.
EVENT_SOURCES = (
    "invitation",
    "member",
    "request",
    "succession",
    "resource",
    "team",
    "billing",
    "invoice",
    "channel",
    "keys",
)
# The value of a button that lists events without any filter.
ALL_EVENTS_QUERY = "[null, null, null, null, [], 0]"


def events_message(
    renderer: Renderer,
    event_list: EventList,
    *,
    is_older_page: bool,
    next_value: str | None,
) -> Message:
    """Return a page of events; `next_value` is the value of the next page's button."""
    text = renderer.render("replies/events", list=event_list, older=is_older_page)
    if not next_value:
        return blocks.build_message(text)
    next_page = page_controls(renderer, "events_page", "next", next_value)
    return blocks.build_message(text, next_page)


def event_filter_view(renderer: Renderer) -> View:
    """Return the form that filters events by resource, person, source and date."""
    sources = [
        (renderer.render_label(f"source.{source}"), source) for source in EVENT_SOURCES
    ]
    elements = {
        "what": blocks.single_external_select(
            "events_what", renderer.render_label("invite.what.choose"), None
        ),
        "who": blocks.users_select("who", renderer.render_label("events.who.choose")),
        "only": blocks.static_select(
            "only", renderer.render_label("events.only.choose"), sources, ""
        ),
        "since": blocks.date_picker(
            "since", renderer.render_label("events.since.choose")
        ),
    }
    fields = [
        blocks.input_block(
            name, renderer.render_label(f"events.{name}"), element, optional=True
        )
        for name, element in elements.items()
    ]
    return blocks.modal_view(
        "events_filter",
        renderer.render_label("events.title"),
        fields,
        submit=renderer.render_label("events.submit"),
        close=renderer.render_label("cancel"),
    )


def filtered_events_view(renderer: Renderer, events: Message) -> View:
    """Return the modal that shows filtered events."""
    return blocks.modal_view(
        "shown",
        renderer.render_label("events.title"),
        events["blocks"],
        close=renderer.render_label("close"),
    )

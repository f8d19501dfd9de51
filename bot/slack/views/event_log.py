"""Build the views of the event log: lists of events, newest first."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import Message, blocks
from bot.slack.views.controls import page_controls
from collab.event_log import EventList

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

"""The record as a card: what happened, newest first."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import Message, View, blocks
from bot.slack.views.invitations import page_button
from collab.audit_log import EventList

# The sources that people may look for; `resource` is what is made, renamed, moved and deleted.
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
ALL_EVENTS_QUERY = (
    "[null, null, null, null, [], 0]"  # a question for events that chooses nothing
)


def events_message(
    renderer: Renderer, found: EventList, *, is_older_page: bool, next_value: str | None
) -> Message:
    """A page of events; `next_value` is what the button to the next page carries."""
    said = renderer.render("replies/events", list=found, older=is_older_page)
    end = (
        [page_button(renderer, "events_page", "next", next_value)] if next_value else []
    )
    return blocks.build_message(said, *end)


def event_filter_view(renderer: Renderer) -> View:
    """The window that looks for events: of what, by whom, of which sort, since when."""
    what = blocks.single_external_select(
        "events_what", renderer.render_label("invite.what.choose"), None
    )
    who = blocks.users_select("who", renderer.render_label("events.who.choose"))
    sources = [
        (renderer.render_label(f"source.{source}"), source) for source in EVENT_SOURCES
    ]
    only = blocks.static_select(
        "only", renderer.render_label("events.only.choose"), sources, ""
    )
    since = blocks.date_picker("since", renderer.render_label("events.since.choose"))
    fields = {"what": what, "who": who, "only": only, "since": since}
    asked = [
        blocks.input_block(
            name, renderer.render_label(f"events.{name}"), e, optional=True
        )
        for name, e in fields.items()
    ]
    title, submit, close = (
        renderer.render_label(label)
        for label in ("events.title", "events.submit", "cancel")
    )
    return blocks.modal_view("events_filter", title, asked, submit=submit, close=close)


def filtered_events_view(renderer: Renderer, found: Message) -> View:
    """The window with what was found."""
    return blocks.modal_view(
        "shown",
        renderer.render_label("events.title"),
        found["blocks"],
        close=renderer.render_label("close"),
    )

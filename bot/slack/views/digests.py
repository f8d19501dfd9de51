"""Digests as cards: what a channel hears together."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.views import Message, blocks
from collab.audit_log import EventLine

MAX_EVENT_LINES = 40  # facts in one message; the rest is a press away


def channel_digest_message(
    renderer: Renderer, told: EventLine, lines: Sequence[EventLine]
) -> Message:
    """The first of what happened, and the way to all of it."""
    event, resource = told.recorded.event, told.resource
    many = getattr(event, "many", len(lines))
    said = renderer.render(
        "notices/digest", "channel", resource=resource, many=many, lines=lines
    )
    if resource is None or many <= len(lines):
        return blocks.build_message(said)
    since = int(lines[0].recorded.at.timestamp()) if lines else 0
    question = json.dumps([resource.id, None, None, None, [], since])
    button = blocks.button(
        "events_page",
        renderer.render_label("home.events"),
        question,
        renderer.render_label("digest.events.long"),
    )
    return blocks.build_message(said, blocks.actions_block("digest", button))

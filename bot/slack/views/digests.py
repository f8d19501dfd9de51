"""Build the digest of a channel."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.views import Message, blocks
from collab.event_log import EventLine

MAX_EVENT_LINES = 40  # events in one message; a button lists all of them


def channel_digest_message(
    renderer: Renderer, digest: EventLine, lines: Sequence[EventLine]
) -> Message:
    """Return the first events of a digest, and the button that lists all of them."""
    event, resource = digest.recorded.event, digest.resource
    total = getattr(event, "item_count", len(lines))
    text = renderer.render(
        "notices/digest", "channel", resource=resource, many=total, lines=lines
    )
    if resource is None or total <= len(lines):
        return blocks.build_message(text)
    since = int(lines[0].recorded.at.timestamp()) if lines else 0
    all_events = blocks.button(
        "events_page",
        renderer.render_label("home.events"),
        json.dumps([resource.id, None, None, None, [], since]),
        renderer.render_label("digest.events.long"),
    )
    return blocks.build_message(text, blocks.actions_block("digest", all_events))

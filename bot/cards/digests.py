"""Digests as cards: what a channel hears together."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.cards import Message, blocks
from bot.words import Words
from collab.record import EventLine

TOGETHER = 40  # facts in one message; the rest is a press away


def digest_message(words: Words, told: EventLine, lines: Sequence[EventLine]) -> Message:
    """The first of what happened, and the way to all of it."""
    event, resource = told.recorded.event, told.resource
    many = getattr(event, "many", len(lines))
    said = words.say("notices/digest", "channel", resource=resource, many=many, lines=lines)
    if resource is None or many <= len(lines):
        return blocks.message(said)
    since = int(lines[0].recorded.at.timestamp()) if lines else 0
    question = json.dumps([resource.id, None, None, None, [], since])
    button = blocks.button("events_page", words.label("home.events"), question, words.label("digest.events.long"))
    return blocks.message(said, blocks.actions("digest", button))

"""Notices as cards: what a person or a channel hears of an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cards import Message, blocks
from bot.cards.invitations import COPIES, copy_message
from bot.words import Audience, Words
from collab.lists import EventLine, OpenInvitation
from collab.people import Person

UNDELIVERABLE = "undeliverable"


def notice_message(
    words: Words,
    message: str,
    line: EventLine | None,
    card: OpenInvitation | None,
    viewer: Person | None,
    payload: Mapping[str, Any] | None = None,
) -> Message:
    """The message of that name, for a person, or for a channel when there is no viewer."""
    if message == UNDELIVERABLE:
        return _undeliverable(words, line, card, payload or {})
    if message in COPIES and card:
        return copy_message(words, message, card, viewer, line.recorded.at if line else card.invitation.sent)
    if line is None:
        raise LookupError(message)
    audience: Audience = "person" if viewer else "channel"
    facts = {"actor": line.actor, "person": line.person, "resource": line.resource, "event": line.recorded.event}
    return blocks.message(words.say(f"notices/{message}", audience, card=card, viewer=viewer, **facts))


def _undeliverable(
    words: Words, line: EventLine | None, card: OpenInvitation | None, payload: Mapping[str, Any]
) -> Message:
    resource = (line and line.resource) or (card and card.resource) or None
    recipient = (line and line.person) or (card and card.person) or None
    told: dict[str, Any] = {name: str(payload.get(name) or "") for name in ("problem", "target", "message")}
    return blocks.message(words.say("notices/undeliverable", resource=resource, recipient=recipient, **told))

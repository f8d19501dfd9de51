"""The record as a card: what happened, newest first."""

from __future__ import annotations

from bot.cards import Message, blocks
from bot.cards.invitations import page_button
from bot.words import Words
from collab.record import EventList

EVERYTHING = "[null, null, null, null, [], 0]"  # a question for events that chooses nothing


def events_message(words: Words, found: EventList, *, older: bool, next_value: str | None) -> Message:
    """A page of events; `next_value` is what the button to the next page carries."""
    said = words.say("replies/events", list=found, older=older)
    end = [page_button(words, "events_page", "next", next_value)] if next_value else []
    return blocks.message(said, *end)

"""Keys that wait to be rotated as a card."""

from __future__ import annotations

from bot.cards import Block, Message, blocks
from bot.cards.invitations import ROWS, pages, rows_message
from bot.words import Words
from collab.keys import StaleKeys
from collab.resources import Resource

MOST_PEOPLE, MOST_DAYS = 5, 3  # of those who lost access to one thing


def keys_message(words: Words, found: StaleKeys, page: int = 0) -> Message:
    """A page of what is to be rotated, the longest first, each with the button that says that it was."""
    total = len(found.found)
    page = min(page, max(0, total - 1) // ROWS)
    shown = found.found[page * ROWS : (page + 1) * ROWS]
    listed = StaleKeys(shown, found.lost)
    said = words.say("replies/keys", list=listed, total=total, most_people=MOST_PEOPLE, most_days=MOST_DAYS)
    rows = [[blocks.actions(f"keys {resource.id}", _rotated(words, resource))] for resource, _ in shown]
    return rows_message(said.paragraphs, rows, pages(words, "keys_open", "keys", page, total))


def _rotated(words: Words, resource: Resource) -> Block:
    long = words.label("keys_rotated.long", what=resource.slug)
    return blocks.button("keys_rotated", words.label("keys_rotated"), resource.id, long)

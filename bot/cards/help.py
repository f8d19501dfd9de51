"""Help as cards: what waits, what one holds, what one can type."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Message, blocks
from bot.cards.waiting import waiting_message
from bot.verbs import VERBS, Verb
from bot.words import Words
from collab.lists import Overview
from collab.resources import Resource

HELD = 20


def overview_message(words: Words, found: Overview, page: int = 0) -> Message:
    """What waits for the reader, and the roles that they hold."""
    top = waiting_message(words, found.waiting, page)
    holds: Sequence[tuple[Resource, str]] = found.holds[:HELD]
    said = words.say("replies/holds", holds=holds, more=max(0, len(found.holds) - HELD))
    text = blocks.cut(f"{top['text']}\n{said.text}", blocks.TOP)
    return {"text": text, "blocks": [*top["blocks"], *blocks.paragraphs(said.paragraphs)]}


def help_message(words: Words) -> Message:
    """Every verb with what it does."""
    return blocks.message(words.say("replies/help", verbs=list(VERBS.values())))


def verb_message(words: Words, verb: Verb) -> Message:
    """One verb with an example."""
    return blocks.message(words.say("replies/help_verb", verb=verb))

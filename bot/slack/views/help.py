"""Help as cards: what waits, what one holds, what one can type."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.verb import Verb
from bot.slack.views import Message, blocks
from bot.slack.views.pending import pending_items_message
from collab.memberships.queries import Overview
from collab.model import Resource

MAX_ROLES = 20


def overview_message(renderer: Renderer, found: Overview, page: int = 0) -> Message:
    """What waits for the reader, and the roles that they hold."""
    top = pending_items_message(renderer, found.waiting, page)
    holds: Sequence[tuple[Resource, str]] = found.holds[:MAX_ROLES]
    said = renderer.render(
        "replies/holds", holds=holds, more=max(0, len(found.holds) - MAX_ROLES)
    )
    text = blocks.truncate(f"{top['text']}\n{said.text}", blocks.MAX_MESSAGE_TEXT)
    return {
        "text": text,
        "blocks": [*top["blocks"], *blocks.paragraph_blocks(said.paragraphs)],
    }


def help_message(renderer: Renderer) -> Message:
    """Every verb with what it does."""
    return blocks.build_message(
        renderer.render("replies/help", verbs=list(VERB_BY_NAME.values()))
    )


def verb_message(renderer: Renderer, verb: Verb) -> Message:
    """One verb with an example."""
    return blocks.build_message(renderer.render("replies/help_verb", verb=verb))

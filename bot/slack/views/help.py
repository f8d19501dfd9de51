"""Build the help: the overview of a person, all verbs, and one verb."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.verb import Verb
from bot.slack.views import Message, blocks
from bot.slack.views.pending import pending_items_message
from collab.pending import Overview

MAX_ROLES = 20


def overview_message(renderer: Renderer, overview: Overview, page: int = 0) -> Message:
    """Return what is pending for the reader, and the reader's roles."""
    pending = pending_items_message(renderer, overview.waiting, page)
    roles = renderer.render(
        "replies/holds",
        holds=overview.holds[:MAX_ROLES],
        more=max(0, len(overview.holds) - MAX_ROLES),
    )
    text = f"{pending['text']}\n{roles.text}"
    return {
        "text": blocks.truncate(text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [*pending["blocks"], *blocks.paragraph_blocks(roles.paragraphs)],
    }


def help_message(renderer: Renderer) -> Message:
    """Return every verb with what it does."""
    verbs = list(VERB_BY_NAME.values())
    return blocks.build_message(renderer.render("replies/help", verbs=verbs))


def verb_message(renderer: Renderer, verb: Verb) -> Message:
    """Return one verb with an example."""
    return blocks.build_message(renderer.render("replies/help_verb", verb=verb))

"""The answer to an invitation of several people at once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import RenderedText, Renderer
from bot.slack.views import Block, Message, blocks

# Characters for all results, so that they fit into the blocks of one message.
MAX_RESULTS_TEXT = 40 * blocks.MAX_TEXT


def invitation_results_message(
    renderer: Renderer, results: Sequence[RenderedText], next_steps: Block | None = None
) -> Message:
    """Return the result for each of several people, and what to do next (INV-12)."""
    heading = renderer.render("replies/invited_each", many=len(results))
    limit = MAX_RESULTS_TEXT // len(results)
    lines = [
        f"• {blocks.truncate(result.paragraphs[0], limit)}"
        for result in results
        if result.paragraphs
    ]
    text = "\n".join([heading.text, *(result.text for result in results)])
    return {
        "text": blocks.truncate(text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [
            *blocks.paragraph_blocks(heading.paragraphs),
            *blocks.section_blocks("\n".join(lines)),
            *([next_steps] if next_steps else ()),
        ],
    }

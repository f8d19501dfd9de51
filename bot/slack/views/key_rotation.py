"""Keys that wait to be rotated as a card."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import Block, Message, blocks
from bot.slack.views.invitations import ROWS_PER_PAGE, list_message, pagination_blocks
from collab.key_rotation import StaleKeys
from collab.model import Resource

MAX_PEOPLE, MAX_DAYS = 5, 3  # of those who lost access to one thing


def stale_keys_message(renderer: Renderer, found: StaleKeys, page: int = 0) -> Message:
    """A page of what is to be rotated, the longest first, each with the button that says that it was."""
    total = len(found.found)
    page = min(page, max(0, total - 1) // ROWS_PER_PAGE)
    shown = found.found[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
    listed = StaleKeys(shown, found.lost)
    said = renderer.render(
        "replies/keys",
        list=listed,
        total=total,
        most_people=MAX_PEOPLE,
        most_days=MAX_DAYS,
    )
    rows = [
        [
            blocks.actions_block(
                f"keys {resource.id}", _rotated_button(renderer, resource)
            )
        ]
        for resource, _ in shown
    ]
    return list_message(
        said.paragraphs,
        rows,
        pagination_blocks(renderer, "keys_open", "keys", page, total),
    )


def _rotated_button(renderer: Renderer, resource: Resource) -> Block:
    long = renderer.render_label("keys_rotated.long", what=resource.slug)
    return blocks.button(
        "keys_rotated", renderer.render_label("keys_rotated"), resource.id, long
    )

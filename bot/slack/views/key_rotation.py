"""Build the list of resources whose keys are stale."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, ListPage
from bot.slack.views import Block, Message, blocks
from bot.slack.views.controls import (
    ROWS_PER_PAGE,
    find_next_page,
    labelled_button,
    list_message,
    pagination_blocks,
)
from collab.key_rotation import StaleKeys
from collab.model import Resource

# Of the people who lost access to one resource.
MAX_PEOPLE = 5
MAX_DAYS = 3


def stale_keys_message(
    renderer: Renderer, stale_keys: StaleKeys, page: int = 0
) -> Message:
    """Return a page of resources with stale keys, oldest first.

    Each has the button that records its rotation.
    """
    total = len(stale_keys.found)
    page = min(page, max(0, total - 1) // ROWS_PER_PAGE)
    rows = stale_keys.found[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
    text = renderer.render(
        "replies/keys",
        list=StaleKeys(rows, stale_keys.lost, stale_keys.owners),
        total=total,
        most_people=MAX_PEOPLE,
        most_days=MAX_DAYS,
    )
    pagination = pagination_blocks(
        renderer, "keys_open", ListPage("keys", page), find_next_page(page, total)
    )
    controls = [_rotation_controls(renderer, resource) for resource, _ in rows]
    return list_message(text.paragraphs, controls, pagination)


def _rotation_controls(renderer: Renderer, resource: Resource) -> list[Block]:
    rotated = labelled_button(renderer, "keys_rotated", resource.id, what=resource.slug)
    block_id = BlockId("keys", resource.id).encode()
    return [blocks.actions_block(block_id, rotated)]

"""Build the list of what is pending for a person, each item with its own controls."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.button_values import ListPage
from bot.slack.views import Block, Message
from bot.slack.views.access_requests import request_controls
from bot.slack.views.controls import (
    ROWS_PER_PAGE,
    find_next_page,
    list_message,
    pagination_blocks,
)
from bot.slack.views.invitations import answer_controls
from bot.slack.views.memberships import ENDING_SOON, extend_controls
from bot.slack.views.successions import succession_controls
from collab.invitations.rules import PENDING
from collab.open_items import (
    AccessRequestView,
    InvitationView,
    OpenItem,
    SuccessionView,
)


def open_item_controls(renderer: Renderer, item: OpenItem, origin: str) -> list[Block]:
    """Return the buttons that answer an item; `origin` names the list that shows it."""
    if isinstance(item, InvitationView):
        return answer_controls(renderer, item, PENDING, origin)
    if isinstance(item, AccessRequestView):
        return request_controls(renderer, item, origin=origin)
    if isinstance(item, SuccessionView):
        return succession_controls(renderer, item, origin=origin)
    return extend_controls(renderer, item, ENDING_SOON, origin)


def pending_items_message(
    renderer: Renderer, items: Sequence[OpenItem], page: int
) -> Message:
    """Return a page of what is pending for the reader, with its controls."""
    total = len(items)
    shown = items[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
    text = renderer.render("replies/waiting", cards=shown, total=total)
    controls = [open_item_controls(renderer, item, "waiting") for item in shown]
    pagination = pagination_blocks(
        renderer,
        "invitations_page",
        ListPage("waiting", page),
        find_next_page(page, total),
    )
    return list_message(text.paragraphs, controls, pagination)

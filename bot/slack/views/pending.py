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
from collab.invitations.rules import AGREED, PENDING
from collab.open_items import (
    AccessRequestView,
    InvitationView,
    OpenItem,
    SuccessionView,
)


def open_item_controls(renderer: Renderer, item: OpenItem, origin: str) -> list[Block]:
    """Return the buttons that answer an item; `origin` names the list that shows it."""
    if isinstance(item, InvitationView):
        state = AGREED if _is_agreed(item) else PENDING
        return answer_controls(renderer, item, state, origin)
    if isinstance(item, AccessRequestView):
        return request_controls(renderer, item, origin=origin)
    if isinstance(item, SuccessionView):
        return succession_controls(renderer, item, origin=origin)
    return extend_controls(renderer, item, ENDING_SOON, origin)


def pending_items_message(
    renderer: Renderer, items: Sequence[OpenItem], page: int
) -> Message:
    """Return a page of what needs the reader's answer, or was agreed to by them, with
    its controls.
    """
    shown = items[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
    total = sum(not _is_agreed(item) for item in items)
    text = renderer.render("replies/waiting", cards=shown, total=total)
    controls = [open_item_controls(renderer, item, "waiting") for item in shown]
    pagination = pagination_blocks(
        renderer,
        "invitations_page",
        ListPage("waiting", page),
        find_next_page(page, len(items)),
    )
    return list_message(text.paragraphs, controls, pagination)


def _is_agreed(item: OpenItem) -> bool:
    return isinstance(item, InvitationView) and item.invitation.agreed is not None

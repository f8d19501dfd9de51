"""What waits for the reader's answer as cards: each kind of question with its own buttons."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.views import Block, Message
from bot.slack.views.access_requests import (
    ENDING_SOON,
    extend_controls,
    request_controls,
    succession_controls,
)
from bot.slack.views.invitations import (
    ROWS_PER_PAGE,
    answer_controls,
    list_message,
    pagination_blocks,
)
from collab.invitations.rules import PENDING
from collab.open_items import (
    AccessRequestView,
    InvitationView,
    OpenItem,
    SuccessionView,
)


def open_item_controls(renderer: Renderer, card: OpenItem, origin: str) -> list[Block]:
    """The buttons that answer a question; `origin` names the list that they stand in."""
    if isinstance(card, InvitationView):
        return answer_controls(renderer, card, PENDING, origin)
    if isinstance(card, AccessRequestView):
        return request_controls(renderer, card, origin=origin)
    if isinstance(card, SuccessionView):
        return succession_controls(renderer, card, origin=origin)
    return extend_controls(renderer, card, ENDING_SOON, origin)


def pending_items_message(
    renderer: Renderer, cards: Sequence[OpenItem], page: int
) -> Message:
    """What waits for the reader, a page of it, with buttons."""
    shown = cards[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
    said = renderer.render("replies/waiting", cards=shown, total=len(cards))
    rows = [open_item_controls(renderer, card, "waiting") for card in shown]
    return list_message(
        said.paragraphs,
        rows,
        pagination_blocks(renderer, "invitations_page", "waiting", page, len(cards)),
    )

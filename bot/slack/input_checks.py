"""What is rejected before a handler sees it: long text, malformed ids, card numbers.

The core checks card numbers once more (BIL-01); here they are reported by field.
"""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.payloads import Body
from bot.slack.view_state import (
    FIELD_MAX_LENGTH,
    list_malformed_fields,
    list_too_long_fields,
    read_field_values,
)
from collab.card_numbers import holds_card_number
from collab.errors import CardNumber, TooLong

COMMAND_MAX_LENGTH = 4_000  # characters


def check_command_text(text: str) -> None:
    """Reject a command that is too long or holds a card number."""
    if len(text) > COMMAND_MAX_LENGTH:
        raise TooLong("command", len(text), COMMAND_MAX_LENGTH)
    if holds_card_number(text):
        raise CardNumber


def find_field_errors(renderer: Renderer, view: Body) -> dict[str, str]:
    """Return what is wrong with the fields of a submitted modal, by block id."""
    malformed = list_malformed_fields(view)
    if malformed:
        return dict.fromkeys(malformed, renderer.render_label("field.bad_choice"))
    too_long = list_too_long_fields(view)
    if too_long:
        return {
            block_id: _render_too_long(renderer, length)
            for block_id, length in too_long.items()
        }
    with_card_number = [
        block_id
        for block_id, value in read_field_values(view).items()
        if holds_card_number(value)
    ]
    message = renderer.render("refusals/card_number", "plain").text
    return dict.fromkeys(with_card_number, message)


def _render_too_long(renderer: Renderer, length: int) -> str:
    return renderer.render(
        "refusals/too_long",
        "plain",
        what="text",
        length=length,
        limit=FIELD_MAX_LENGTH,
    ).text

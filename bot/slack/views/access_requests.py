"""Build the controls and forms of access requests."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.button_values import BlockId
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import Control, Field, note_field
from bot.slack.views import Block, View, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.fields import form_view
from collab.model import Resource
from collab.open_items import AccessRequestView


def request_controls(
    renderer: Renderer,
    card: AccessRequestView,
    _state: str = "",
    origin: str = "request",
) -> list[Block]:
    """Return the buttons Grant and Decline of a pending request, else nothing."""
    if not card.waits:
        return []
    request_id = card.request.id
    grant = labelled_button(renderer, "grant", request_id, style="primary")
    deny = labelled_button(renderer, "refuse", request_id)
    block_id = BlockId(origin, request_id).encode()
    return [blocks.actions_block(block_id, grant, deny)]


def request_form_view(
    renderer: Renderer, resource: Resource, roles: Sequence[str]
) -> View:
    """Return the form that requests a role; the last one is preset."""
    options = [(renderer.role_name(name), name) for name in roles]
    return form_view(
        renderer,
        "request",
        [
            renderer.render("modals/request", resource=resource),
            Field(Slot.ROLE, Control.SELECT, "edit.role", roles[-1], options),
            note_field("request.note", "request.note.hint"),
        ],
        submit="request",
        private_metadata=resource.id,
    )


def deny_request_view(renderer: Renderer, card: AccessRequestView) -> View:
    """Return the form that denies a request, with an optional reason."""
    return form_view(
        renderer,
        "refuse",
        [
            renderer.render("modals/refuse", card=card),
            note_field("decline.reason", "refuse.reason.hint"),
        ],
        submit="refuse",
        private_metadata=card.request.id,
    )

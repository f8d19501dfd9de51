"""Build the controls and forms of access requests."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.button_values import BlockId
from bot.slack.views import Block, View, blocks
from bot.slack.views.controls import form_view, labelled_button
from collab.limits import NOTE_LIMIT
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
    label = renderer.render_label("edit.role")
    options = [(name, name) for name in roles]
    role = blocks.static_select("role", label, options, roles[-1])
    note = blocks.text_input("note", NOTE_LIMIT, multiline=True)
    fields = [
        blocks.input_block("role", label, role),
        blocks.input_block(
            "note",
            renderer.render_label("request.note"),
            note,
            hint=renderer.render_label("request.note.hint"),
            optional=True,
        ),
    ]
    return form_view(
        renderer,
        "request",
        renderer.render("modals/request", resource=resource),
        fields,
        submit="request",
        private_metadata=resource.id,
    )


def deny_request_view(renderer: Renderer, card: AccessRequestView) -> View:
    """Return the form that denies a request, with an optional reason."""
    reason = blocks.input_block(
        "reason",
        renderer.render_label("decline.reason"),
        blocks.text_input("reason", NOTE_LIMIT, multiline=True),
        hint=renderer.render_label("refuse.reason.hint"),
        optional=True,
    )
    return form_view(
        renderer,
        "refuse",
        renderer.render("modals/refuse", card=card),
        [reason],
        submit="refuse",
        private_metadata=card.request.id,
    )

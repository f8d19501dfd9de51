"""Requests, successions and ends that are near as cards: what those who are asked can press."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import BlockId, ExpiringMember, MemberRef
from bot.slack.views import Block, Message, View, blocks
from collab.limits import NOTE_LIMIT
from collab.model import Resource
from collab.open_items import AccessRequestView, ExpiringMembershipView, SuccessionView

ENDING_SOON = "soon"


def request_controls(
    renderer: Renderer,
    card: AccessRequestView,
    _state: str = "",
    origin: str = "request",
) -> list[Block]:
    """Grant and Decline, while nobody has answered."""
    if not card.waits:
        return []
    request = card.request.id
    grant = blocks.button(
        "grant",
        renderer.render_label("grant"),
        request,
        renderer.render_label("grant.long"),
        "primary",
    )
    refuse = blocks.button(
        "refuse",
        renderer.render_label("refuse"),
        request,
        renderer.render_label("refuse.long"),
    )
    return [blocks.actions_block(BlockId(origin, request).encode(), grant, refuse)]


def succession_controls(
    renderer: Renderer,
    card: SuccessionView,
    _state: str = "",
    origin: str = "succession",
) -> list[Block]:
    """Choose, while nobody follows."""
    if not card.waits:
        return []
    long = renderer.render_label("choose.long", what=card.resource.slug)
    return [
        blocks.actions_block(
            BlockId(origin, card.resource.id).encode(),
            _primary_button(renderer, "choose", card.resource.id, long),
        )
    ]


def extend_controls(
    renderer: Renderer,
    card: ExpiringMembershipView,
    state: str = ENDING_SOON,
    origin: str = "term",
) -> list[Block]:
    """Extend, while the end is near."""
    if state != ENDING_SOON:
        return []
    member = MemberRef(card.resource.id, card.person.id)
    expires_at = card.membership.until if card.membership else None
    value = ExpiringMember(card.resource.id, card.person.id, expires_at).encode()
    return [
        blocks.actions_block(
            BlockId(origin, member.encode()).encode(),
            _primary_button(
                renderer, "extend", value, renderer.render_label("extend.long")
            ),
        )
    ]


def undoable_message(renderer: Renderer, said: RenderedText, seq: int) -> Message:
    """What was done, with the way back while there is one."""
    undo = blocks.button(
        "undo",
        renderer.render_label("undo"),
        str(seq),
        renderer.render_label("undo.long"),
    )
    return blocks.build_message(said, blocks.actions_block("undo", undo))


def request_form_view(
    renderer: Renderer, resource: Resource, roles: Sequence[str]
) -> View:
    """The window that asks which role somebody would like, and why."""
    said = renderer.render("modals/request", resource=resource)
    role = blocks.static_select(
        "role",
        renderer.render_label("edit.role"),
        [(name, name) for name in roles],
        roles[-1],
    )
    note = blocks.text_input("note", NOTE_LIMIT, multiline=True)
    asked = [
        blocks.input_block("role", renderer.render_label("edit.role"), role),
        blocks.input_block(
            "note",
            renderer.render_label("request.note"),
            note,
            hint=renderer.render_label("request.note.hint"),
            optional=True,
        ),
    ]
    return blocks.modal_view(
        "request",
        renderer.render_label("request.title"),
        [*blocks.paragraph_blocks(said.paragraphs), *asked],
        submit=renderer.render_label("request"),
        close=renderer.render_label("cancel"),
        private_metadata=resource.id,
    )


def deny_request_view(renderer: Renderer, card: AccessRequestView) -> View:
    """The window that asks for an optional reason."""
    reason = blocks.text_input("reason", NOTE_LIMIT, multiline=True)
    hint = renderer.render_label("refuse.reason.hint")
    asked = blocks.input_block(
        "reason",
        renderer.render_label("decline.reason"),
        reason,
        hint=hint,
        optional=True,
    )
    said = renderer.render("modals/refuse", card=card)
    return blocks.modal_view(
        "refuse",
        renderer.render_label("refuse.title"),
        [*blocks.paragraph_blocks(said.paragraphs), asked],
        submit=renderer.render_label("refuse"),
        close=renderer.render_label("cancel"),
        private_metadata=card.request.id,
    )


def successor_view(
    renderer: Renderer, card: SuccessionView, *, decides_alone: bool
) -> View:
    """The window that asks who is to follow."""
    said = renderer.render("modals/choose", card=card, alone=decides_alone)
    person = blocks.users_select("person", renderer.render_label("choose.person"))
    return blocks.modal_view(
        "choose",
        renderer.render_label("choose.title"),
        [
            *blocks.paragraph_blocks(said.paragraphs),
            blocks.input_block(
                "person", renderer.render_label("choose.person"), person
            ),
        ],
        submit=renderer.render_label("choose"),
        close=renderer.render_label("cancel"),
        private_metadata=card.resource.id,
    )


def _primary_button(renderer: Renderer, name: str, value: str, long: str) -> Block:
    return blocks.button(name, renderer.render_label(name), value, long, "primary")

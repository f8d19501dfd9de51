"""Requests, successions and ends that are near as cards: what those who are asked can press."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import RenderedText, Renderer
from bot.slack.views import Block, Message, View, blocks
from collab.limits import NOTE_LIMIT
from collab.open_items import AccessRequestView, ExpiringMembershipView, SuccessionView
from collab.resources import Resource

ENDING_SOON = "soon"


def request_controls(
    words: Renderer, card: AccessRequestView, _state: str = "", origin: str = "request"
) -> list[Block]:
    """Grant and Decline, while nobody has answered."""
    if not card.waits:
        return []
    request = card.request.id
    grant = blocks.button(
        "grant",
        words.render_label("grant"),
        request,
        words.render_label("grant.long"),
        "primary",
    )
    refuse = blocks.button(
        "refuse",
        words.render_label("refuse"),
        request,
        words.render_label("refuse.long"),
    )
    return [blocks.actions_block(f"{origin} {request}", grant, refuse)]


def succession_controls(
    words: Renderer, card: SuccessionView, _state: str = "", origin: str = "succession"
) -> list[Block]:
    """Choose, while nobody follows."""
    if not card.waits:
        return []
    long = words.render_label("choose.long", what=card.resource.slug)
    return [
        blocks.actions_block(
            f"{origin} {card.resource.id}",
            _primary_button(words, "choose", card.resource.id, long),
        )
    ]


def extend_controls(
    words: Renderer,
    card: ExpiringMembershipView,
    state: str = ENDING_SOON,
    origin: str = "term",
) -> list[Block]:
    """Extend, while the end is near."""
    if state != ENDING_SOON:
        return []
    about = f"{card.resource.id} {card.person.id}"
    value = (
        f"{about} {card.membership.until.isoformat()}"
        if card.membership and card.membership.until
        else about
    )
    return [
        blocks.actions_block(
            f"{origin} {about}",
            _primary_button(words, "extend", value, words.render_label("extend.long")),
        )
    ]


def undoable_message(words: Renderer, said: RenderedText, seq: int) -> Message:
    """What was done, with the way back while there is one."""
    undo = blocks.button(
        "undo", words.render_label("undo"), str(seq), words.render_label("undo.long")
    )
    return blocks.build_message(said, blocks.actions_block("undo", undo))


def request_form_view(
    words: Renderer, resource: Resource, roles: Sequence[str]
) -> View:
    """The window that asks which role somebody would like, and why."""
    said = words.render("modals/request", resource=resource)
    role = blocks.static_select(
        "role",
        words.render_label("edit.role"),
        [(name, name) for name in roles],
        roles[-1],
    )
    note = blocks.text_input("note", NOTE_LIMIT, multiline=True)
    asked = [
        blocks.input_block("role", words.render_label("edit.role"), role),
        blocks.input_block(
            "note",
            words.render_label("request.note"),
            note,
            hint=words.render_label("request.note.hint"),
            optional=True,
        ),
    ]
    return blocks.modal_view(
        "request",
        words.render_label("request.title"),
        [*blocks.paragraph_blocks(said.paragraphs), *asked],
        submit=words.render_label("request"),
        close=words.render_label("cancel"),
        private_metadata=resource.id,
    )


def deny_request_view(words: Renderer, card: AccessRequestView) -> View:
    """The window that asks for an optional reason."""
    reason = blocks.text_input("reason", NOTE_LIMIT, multiline=True)
    hint = words.render_label("refuse.reason.hint")
    asked = blocks.input_block(
        "reason", words.render_label("decline.reason"), reason, hint=hint, optional=True
    )
    said = words.render("modals/refuse", card=card)
    return blocks.modal_view(
        "refuse",
        words.render_label("refuse.title"),
        [*blocks.paragraph_blocks(said.paragraphs), asked],
        submit=words.render_label("refuse"),
        close=words.render_label("cancel"),
        private_metadata=card.request.id,
    )


def successor_view(
    words: Renderer, card: SuccessionView, *, decides_alone: bool
) -> View:
    """The window that asks who is to follow."""
    said = words.render("modals/choose", card=card, alone=decides_alone)
    person = blocks.users_select("person", words.render_label("choose.person"))
    return blocks.modal_view(
        "choose",
        words.render_label("choose.title"),
        [
            *blocks.paragraph_blocks(said.paragraphs),
            blocks.input_block("person", words.render_label("choose.person"), person),
        ],
        submit=words.render_label("choose"),
        close=words.render_label("cancel"),
        private_metadata=card.resource.id,
    )


def _primary_button(words: Renderer, name: str, value: str, long: str) -> Block:
    return blocks.button(name, words.render_label(name), value, long, "primary")

"""Requests, successions and ends that are near as cards: what those who are asked can press."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Block, Message, View, blocks
from bot.words import Said, Words
from collab.policy import NOTE_LIMIT
from collab.resources import Resource
from collab.subjects import OpenRequest, OpenSuccession, OpenTerm

SOON = "soon"


def request_controls(words: Words, card: OpenRequest, _state: str = "", origin: str = "request") -> list[Block]:
    """Grant and Decline, while nobody has answered."""
    if not card.waits:
        return []
    request = card.request.id
    grant = blocks.button("grant", words.label("grant"), request, words.label("grant.long"), "primary")
    refuse = blocks.button("refuse", words.label("refuse"), request, words.label("refuse.long"))
    return [blocks.actions(f"{origin} {request}", grant, refuse)]


def succession_controls(
    words: Words, card: OpenSuccession, _state: str = "", origin: str = "succession"
) -> list[Block]:
    """Choose, while nobody follows."""
    if not card.waits:
        return []
    long = words.label("choose.long", what=card.resource.slug)
    return [blocks.actions(f"{origin} {card.resource.id}", _button(words, "choose", card.resource.id, long))]


def extend_controls(words: Words, card: OpenTerm, state: str = SOON, origin: str = "term") -> list[Block]:
    """Extend, while the end is near."""
    if state != SOON:
        return []
    about = f"{card.resource.id} {card.person.id}"
    value = f"{about} {card.membership.until.isoformat()}" if card.membership and card.membership.until else about
    return [blocks.actions(f"{origin} {about}", _button(words, "extend", value, words.label("extend.long")))]


def undo_message(words: Words, said: Said, seq: int) -> Message:
    """What was done, with the way back while there is one."""
    undo = blocks.button("undo", words.label("undo"), str(seq), words.label("undo.long"))
    return blocks.message(said, blocks.actions("undo", undo))


def request_view(words: Words, resource: Resource, roles: Sequence[str]) -> View:
    """The window that asks which role somebody would like, and why."""
    said = words.say("modals/request", resource=resource)
    role = blocks.select("role", words.label("edit.role"), [(name, name) for name in roles], roles[-1])
    note = blocks.text_input("note", NOTE_LIMIT, lines=True)
    asked = [
        blocks.field("role", words.label("edit.role"), role),
        blocks.field("note", words.label("request.note"), note, hint=words.label("request.note.hint"), optional=True),
    ]
    return blocks.modal(
        "request",
        words.label("request.title"),
        [*blocks.paragraphs(said.paragraphs), *asked],
        submit=words.label("request"),
        close=words.label("cancel"),
        about=resource.id,
    )


def refuse_view(words: Words, card: OpenRequest) -> View:
    """The window that asks for an optional reason."""
    reason = blocks.text_input("reason", NOTE_LIMIT, lines=True)
    hint = words.label("refuse.reason.hint")
    asked = blocks.field("reason", words.label("decline.reason"), reason, hint=hint, optional=True)
    said = words.say("modals/refuse", card=card)
    return blocks.modal(
        "refuse",
        words.label("refuse.title"),
        [*blocks.paragraphs(said.paragraphs), asked],
        submit=words.label("refuse"),
        close=words.label("cancel"),
        about=card.request.id,
    )


def choose_view(words: Words, card: OpenSuccession, *, alone: bool) -> View:
    """The window that asks who is to follow."""
    said = words.say("modals/choose", card=card, alone=alone)
    person = blocks.users_select("person", words.label("choose.person"))
    return blocks.modal(
        "choose",
        words.label("choose.title"),
        [*blocks.paragraphs(said.paragraphs), blocks.field("person", words.label("choose.person"), person)],
        submit=words.label("choose"),
        close=words.label("cancel"),
        about=card.resource.id,
    )


def _button(words: Words, name: str, value: str, long: str) -> Block:
    return blocks.button(name, words.label(name), value, long, "primary")

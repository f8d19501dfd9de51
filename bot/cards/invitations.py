"""Invitations as cards: the invited person's, the inviter's and the channel's copies, and the lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from bot.cards import Block, Message, View, blocks
from bot.words import Words
from collab.lists import InvitationList
from collab.offers import JOIN, PENDING
from collab.policy import NOTE_LIMIT
from collab.subjects import OpenInvitation

ROWS = 20


def state_at(card: OpenInvitation, at: datetime) -> str:
    """The state of an invitation by time, whether or not a sweep has run."""
    invitation = card.invitation
    return "expired" if invitation.state == PENDING and at >= invitation.expires else invitation.state


def answer_controls(words: Words, card: OpenInvitation, state: str, origin: str = "invitation") -> list[Block]:
    """Accept, Decline and the small menu, while there is something to answer."""
    if state != PENDING:
        return []
    menu = ["snooze", *([] if card.invitation.muted else ["mute"]), "about"]
    options = [(words.label(name), f"{name} {card.invitation.id}") for name in menu]
    buttons = [_button(words, card, "accept", "primary"), _button(words, card, "decline")]
    return [blocks.actions(f"{origin} {card.invitation.id}", *buttons, blocks.overflow("more", options))]


def manage_controls(words: Words, card: OpenInvitation, state: str, origin: str = "invitation_sent") -> list[Block]:
    """Revoke, Send again and Edit, while the invitation waits."""
    if state != PENDING:
        return []
    buttons = [_button(words, card, name) for name in manageable(card, state)]
    return [blocks.actions(f"{origin} {card.invitation.id}", *buttons)]


def manageable(card: OpenInvitation, state: str) -> tuple[str, ...]:
    """What its sender can do with an invitation; an offer to pay or to own has no role and no length to edit."""
    if state != PENDING:
        return ("resend",) if state == "expired" else ()
    return ("revoke", "resend", "edit") if card.invitation.purpose == JOIN else ("revoke", "resend")


def again_controls(words: Words, card: OpenInvitation, state: str, origin: str = "invitation_expired") -> list[Block]:
    """Send again, after the end."""
    if state != "expired":
        return []
    return [blocks.actions(f"{origin} {card.invitation.id}", _button(words, card, "resend"))]


def sent_message(words: Words, found: InvitationList, page: int, at: datetime) -> Message:
    """A page of what the reader sent and how it stands, with buttons for what is open or expired."""
    shown = found.invitations
    states = [state_at(card, at) for card in shown]
    said = words.say("replies/sent", cards=shown, states=states, page=page)
    rows = [
        manage_controls(words, card, state, "sent") + again_controls(words, card, state, "sent")
        for card, state in zip(shown, states, strict=True)
    ]
    total = (page + 1) * ROWS + (found.next_page is not None)
    return rows_message(said.paragraphs, rows, pages(words, "invitations_page", "sent", page, total))


def rows_message(parts: Sequence[str], rows: Sequence[Sequence[Block]], end: Sequence[Block]) -> Message:
    """A heading, then a paragraph and its controls for each row; a row's note stays with its paragraph."""
    heading, *lines = parts
    shown = [block for line, row in zip(lines, rows, strict=True) for block in (blocks.row(line), *row)]
    text = blocks.cut("\n".join(parts), blocks.TOP)
    return {"text": text, "blocks": [*blocks.section(heading), *shown, *end]}


def pages(words: Words, action: str, value: str, page: int, total: int) -> list[Block]:
    """The way to the next page, or back to the first from the last."""
    if (page + 1) * ROWS < total:
        return [page_button(words, action, "next", f"{value} {page + 1}")]
    return [page_button(words, action, "first", f"{value} 0")] if page else []


def page_button(words: Words, action: str, label: str, value: str) -> Block:
    """A row with the button that shows another page."""
    button = blocks.button(action, words.label(label), value, words.label(f"{label}.long"))
    return blocks.actions("pages", button)


def decline_view(words: Words, card: OpenInvitation) -> View:
    """The window that asks for an optional reason."""
    reason = blocks.text_input("reason", NOTE_LIMIT, lines=True)
    hint = words.label("decline.reason.hint")
    asked = blocks.field("reason", words.label("decline.reason"), reason, hint=hint, optional=True)
    return _view(words, "decline", "decline", card, [asked])


def edit_view(words: Words, card: OpenInvitation, roles: Sequence[str], zone: tzinfo = UTC) -> View:
    """The window that changes what a pending invitation offers."""
    role = blocks.select("role", words.label("edit.role"), [(r, r) for r in roles], card.invitation.role)
    lasts = blocks.text_input("lasts", 20, initial=_typed_length(card, zone))
    length = words.label("edit.lasts")
    asked = [
        blocks.field("role", words.label("edit.role"), role),
        blocks.field("lasts", length, lasts, hint=words.label("edit.lasts.hint"), optional=True),
    ]
    return _view(words, "edit", "save", card, asked)


def _view(words: Words, name: str, submit: str, card: OpenInvitation, asked: Sequence[Block]) -> View:
    said = words.say(f"modals/{name}", card=card)
    return blocks.modal(
        name,
        words.label(f"{name}.title"),
        [*blocks.paragraphs(said.paragraphs), *asked],
        submit=words.label(submit),
        close=words.label("cancel"),
        about=card.invitation.id,
    )


def _typed_length(card: OpenInvitation, zone: tzinfo) -> str:
    if card.invitation.until:
        return f"{card.invitation.until.astimezone(zone):%Y-%m-%d}"
    lasts = card.invitation.lasts
    hours = int(lasts.total_seconds()) // 3600 if lasts else 0
    return f"{hours}h" if hours % 24 else f"{hours // 24}d" if hours else ""


def _button(words: Words, card: OpenInvitation, name: str, style: str | None = None) -> Block:
    invitee = card.invitee
    whom = invitee.title or getattr(invitee, "email", None) or words.label("somebody")
    long = words.label(f"{name}.long", what=card.resource.slug, whom=whom)
    return blocks.button(name, words.label(name), card.invitation.id, long, style)

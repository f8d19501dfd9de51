"""Invitations as cards: the invited person's, the inviter's and the channel's copies, and the lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, ListPage, MenuOption
from bot.slack.views import Block, Message, View, blocks
from collab.invitations.rules import JOIN, PENDING
from collab.limits import NOTE_LIMIT
from collab.memberships.queries import InvitationList
from collab.open_items import InvitationView

ROWS_PER_PAGE = 20


def invitation_state_at(card: InvitationView, at: datetime) -> str:
    """The state of an invitation by time, whether or not a sweep has run."""
    invitation = card.invitation
    return (
        "expired"
        if invitation.state == PENDING and at >= invitation.expires
        else invitation.state
    )


def answer_controls(
    renderer: Renderer, card: InvitationView, state: str, origin: str = "invitation"
) -> list[Block]:
    """Accept, Decline and the small menu, while there is something to answer."""
    if state != PENDING:
        return []
    menu = ["snooze", *([] if card.invitation.muted else ["mute"]), "about"]
    options = [
        (renderer.render_label(name), MenuOption(name, card.invitation.id).encode())
        for name in menu
    ]
    buttons = [
        _invitation_button(renderer, card, "accept", "primary"),
        _invitation_button(renderer, card, "decline"),
    ]
    return [
        blocks.actions_block(
            BlockId(origin, card.invitation.id).encode(),
            *buttons,
            blocks.overflow_menu("more", options),
        )
    ]


def manage_controls(
    renderer: Renderer,
    card: InvitationView,
    state: str,
    origin: str = "invitation_sent",
) -> list[Block]:
    """Revoke, Send again and Edit, while the invitation waits."""
    if state != PENDING:
        return []
    buttons = [
        _invitation_button(renderer, card, name)
        for name in list_sender_actions(card, state)
    ]
    return [
        blocks.actions_block(BlockId(origin, card.invitation.id).encode(), *buttons)
    ]


def list_sender_actions(card: InvitationView, state: str) -> tuple[str, ...]:
    """What its sender can do with an invitation; an offer to pay or to own has no role and no length to edit."""
    if state != PENDING:
        return ("resend",) if state == "expired" else ()
    return (
        ("revoke", "resend", "edit")
        if card.invitation.purpose == JOIN
        else ("revoke", "resend")
    )


def resend_controls(
    renderer: Renderer,
    card: InvitationView,
    state: str,
    origin: str = "invitation_expired",
) -> list[Block]:
    """Send again, after the end."""
    if state != "expired":
        return []
    return [
        blocks.actions_block(
            BlockId(origin, card.invitation.id).encode(),
            _invitation_button(renderer, card, "resend"),
        )
    ]


def sent_invitations_message(
    renderer: Renderer, found: InvitationList, page: int, at: datetime
) -> Message:
    """A page of what the reader sent and how it stands, with buttons for what is open or expired."""
    shown = found.invitations
    states = [invitation_state_at(card, at) for card in shown]
    said = renderer.render("replies/sent", cards=shown, states=states, page=page)
    rows = [
        manage_controls(renderer, card, state, "sent")
        + resend_controls(renderer, card, state, "sent")
        for card, state in zip(shown, states, strict=True)
    ]
    total = (page + 1) * ROWS_PER_PAGE + (found.next_page is not None)
    return list_message(
        said.paragraphs,
        rows,
        pagination_blocks(renderer, "invitations_page", "sent", page, total),
    )


def list_message(
    parts: Sequence[str], rows: Sequence[Sequence[Block]], end: Sequence[Block]
) -> Message:
    """A heading, then a paragraph and its controls for each row; a row's note stays with its paragraph."""
    heading, *lines = parts
    shown = [
        block
        for line, row in zip(lines, rows, strict=True)
        for block in (blocks.list_row(line), *row)
    ]
    text = blocks.truncate("\n".join(parts), blocks.MAX_MESSAGE_TEXT)
    return {"text": text, "blocks": [*blocks.section_blocks(heading), *shown, *end]}


def pagination_blocks(
    renderer: Renderer, action: str, value: str, page: int, total: int
) -> list[Block]:
    """The way to the next page, or back to the first from the last."""
    if (page + 1) * ROWS_PER_PAGE < total:
        return [
            page_button(renderer, action, "next", ListPage(value, page + 1).encode())
        ]
    return (
        [page_button(renderer, action, "first", ListPage(value).encode())]
        if page
        else []
    )


def page_button(renderer: Renderer, action: str, label: str, value: str) -> Block:
    """A row with the button that shows another page."""
    button = blocks.button(
        action,
        renderer.render_label(label),
        value,
        renderer.render_label(f"{label}.long"),
    )
    return blocks.actions_block("pages", button)


def decline_invitation_view(renderer: Renderer, card: InvitationView) -> View:
    """The window that asks for an optional reason."""
    reason = blocks.text_input("reason", NOTE_LIMIT, multiline=True)
    hint = renderer.render_label("decline.reason.hint")
    asked = blocks.input_block(
        "reason",
        renderer.render_label("decline.reason"),
        reason,
        hint=hint,
        optional=True,
    )
    return _invitation_view(renderer, "decline", "decline", card, [asked])


def edit_invitation_view(
    renderer: Renderer, card: InvitationView, roles: Sequence[str], zone: tzinfo = UTC
) -> View:
    """The window that changes what a pending invitation offers."""
    role = blocks.static_select(
        "role",
        renderer.render_label("edit.role"),
        [(r, r) for r in roles],
        card.invitation.role,
    )
    lasts = blocks.text_input("lasts", 20, initial=_format_duration(card, zone))
    length = renderer.render_label("edit.lasts")
    asked = [
        blocks.input_block("role", renderer.render_label("edit.role"), role),
        blocks.input_block(
            "lasts",
            length,
            lasts,
            hint=renderer.render_label("edit.lasts.hint"),
            optional=True,
        ),
    ]
    return _invitation_view(renderer, "edit", "save", card, asked)


def _invitation_view(
    renderer: Renderer,
    name: str,
    submit: str,
    card: InvitationView,
    asked: Sequence[Block],
) -> View:
    said = renderer.render(f"modals/{name}", card=card)
    return blocks.modal_view(
        name,
        renderer.render_label(f"{name}.title"),
        [*blocks.paragraph_blocks(said.paragraphs), *asked],
        submit=renderer.render_label(submit),
        close=renderer.render_label("cancel"),
        private_metadata=card.invitation.id,
    )


def _format_duration(card: InvitationView, zone: tzinfo) -> str:
    if card.invitation.until:
        return f"{card.invitation.until.astimezone(zone):%Y-%m-%d}"
    lasts = card.invitation.lasts
    hours = int(lasts.total_seconds()) // 3600 if lasts else 0
    return f"{hours}h" if hours % 24 else f"{hours // 24}d" if hours else ""


def _invitation_button(
    renderer: Renderer, card: InvitationView, name: str, style: str | None = None
) -> Block:
    invitee = card.invitee
    whom = (
        invitee.title
        or getattr(invitee, "email", None)
        or renderer.render_label("somebody")
    )
    long = renderer.render_label(f"{name}.long", what=card.resource.slug, whom=whom)
    return blocks.button(
        name, renderer.render_label(name), card.invitation.id, long, style
    )

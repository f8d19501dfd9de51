"""Build the controls, lists and forms of invitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, ListPage, MenuOption
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import Control, Field, note_field
from bot.slack.forms.terms import build_term_fields
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import (
    confirm_dialog,
    confirmation_controls,
    labelled_button,
    list_message,
    pagination_blocks,
    preview_message,
)
from bot.slack.views.fields import form_view
from bot.slack.views.handovers import take_back_buttons, take_back_controls
from bot.slack.views.next_steps import open_buttons
from collab.invitations.queries import InvitationList
from collab.invitations.rules import (
    ACCEPTED,
    AGREED,
    EXPIRED,
    HANDOVER,
    JOIN,
    PENDING,
    TAKE_BACK,
)
from collab.limits import format_duration
from collab.mail_delivery import DELAYED
from collab.model import InvitationId
from collab.open_items import InvitationView

# A menu cannot ask before one of its options, so that option shows a preview.
MENU_ROUTES = {"revoke": "revoke_ask"}


def invitation_state_at(card: InvitationView, at: datetime) -> str:
    """Return an invitation's state as of `at`, also before its expiry is recorded.

    One that expired and was sent again is "renewed".
    """
    if card.is_renewed:
        return "renewed"
    invitation = card.invitation
    if invitation.state != PENDING:
        return invitation.state
    if invitation.agreed:
        return AGREED
    return "expired" if at >= invitation.expires else PENDING


def answer_controls(
    renderer: Renderer, card: InvitationView, state: str, origin: str = "invitation"
) -> list[Block]:
    """Return what the invitee can do with an open invitation, else nothing."""
    invitation = card.invitation
    if state == AGREED:
        decline = invitation_button(renderer, card, "decline", label="call_off")
        block_id = BlockId(origin, invitation.id).encode()
        return [blocks.actions_block(block_id, decline)]
    if state != PENDING:
        return _next_controls(renderer, card, state, origin)
    menu_actions = (
        ["snooze", "about"] if invitation.muted else ["snooze", "mute", "about"]
    )
    accept = invitation_button(renderer, card, "accept", style="primary")
    decline = invitation_button(renderer, card, "decline")
    menu = blocks.overflow_menu(
        "more", invitation_options(renderer, menu_actions, invitation.id)
    )
    block_id = BlockId(origin, invitation.id).encode()
    return [blocks.actions_block(block_id, accept, decline, menu)]


def _next_controls(
    renderer: Renderer, card: InvitationView, state: str, origin: str
) -> list[Block]:
    """Return what the invitee can do with what they accepted, as far as they have it,
    or with what has expired.
    """
    buttons = take_back_buttons(renderer, card, state)
    if state == EXPIRED and may_ask_again(card):
        buttons = [invitation_button(renderer, card, "ask_again")]
    if state == ACCEPTED:
        buttons = open_buttons(renderer, card.current_resources) + buttons
    block_id = BlockId(origin, card.invitation.id).encode()
    return [blocks.actions_block(block_id, *buttons)] if buttons else []


def may_ask_again(card: InvitationView) -> bool:
    """Return whether a person can ask for an expired invitation again (INV-15)."""
    is_handover = card.invitation.purpose in {HANDOVER, TAKE_BACK}
    return not (card.team or is_handover or card.has_asked_again)


def manage_controls(
    renderer: Renderer,
    card: InvitationView,
    state: str,
    origin: str = "invitation_sent",
) -> list[Block]:
    """Return what the sender can do with an open invitation, else nothing."""
    if state not in {PENDING, AGREED}:
        return take_back_controls(renderer, card, state, origin)
    buttons = [
        invitation_button(renderer, card, name)
        for name in list_sender_actions(card, state)
    ]
    block_id = BlockId(origin, card.invitation.id).encode()
    return [blocks.actions_block(block_id, *buttons)]


def sent_controls(renderer: Renderer, card: InvitationView, state: str) -> list[Block]:
    """Return what the sender can open, change or withdraw of what they sent.

    What they just sent needs no button that sends it again.
    """
    actions = [
        name
        for name in list_sender_actions(card, state)
        if name != "resend" or state != PENDING
    ]
    buttons = [
        *open_buttons(renderer, [card.resource]),
        *(invitation_button(renderer, card, name) for name in actions),
    ]
    block_id = BlockId("invited", card.invitation.id).encode()
    return [blocks.actions_block(block_id, *buttons)]


def list_sender_actions(card: InvitationView, state: str) -> tuple[str, ...]:
    """Return the actions of an invitation's sender.

    An offer of billing or ownership has no role and no duration to edit. A handover is
    offered anew by its own verb.
    """
    is_handover = card.invitation.purpose in {HANDOVER, TAKE_BACK}
    if state == AGREED:
        return ("revoke",)
    if state == "expired":
        return () if is_handover else ("resend",)
    if state != PENDING:
        return ()
    if is_undelivered(card) and not is_handover:
        return ("readdress", *_resend_action(card), "revoke")
    if card.invitation.purpose != JOIN:
        return ("revoke", "resend")
    return ("revoke", "resend", "edit")


def is_undelivered(card: InvitationView) -> bool:
    """Return whether the invitation's mail came back or was refused for good."""
    problem = card.invitation.undelivered
    return problem is not None and problem != DELAYED


def _resend_action(card: InvitationView) -> tuple[str, ...]:
    """Return the action that sends an invitation again, if its address gets mails."""
    is_stopped = card.person.mail_stopped and not card.person.user
    return () if is_stopped else ("resend",)


def invitation_options(
    renderer: Renderer,
    actions: Sequence[str],
    invitation_id: InvitationId,
    *,
    is_agreed: bool = False,
) -> list[tuple[str, str]]:
    """Return the labels and values of a menu's actions on an invitation."""
    labels = {"revoke_ask": "call_off"} if is_agreed else {}
    routes = [MENU_ROUTES.get(name, name) for name in actions]
    return [
        (
            renderer.render_label(labels.get(route, route)),
            MenuOption(route, invitation_id).encode(),
        )
        for route in routes
    ]


def resend_controls(
    renderer: Renderer,
    card: InvitationView,
    state: str,
    origin: str = "invitation_expired",
) -> list[Block]:
    """Return the button that sends an expired invitation again, else nothing."""
    if state != "expired" or "resend" not in list_sender_actions(card, state):
        return []
    resend = invitation_button(renderer, card, "resend")
    block_id = BlockId(origin, card.invitation.id).encode()
    return [blocks.actions_block(block_id, resend)]


def asked_again_controls(
    renderer: Renderer, card: InvitationView, state: str
) -> list[Block]:
    """Return the button that sends an invitation again that was asked for, else
    nothing.
    """
    return resend_controls(renderer, card, state, "invitation_asked_again")


def undelivered_controls(
    renderer: Renderer, card: InvitationView, state: str
) -> list[Block]:
    """Return what the sender can do with an invitation that did not arrive, else
    nothing.
    """
    if state != PENDING or not is_undelivered(card):
        return []
    buttons = [
        invitation_button(renderer, card, name)
        for name in list_sender_actions(card, state)
    ]
    block_id = BlockId("invitation_undelivered", card.invitation.id).encode()
    return [blocks.actions_block(block_id, *buttons)]


def revocation_preview_message(
    renderer: Renderer, card: InvitationView, *, is_renewed: bool = False
) -> Message:
    """Return which invitation would be withdrawn, with the button that does it."""
    text = renderer.render("replies/revoke_preview", card=card)
    controls = confirmation_controls(
        renderer, "revoke", card.resource, card.invitation.id, card
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def sent_invitations_message(
    renderer: Renderer, sent: InvitationList, page: int, at: datetime
) -> Message:
    """Return a page of the reader's sent invitations with their states and controls."""
    cards = sent.invitations
    states = [invitation_state_at(card, at) for card in cards]
    text = renderer.render("replies/sent", cards=cards, states=states, page=page)
    controls = [
        manage_controls(renderer, card, state, "sent")
        + resend_controls(renderer, card, state, "sent")
        for card, state in zip(cards, states, strict=True)
    ]
    pagination = pagination_blocks(
        renderer, "invitations_page", ListPage("sent", page), sent.next_page
    )
    return list_message(text.paragraphs, controls, pagination)


def decline_invitation_view(renderer: Renderer, card: InvitationView) -> View:
    """Return the form that declines an invitation, or calls off what was agreed to,
    with an optional reason.
    """
    label = "call_off" if card.invitation.agreed else "decline"
    return form_view(
        renderer,
        "decline",
        [
            renderer.render("modals/decline", card=card),
            note_field("decline.reason", "decline.reason.hint"),
        ],
        submit=label,
        title=f"{label}.title",
        private_metadata=card.invitation.id,
    )


def edit_invitation_view(
    renderer: Renderer,
    card: InvitationView,
    roles: Sequence[str],
    zone: tzinfo = UTC,
    values: Mapping[str, str] | None = None,
) -> View:
    """Return the form that edits the role and duration of a pending invitation.

    `values` are those entered so far, the present ones by default.
    """
    invitation = card.invitation
    if values is None:
        lasts = _format_duration(card, zone) or NOTHING_WORD
        values = {Slot.ROLE: invitation.role, Slot.DURATION: lasts}
    options = [(renderer.role_name(role), role) for role in roles]
    duration = Field(
        Slot.DURATION,
        Control.SELECT,
        "edit.lasts",
        hint_key="term.after.hint",
        placeholder=renderer.render_label("term.endless"),
        depends_on=invitation.id,
        action_id="edit_lasts",
    )
    return form_view(
        renderer,
        "edit",
        [
            renderer.render("modals/edit", card=card),
            Field(
                Slot.ROLE,
                Control.SELECT,
                "edit.role",
                values.get(Slot.ROLE, ""),
                options,
            ),
            *build_term_fields(renderer, duration, values, may_be_endless=True),
        ],
        submit="save",
        private_metadata=invitation.id,
    )


def _format_duration(card: InvitationView, zone: tzinfo) -> str:
    """Return an invitation's end or duration as one types it: 2026-12-24, 36h or 7d."""
    if card.invitation.until:
        return f"{card.invitation.until.astimezone(zone):%Y-%m-%d}"
    duration = card.invitation.lasts
    return format_duration(duration) if duration else ""


def invitation_button(
    renderer: Renderer,
    card: InvitationView,
    action_id: str,
    style: str | None = None,
    label: str = "",
) -> Block:
    """Return a button that acts on an invitation."""
    invitee = card.invitee
    email = getattr(invitee, "email", None)  # a team has none
    is_agreed = card.invitation.agreed is not None
    dialog = "call_off" if action_id == "revoke" and is_agreed else "revoke"
    if dialog == "call_off":
        label = dialog  # what was agreed on is called off, by either side
    button = labelled_button(
        renderer,
        action_id,
        card.invitation.id,
        label=label or MENU_ROUTES.get(action_id, action_id),
        style=style,
        what=card.resource.slug,
        whom=invitee.title or email or renderer.render_label("somebody"),
    )
    if action_id != "revoke":
        return button
    effect = renderer.render("replies/revoke_preview", card=card).paragraphs[-1]
    return {**button, "confirm": confirm_dialog(renderer, dialog, effect)}

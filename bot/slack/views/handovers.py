"""Build the messages of handovers."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, ShownPreview
from bot.slack.handover_values import HandoverOffer
from bot.slack.views import Block, Message, blocks
from bot.slack.views.controls import labelled_button, preview_message
from bot.slack.views.resources import MAX_INVITATIONS, MAX_LISTED
from collab.confirmation import compute_digest
from collab.handovers.preview import HandoverPreview
from collab.model import PersonId
from collab.open_items import InvitationView


def handover_preview_message(
    renderer: Renderer,
    preview: HandoverPreview,
    offer: HandoverOffer,
    viewer_id: PersonId,
    *,
    is_renewed: bool = False,
) -> Message:
    """Return what a handover would change, with the button that sends the offer."""
    changes, readiness = preview.changes, preview.readiness
    losing = [
        shift
        for shift in (changes.losing if changes else ())
        if shift.person.id != viewer_id
    ]
    text = renderer.render(
        "replies/handover_preview",
        preview=preview,
        rotate=changes.rotate if changes else (),
        losing=losing[:MAX_LISTED],
        losing_more=max(0, len(losing) - MAX_LISTED),
        revoked_ids=[
            card.invitation.id for card in (changes.revoked if changes else ())
        ],
        disabled=readiness.disabled[:MAX_LISTED],
        invitations=readiness.invitations[:MAX_INVITATIONS],
        invitations_more=max(0, len(readiness.invitations) - MAX_INVITATIONS),
        ending=readiness.ending[:MAX_LISTED],
        ending_more=max(0, len(readiness.ending) - MAX_LISTED),
    )
    value = ShownPreview(compute_digest(preview.effects), offer.encode()).encode()
    send = labelled_button(
        renderer,
        "handover",
        value,
        style="primary",
        what=preview.handed_over[0].slug,
    )
    cancel = labelled_button(renderer, "cancel", preview.person.id)
    controls = blocks.actions_block("ending", send, cancel)
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def take_back_controls(
    renderer: Renderer, card: InvitationView, state: str, origin: str
) -> list[Block]:
    """Return the row with the button that undoes a handover, else nothing."""
    buttons = take_back_buttons(renderer, card, state)
    block_id = BlockId(origin, card.invitation.id).encode()
    return [blocks.actions_block(block_id, *buttons)] if buttons else []


def take_back_buttons(
    renderer: Renderer, card: InvitationView, state: str
) -> list[Block]:
    """Return the button that asks to undo a handover that was done, else nothing."""
    if state != "accepted" or card.handover is None:
        return []
    if card.handover.can_be_taken_back_until is None:
        return []
    button = labelled_button(
        renderer, "take_back", card.invitation.id, what=card.resource.slug
    )
    dialog = blocks.confirm_dialog(
        renderer.render_label("take_back.title"),
        renderer.render_label("take_back.effect"),
        renderer.render_label("take_back.ask"),
        renderer.render_label("cancel"),
    )
    return [{**button, "confirm": dialog}]

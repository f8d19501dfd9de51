"""The question whether an invitation goes to who opened its link (OUT-04)."""

from __future__ import annotations

from datetime import datetime

from bot.rendering import Renderer
from bot.slack.button_values import ClaimRef
from bot.slack.views import Message, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.invitations import invitation_state_at
from collab.invitations.rules import PENDING
from collab.model import Person
from collab.open_items import InvitationView

CLAIMED = "invitation_claimed"


def claim_message(
    renderer: Renderer, card: InvitationView, claimant: Person, at: datetime
) -> Message:
    """Return who asks for an invitation, with the buttons while it is open."""
    text = renderer.render(f"notices/{CLAIMED}", card=card, claimant=claimant)
    if invitation_state_at(card, at) != PENDING:
        return blocks.build_message(text)
    value = ClaimRef(card.invitation.id, claimant.id).encode()
    buttons = [
        labelled_button(renderer, "claim_grant", value, style="primary"),
        labelled_button(renderer, "claim_dismiss", value),
    ]
    return blocks.build_message(text, blocks.actions_block("claim", *buttons))

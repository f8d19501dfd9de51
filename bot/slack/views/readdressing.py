"""Build the form that sends an invitation to another address."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.forms.fields import Control, Field
from bot.slack.views import View
from bot.slack.views.fields import form_view
from collab.open_items import InvitationView
from collab.text import MAX_ADDRESS_LENGTH

EMAIL = "email"


def readdress_view(renderer: Renderer, card: InvitationView) -> View:
    """Return the form with the address that an invitation was sent to."""
    return form_view(
        renderer,
        "readdress",
        [
            renderer.render("modals/readdress", card=card),
            Field(
                EMAIL,
                Control.TEXT,
                "readdress.email",
                card.person.email or "",
                limit=MAX_ADDRESS_LENGTH,
            ),
        ],
        submit="readdress.submit",
        private_metadata=card.invitation.id,
    )

"""Build the controls and the form of successions."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.button_values import BlockId
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import Control, Field
from bot.slack.views import Block, View, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.fields import form_view
from collab.open_items import SuccessionView


def succession_controls(
    renderer: Renderer,
    card: SuccessionView,
    _state: str = "",
    origin: str = "succession",
) -> list[Block]:
    """Return the button Choose of a pending succession, else nothing."""
    if not card.waits:
        return []
    resource = card.resource
    choose = labelled_button(
        renderer, "choose", resource.id, style="primary", what=resource.slug
    )
    block_id = BlockId(origin, resource.id).encode()
    return [blocks.actions_block(block_id, choose)]


def successor_view(
    renderer: Renderer, card: SuccessionView, *, decides_alone: bool
) -> View:
    """Return the form that chooses a successor."""
    return form_view(
        renderer,
        "choose",
        [
            renderer.render("modals/choose", card=card, alone=decides_alone),
            Field(
                Slot.PERSON,
                Control.PERSON,
                "choose.person",
                hint_key="people.no_bots",
            ),
        ],
        submit="choose",
        private_metadata=card.resource.id,
    )

"""Build the first steps in a workspace, and the offer to link a channel."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, ResourceScope
from bot.slack.commands.verb import MenuGroup
from bot.slack.views import Block, Message, blocks
from bot.slack.views.controls import home_button, labelled_button
from collab.model import ChannelId

CHANNEL_OFFER = "channel_offer"


def welcome_message(renderer: Renderer, home_url: str) -> Message:
    """Return the first steps for the person who sets Collab up."""
    everything = ResourceScope().encode()
    buttons = [
        labelled_button(renderer, "create_open", everything, style="primary"),
        labelled_button(renderer, "invite_open", everything),
        *home_button(renderer, home_url),
        labelled_button(renderer, "help_all", MenuGroup.PEOPLE.value),
    ]
    text = renderer.render("replies/welcome")
    return blocks.build_message(text, blocks.actions_block("welcome", *buttons))


def channel_offer_message(
    renderer: Renderer, channel_id: ChannelId, *, has_linkable: bool
) -> Message:
    """Return the offer to link a channel that Collab was added to.

    Where there is nothing that the person may link, they are offered to create it.
    """
    if has_linkable:
        control: Block = blocks.single_external_select(
            "link_here", renderer.render_label("field.thing.choose"), None
        )
    else:
        everything = ResourceScope().encode()
        control = labelled_button(renderer, "create_open", everything, style="primary")
    not_now = labelled_button(renderer, "not_now", channel_id)
    block_id = BlockId(CHANNEL_OFFER, channel_id).encode()
    text = renderer.render(
        "replies/channel_offer", channel=channel_id, has_linkable=has_linkable
    )
    return blocks.build_message(text, blocks.actions_block(block_id, control, not_now))

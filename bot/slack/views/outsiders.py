"""Build the question before people from outside are invited to a role with power."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import View, blocks
from bot.slack.views.resources import MAX_LISTED
from collab.outsiders import PowerForOutsiders


def outsider_question_view(
    renderer: Renderer, power: PowerForOutsiders, metadata: str
) -> View:
    """Return the question; `metadata` is the invitation that is sent after it."""
    text = renderer.render(
        "modals/outsiders",
        people=power.people[:MAX_LISTED],
        more=max(0, len(power.people) - MAX_LISTED),
        resources=power.resources,
        role=power.role,
        can_do=power.abilities,
        kind=power.resources[0].kind,
    )
    return blocks.modal_view(
        "invite_outsiders",
        renderer.render_label("invite_outsiders.title"),
        blocks.paragraph_blocks(text.paragraphs),
        submit=renderer.render_label("invite_outsiders.submit"),
        close=renderer.render_label("cancel"),
        private_metadata=metadata,
    )

"""Build the questions before people from outside get a role with power."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import View, blocks
from bot.slack.views.resources import MAX_LISTED
from collab.open_items import AccessRequestView
from collab.outsiders import PowerForOutsiders


def outsider_question_view(
    renderer: Renderer, power: PowerForOutsiders, metadata: str
) -> View:
    """Return the question; `metadata` is the invitation that is sent after it."""
    return _question_view(renderer, "invite_outsiders", power, metadata)


def outsider_edit_view(
    renderer: Renderer, power: PowerForOutsiders, metadata: str
) -> View:
    """Return the question; `metadata` is the edit that is made after it."""
    return _question_view(renderer, "edit_outsider", power, metadata)


def outsider_successor_view(
    renderer: Renderer, power: PowerForOutsiders, metadata: str
) -> View:
    """Return the question; `metadata` is the successor who is chosen after it."""
    return _question_view(renderer, "choose_outsider", power, metadata)


def outsider_request_view(renderer: Renderer, card: AccessRequestView) -> View:
    """Return the question before an access request is approved."""
    power = PowerForOutsiders(
        [card.person], [card.resource], card.request.role, card.can
    )
    return _question_view(renderer, "grant_outsider", power, card.request.id)


def _question_view(
    renderer: Renderer, name: str, power: PowerForOutsiders, metadata: str
) -> View:
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
        name,
        renderer.render_label(f"{name}.title"),
        blocks.paragraph_blocks(text.paragraphs),
        submit=renderer.render_label(f"{name}.submit"),
        close=renderer.render_label("cancel"),
        private_metadata=metadata,
    )

"""The buttons after a result: what one does next with a resource."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from bot.rendering import Renderer, normalize_text
from bot.slack.button_values import BlockId, VerbChoice
from bot.slack.views import Block, blocks
from bot.slack.views.controls import labelled_button
from collab.model import Resource
from collab.role_model import RoleModel

MAX_OPEN_BUTTONS = 4


class NextStep(Enum):
    """A button: its label, its route, and the verb whose form it opens, if any."""

    INVITE = ("next.invite", "invite_open", "")
    LINK = ("next.link", "act", "link")
    PAY = ("next.pay", "act", "pay")
    ASSIGN = ("next.assign", "act", "assign")
    ENABLE = ("next.enable", "act", "enable")
    MEMBERS = ("next.members", "members_ask", "")
    KEYS = ("next.keys", "keys_open", "")
    INVOICES = ("next.invoices", "act", "invoices")
    CHANNELS = ("channels_open", "channels_open", "")
    OPEN = ("next.open", "open_page", "")


# What only shows something is never the main step.
SHOWING_STEPS = frozenset(
    {NextStep.MEMBERS, NextStep.INVOICES, NextStep.CHANNELS, NextStep.OPEN}
)


def next_steps_block(renderer: Renderer, resource: Resource, *steps: NextStep) -> Block:
    """Return the buttons of some steps; the first is primary if it does something."""
    buttons = [
        _step_button(renderer, resource, step, is_first=number == 0)
        for number, step in enumerate(steps)
    ]
    return blocks.actions_block(BlockId("next", resource.id).encode(), *buttons)


def open_buttons(renderer: Renderer, resources: Sequence[Resource]) -> list[Block]:
    """Return the buttons of what somebody has got: the pages, and of one the members."""
    if len(resources) == 1:
        steps = (NextStep.OPEN, NextStep.MEMBERS)
        return [
            _step_button(renderer, resources[0], step, is_first=False) for step in steps
        ]
    buttons = [
        _step_button(renderer, resource, NextStep.OPEN, is_first=False)
        for resource in resources[:MAX_OPEN_BUTTONS]
    ]
    return [
        {**button, "action_id": f"{button['action_id']}:{number}"}
        for number, button in enumerate(buttons)
    ]


def list_steps_of_new(
    roles: RoleModel, resource: Resource, role_name: str
) -> list[NextStep]:
    """Return what the creator of a resource may do with it, by their role."""
    resource_type = roles[resource.kind]
    role = resource_type.find_role(role_name)
    capabilities = role.capabilities if role else ()
    steps = []
    if role and role.grants:
        steps.append(NextStep.INVITE)
    if resource_type.is_paid and "delete" in capabilities:
        steps.append(NextStep.PAY)
    if "edit" in capabilities:
        steps.append(NextStep.LINK)
    return [*steps, NextStep.OPEN]


def _step_button(
    renderer: Renderer, resource: Resource, step: NextStep, *, is_first: bool
) -> Block:
    label, route, verb = step.value
    title = normalize_text(resource.title) or resource.slug
    return labelled_button(
        renderer,
        f"{route}:{verb}" if verb else route,
        VerbChoice(verb, resource.id).encode() if verb else resource.id,
        label=label,
        style="primary" if is_first and step not in SHOWING_STEPS else None,
        what=title,
    )

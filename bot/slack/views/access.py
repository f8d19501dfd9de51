"""Build the messages about access: one's own roles, who may do something, and why."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.button_values import BlockId, CapabilityPage, ListPage
from bot.slack.views import Message, blocks
from bot.slack.views.controls import pagination_blocks
from bot.slack.views.pages import open_page_button
from collab.access_queries import (
    AccessExplanation,
    ResourceRoleList,
    RolePath,
    UsersWithCapability,
)
from collab.home import OfferedActions
from collab.model import PersonId

MAX_PATHS = 40


def own_roles_message(
    renderer: Renderer, roles: ResourceRoleList, page: int, able: OfferedActions
) -> Message:
    """Return a page of the reader's own roles, each with the button of its page."""
    pagination = pagination_blocks(
        renderer, "mine_page", ListPage("mine", page), roles.next_page
    )
    text = renderer.render("replies/mine", list=roles, able=able)
    heading, *lines = text.paragraphs
    rows = [
        blocks.list_row(
            line,
            open_page_button(renderer, held.resource),
            BlockId("mine", held.resource.id).encode(),
        )
        for line, held in zip(lines, roles.belongings, strict=True)
    ]
    return {
        "text": blocks.truncate(text.text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [*blocks.section_blocks(heading), *rows, *pagination],
    }


def users_with_capability_message(
    renderer: Renderer, users: UsersWithCapability, page: int
) -> Message:
    """Return a page of the people with a capability, and how they have it."""
    current = CapabilityPage(users.resource.id, users.capability, page, users.day)
    pagination = pagination_blocks(renderer, "who_page", current, users.next_page)
    text = renderer.render("replies/who", users=users)
    return blocks.build_message(text, *pagination)


def access_explanation_message(
    renderer: Renderer,
    explanation: AccessExplanation,
    role_paths: Sequence[RolePath],
    viewer_id: PersonId,
    *,
    is_closed: bool,
) -> Message:
    """Return every path by which a person has a capability.

    `role_paths` are their roles on the resource, named when there is no such path.
    """
    text = renderer.render(
        "replies/why",
        explanation=explanation,
        paths=explanation.paths[:MAX_PATHS],
        role_paths=role_paths[:MAX_PATHS],
        me=viewer_id,
        closed=is_closed,
    )
    return blocks.build_message(text)

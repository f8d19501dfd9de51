"""Access as cards: what I hold, who can, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.rendering import Renderer
from bot.slack.button_values import CapabilityPage, ListPage
from bot.slack.views import Block, Message, blocks
from bot.slack.views.invitations import page_button
from collab.access_queries import (
    AccessExplanation,
    ResourceRoleList,
    RolePath,
    UsersWithCapability,
)
from collab.home import OfferedActions

MAX_PATHS = 40


def own_roles_message(
    renderer: Renderer, found: ResourceRoleList, page: int, able: OfferedActions
) -> Message:
    """A page of what the reader holds."""

    def page_value(number: int) -> str:
        return ListPage("mine", number).encode()

    turn = _pagination_blocks(renderer, "mine_page", page_value, found.next_page, page)
    return blocks.build_message(
        renderer.render("replies/mine", list=found, able=able), *turn
    )


def users_with_capability_message(
    renderer: Renderer, found: UsersWithCapability, page: int
) -> Message:
    """A page of everybody who can, each with how."""

    def page_value(number: int) -> str:
        return CapabilityPage(found.resource.id, found.capability, number).encode()

    turn = _pagination_blocks(renderer, "who_page", page_value, found.next_page, page)
    return blocks.build_message(renderer.render("replies/who", found=found), *turn)


def access_explanation_message(
    renderer: Renderer,
    found: AccessExplanation,
    held: Sequence[RolePath],
    me: str,
    *,
    is_closed: bool,
) -> Message:
    """Every path by which somebody can; when there is none, what they hold there instead."""
    repositories: dict[str, Any] = {
        "paths": found.paths[:MAX_PATHS],
        "held": held[:MAX_PATHS],
        "me": me,
        "closed": is_closed,
    }
    return blocks.build_message(
        renderer.render("replies/why", found=found, **repositories)
    )


def _pagination_blocks(
    renderer: Renderer,
    action: str,
    page_value: Callable[[int], str],
    following: int | None,
    page: int,
) -> list[Block]:
    if following is not None:
        return [page_button(renderer, action, "next", page_value(following))]
    return [page_button(renderer, action, "first", page_value(0))] if page else []

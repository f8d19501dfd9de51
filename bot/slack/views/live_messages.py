"""Build the messages about open items that are updated when the item changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.rendering import Audience, RenderedText, Renderer
from bot.slack.views import Block, Message, blocks
from bot.slack.views.access_requests import request_controls
from bot.slack.views.invitations import (
    answer_controls,
    asked_again_controls,
    invitation_state_at,
    manage_controls,
    resend_controls,
    undelivered_controls,
)
from bot.slack.views.memberships import ENDING_SOON, extend_controls
from bot.slack.views.successions import succession_controls
from collab.model import Person
from collab.open_items import ExpiringMembershipView, InvitationView, OpenItem

# Messages of which only the newest has controls, by the name of the first of them.
COPY_GROUPS = {
    "invitation_reminder": "invitation",
    "invitation_asked_again": "invitation_expired",
}


def live_message(
    renderer: Renderer,
    name: str,
    subject: OpenItem,
    viewer: Person | None,
    at: datetime,
    *,
    is_older: bool = False,
    is_reply: bool = False,
    reminder_count: int = 0,
) -> Message:
    """Return the message `name` about an item as of `at`, for a viewer or a channel.

    `is_older`: the reader has a newer one, which alone has the controls. `is_reply`: it
    is in the thread of the one with the controls.
    """
    audience: Audience = "person" if viewer else "channel"
    text = render_live_text(
        renderer,
        name,
        subject,
        viewer,
        at,
        audience,
        is_older=is_older,
        is_reply=is_reply,
        reminder_count=reminder_count,
    )
    if is_older or is_reply:
        return blocks.build_message(text)
    controls = LIVE_MESSAGE_CONTROLS[name](
        renderer, subject, _subject_state(subject, at)
    )
    return blocks.build_message(text, *controls)


def render_live_text(
    renderer: Renderer,
    name: str,
    subject: OpenItem,
    viewer: Person | None,
    at: datetime,
    audience: Audience,
    *,
    is_older: bool = False,
    is_reply: bool = False,
    reminder_count: int = 0,
) -> RenderedText:
    """Return the text of the message `name` about an item as of `at`."""
    return renderer.render(
        f"notices/{name}",
        audience,
        card=subject,
        state=_subject_state(subject, at),
        at=at,
        viewer=viewer,
        is_older=is_older,
        is_reply=is_reply,
        reminder_count=reminder_count,
    )


def get_copy_group(name: str) -> str:
    """Return a name that messages share of which only the newest has controls."""
    return COPY_GROUPS.get(name, name)


def _subject_state(subject: OpenItem, at: datetime) -> str:
    """Return the state of an invitation or of an expiring membership, else nothing."""
    if isinstance(subject, InvitationView):
        return invitation_state_at(subject, at)
    if isinstance(subject, ExpiringMembershipView) and subject.ends_soon(at):
        return ENDING_SOON
    return ""


def _no_controls(_renderer: Renderer, _subject: OpenItem, _state: str) -> list[Block]:
    return []


# The controls of each message by its name; each accepts the view of its own item only.
LIVE_MESSAGE_CONTROLS: Mapping[str, Callable[[Renderer, Any, str], list[Block]]] = {
    "invitation": answer_controls,
    "invitation_reminder": answer_controls,
    "invitation_sent": manage_controls,
    "invitation_expired": resend_controls,
    "invitation_asked_again": asked_again_controls,
    "invitation_undelivered": undelivered_controls,
    "invitation_open": _no_controls,
    "request": request_controls,
    "succession": succession_controls,
    "member_ends_soon": extend_controls,
}

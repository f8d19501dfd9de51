"""Messages about open questions that are kept up to date: as they stand, with what can still be pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.rendering import Audience, Renderer
from bot.slack.views import Block, Message, blocks
from bot.slack.views.access_requests import (
    ENDING_SOON,
    extend_controls,
    request_controls,
    succession_controls,
)
from bot.slack.views.invitations import (
    answer_controls,
    invitation_state_at,
    manage_controls,
    resend_controls,
)
from collab.model import Person
from collab.open_items import ExpiringMembershipView, InvitationView, OpenItem


def live_message(
    renderer: Renderer,
    name: str,
    subject: OpenItem,
    viewer: Person | None,
    at: datetime,
) -> Message:
    """A copy of the message of that name as its question stands at a moment; without a viewer it is a channel."""
    state = _subject_state(subject, at)
    audience: Audience = "person" if viewer else "channel"
    said = renderer.render(
        f"notices/{name}", audience, card=subject, state=state, at=at, viewer=viewer
    )
    return blocks.build_message(
        said, *LIVE_MESSAGE_CONTROLS[name](renderer, subject, state)
    )


def _subject_state(subject: OpenItem, at: datetime) -> str:
    """How an invitation, or the end of a membership for a limited time, stands at a moment."""
    if isinstance(subject, ExpiringMembershipView):
        return ENDING_SOON if subject.ends_soon(at) else ""
    return (
        invitation_state_at(subject, at) if isinstance(subject, InvitationView) else ""
    )


def _no_controls(_words: Renderer, _subject: Any, _state: str) -> list[Block]:
    return []


LIVE_MESSAGE_CONTROLS: Mapping[str, Callable[[Renderer, Any, str], list[Block]]] = {
    "invitation": answer_controls,
    "invitation_reminder": answer_controls,
    "invitation_sent": manage_controls,
    "invitation_expired": resend_controls,
    "invitation_open": _no_controls,
    "request": request_controls,
    "succession": succession_controls,
    "member_ends_soon": extend_controls,
}

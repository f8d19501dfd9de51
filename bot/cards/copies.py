"""Messages about open questions that are kept up to date: as they stand, with what can still be pressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.cards import Block, Message, blocks
from bot.cards.invitations import again_controls, answer_controls, manage_controls, state_at
from bot.cards.questions import SOON, extend_controls, request_controls, succession_controls
from bot.words import Audience, Words
from collab.people import Person
from collab.subjects import OpenInvitation, OpenTerm, Subject


def copy_message(words: Words, name: str, subject: Subject, viewer: Person | None, at: datetime) -> Message:
    """A copy of the message of that name as its question stands at a moment; without a viewer it is a channel."""
    state = _state(subject, at)
    audience: Audience = "person" if viewer else "channel"
    said = words.say(f"notices/{name}", audience, card=subject, state=state, at=at, viewer=viewer)
    return blocks.message(said, *COPIES[name](words, subject, state))


def _state(subject: Subject, at: datetime) -> str:
    """How an invitation, or the end of a membership for a limited time, stands at a moment."""
    if isinstance(subject, OpenTerm):
        return SOON if subject.ends_soon(at) else ""
    return state_at(subject, at) if isinstance(subject, OpenInvitation) else ""


def _nothing(_words: Words, _subject: Any, _state: str) -> list[Block]:
    return []


COPIES: Mapping[str, Callable[[Words, Any, str], list[Block]]] = {
    "invitation": answer_controls,
    "invitation_reminder": answer_controls,
    "invitation_sent": manage_controls,
    "invitation_expired": again_controls,
    "invitation_open": _nothing,
    "request": request_controls,
    "succession": succession_controls,
    "member_ends_soon": extend_controls,
}

"""Access as cards: what I hold, who can, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards import Block, Message, blocks
from bot.cards.invitations import page_button
from bot.words import Words
from collab.explain import Able, Belongings, Explanation, Path
from collab.home import Abilities

LISTED = 40


def mine_message(words: Words, found: Belongings, page: int, able: Abilities) -> Message:
    """A page of what the reader holds."""
    turn = _turn(words, "mine_page", "mine", found.next_page, page)
    return blocks.message(words.say("replies/mine", list=found, able=able), *turn)


def who_message(words: Words, found: Able, page: int) -> Message:
    """A page of everybody who can, each with how."""
    about = f"{found.resource.id} {found.capability}"
    turn = _turn(words, "who_page", about, found.next_page, page)
    return blocks.message(words.say("replies/who", found=found), *turn)


def why_message(words: Words, found: Explanation, held: Sequence[Path], me: str, *, closed: bool) -> Message:
    """Every path by which somebody can; when there is none, what they hold there instead."""
    facts: dict[str, Any] = {"paths": found.paths[:LISTED], "held": held[:LISTED], "me": me, "closed": closed}
    return blocks.message(words.say("replies/why", found=found, **facts))


def _turn(words: Words, action: str, about: str, following: int | None, page: int) -> list[Block]:
    if following is not None:
        return [page_button(words, action, "next", f"{about} {following}")]
    return [page_button(words, action, "first", f"{about} 0")] if page else []

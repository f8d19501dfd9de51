"""What could not be delivered as cards: to whom, about what, why, and the way to send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards import Block, Message, blocks
from bot.words import Words
from collab.people import Person
from collab.undelivered import Undelivered


def lost_rows(words: Words, found: Sequence[Undelivered]) -> list[Block]:
    """One row for each, with its button; a screen reader tells the buttons apart by their places."""
    many = str(len(found))
    longer = [words.label("lost_again.which", which=str(which), many=many) for which, _ in enumerate(found, 1)]
    return [
        blocks.row(_row(words, each), _again(words, each.delivery.id, long), f"lost {each.delivery.id}")
        for each, long in zip(found, longer, strict=True)
    ]


def lost_message(words: Words, found: Sequence[Undelivered]) -> Message:
    """All that could not be delivered."""
    heading = words.say("replies/lost", many=len(found))
    text = blocks.cut("\n".join([heading.text, *(_row(words, each) for each in found)]), blocks.TOP)
    return {"text": text, "blocks": [*blocks.paragraphs(heading.paragraphs), *lost_rows(words, found)]}


def _row(words: Words, lost: Undelivered) -> str:
    """What did not arrive, and how to mend it, in the words of the notice that told of it first."""
    delivery = lost.delivery
    why: dict[str, Any] = {"problem": delivery.problem or "", "target": delivery.target, "message": delivery.message}
    whose = reader_facts(lost.recipient, delivery.workspace, mine=lost.mine)
    mend = words.say("notices/undeliverable", resource=None, **why, **whose).paragraphs[1:]
    return "\n".join([words.say("home/lost", lost=lost).text, *mend])


def reader_facts(recipient: Person | None, workspace: str, *, mine: bool) -> dict[str, Any]:
    """Return what the words about a failed message say of whom it goes to; it is `mine` when that is the reader."""
    is_elsewhere = recipient is not None and recipient.team not in {None, workspace}
    return {"recipient": recipient, "is_elsewhere": is_elsewhere, "mine": mine}


def again_button(words: Words, delivery: int) -> Block:
    """The button that sends a delivery again, where it is the only one."""
    return _again(words, delivery, words.label("lost_again.long"))


def _again(words: Words, delivery: int, long: str) -> Block:
    return blocks.button("lost_again", words.label("resend"), str(delivery), long)

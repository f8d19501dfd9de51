"""What waits for the reader's answer as cards: each kind of question with its own buttons."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Block, Message
from bot.cards.invitations import ROWS, answer_controls, pages, rows_message
from bot.cards.questions import SOON, extend_controls, request_controls, succession_controls
from bot.words import Words
from collab.offers import PENDING
from collab.subjects import OpenInvitation, OpenRequest, OpenSuccession, Subject


def question_controls(words: Words, card: Subject, origin: str) -> list[Block]:
    """The buttons that answer a question; `origin` names the list that they stand in."""
    if isinstance(card, OpenInvitation):
        return answer_controls(words, card, PENDING, origin)
    if isinstance(card, OpenRequest):
        return request_controls(words, card, origin=origin)
    if isinstance(card, OpenSuccession):
        return succession_controls(words, card, origin=origin)
    return extend_controls(words, card, SOON, origin)


def waiting_message(words: Words, cards: Sequence[Subject], page: int) -> Message:
    """What waits for the reader, a page of it, with buttons."""
    shown = cards[page * ROWS : (page + 1) * ROWS]
    said = words.say("replies/waiting", cards=shown, total=len(cards))
    rows = [question_controls(words, card, "waiting") for card in shown]
    return rows_message(said.paragraphs, rows, pages(words, "invitations_page", "waiting", page, len(cards)))

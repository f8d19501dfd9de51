"""What could not be delivered: shown, and sent again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Message, blocks
from bot.cards.undelivered import lost_message
from bot.listeners.road import Click, Desk, page_of
from collab.case import Case
from collab.service import Outcome
from collab.undelivered import SHOWN, ListUndelivered, SendAgain, Undelivered, newest


def press_open(desk: Desk, click: Click) -> Message:
    """All that could not be delivered to somebody, or that they answer for."""
    return lost_message(desk.words, desk.collab.ask(ListUndelivered(click.by), click.at))


def press_again(desk: Desk, click: Click) -> Message:
    """One of it is sent again; what is left stands below."""
    outcome = desk.perform(SendAgain(click.by, page_of(click.value)), click.at, _seeing_left)
    return blocks.stacked(desk.say("sent_again"), lost_message(desk.words, outcome.seen))


def _seeing_left(case: Case, _outcome: Outcome) -> Sequence[Undelivered]:
    return newest(case, SHOWN)

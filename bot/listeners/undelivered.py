"""What could not be delivered: shown, and sent again."""

from __future__ import annotations

from bot.cards import Message, blocks
from bot.cards.undelivered import lost_message
from bot.listeners.road import Click, Desk, page_of
from collab.undelivered import ListUndelivered, SendAgain


def press_open(desk: Desk, click: Click) -> Message:
    """All that could not be delivered to somebody, or that they answer for."""
    return lost_message(desk.words, desk.collab.ask(ListUndelivered(click.by), click.at))


def press_again(desk: Desk, click: Click) -> Message:
    """One of it is sent again; what is left stands below."""
    desk.collab.perform(SendAgain(click.by, page_of(click.value)), click.at)
    return blocks.stacked(desk.say("sent_again"), press_open(desk, click))

"""Help: what waits, what one holds, what one can type."""

from __future__ import annotations

from bot.cards import Message
from bot.cards.help import help_message, overview_message, verb_message
from bot.listeners.road import Command, Desk
from bot.verbs import VERBS, Slot
from collab.lists import ShowOverview


def help_(desk: Desk, asked: Command) -> Message:
    """Nothing typed: what waits; `help`: every verb; `help VERB`: that one."""
    if asked.line.empty:
        return overview_message(desk.words, desk.collab.ask(ShowOverview(asked.by), asked.at))
    verb = asked.get(Slot.VERB)
    return verb_message(desk.words, VERBS[verb]) if verb else help_message(desk.words)

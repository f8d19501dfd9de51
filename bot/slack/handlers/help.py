"""Help: what waits, what one holds, what one can type."""

from __future__ import annotations

from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.slots import Slot
from bot.slack.requests import CommandRequest, Services
from bot.slack.routing import CommandRoute
from bot.slack.views import Message
from bot.slack.views.help import help_message, overview_message, verb_message
from collab.pending import ShowOverview


def show_help(services: Services, asked: CommandRequest) -> Message:
    """Nothing typed: what waits; `help`: every verb; `help VERB`: that one."""
    if asked.line.is_empty:
        return overview_message(
            services.renderer, services.bus.query(ShowOverview(asked.caller), asked.at)
        )
    verb = asked.get(Slot.VERB)
    return (
        verb_message(services.renderer, VERB_BY_NAME[verb])
        if verb
        else help_message(services.renderer)
    )


ROUTES = (CommandRoute("help", show_help),)

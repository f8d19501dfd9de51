"""Help: an overview, all verbs, or one of them."""

from __future__ import annotations

from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.slots import Slot
from bot.slack.requests import CommandRequest, Services
from bot.slack.routing import CommandRoute
from bot.slack.views import Message
from bot.slack.views.help import help_message, overview_message, verb_message
from collab.pending import ShowOverview


def show_help(services: Services, request: CommandRequest) -> Message:
    """Show an overview for an empty line, all verbs for `help`, one for `help VERB`."""
    if request.line.is_empty:
        return overview_message(
            services.renderer,
            services.bus.query(ShowOverview(request.caller), request.at),
        )
    verb = request.get(Slot.VERB)
    return (
        verb_message(services.renderer, VERB_BY_NAME[verb])
        if verb
        else help_message(services.renderer)
    )


ROUTES = (CommandRoute("help", show_help),)

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
        overview = services.bus.query(ShowOverview(request.caller), request.at)
        return overview_message(services.renderer, overview)
    verb = request.get(Slot.VERB)
    if verb is None:
        return help_message(services.renderer)
    return verb_message(services.renderer, VERB_BY_NAME[verb])


ROUTES = (CommandRoute("help", show_help),)

"""What is stored about a person, and its erasure."""

from __future__ import annotations

from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message
from bot.slack.views.erasure import stored_data_message
from collab.erasure import ErasePerson, ShowStoredData


def show_stored_data(services: Services, request: CommandRequest) -> Message:
    """Show what is stored about the caller, with the button that erases it."""
    stored = services.bus.query(ShowStoredData(request.caller), request.at)
    return stored_data_message(services.renderer, stored)


def erase_caller(services: Services, request: ActionRequest) -> Message:
    """Erase the caller."""
    services.execute(ErasePerson(request.caller), request.at)
    return services.build_reply("erased")


ROUTES = (
    CommandRoute("me", show_stored_data),
    ActionRoute("erase", erase_caller, "verb.me"),
)

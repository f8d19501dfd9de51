"""Help: an overview, the everyday commands, all of them by group, or one of them."""

from __future__ import annotations

from bot.slack.commands.catalog import VERB_BY_NAME, list_usable_verbs
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup
from bot.slack.handlers.onboarding import enqueue_welcome
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message, View
from bot.slack.views.help import (
    all_commands_view,
    build_home_url,
    help_message,
    overview_message,
    verb_message,
)
from collab.home import ShowOfferedActions
from collab.pending import ShowOverview


def show_help(services: Services, request: CommandRequest) -> Message:
    """Show an overview for an empty line, the everyday commands, or one of them."""
    if request.caller.account:
        enqueue_welcome(
            services, request.caller, request.caller.account, request.app_id
        )
    if request.line.is_empty:
        overview = services.bus.query(ShowOverview(request.caller), request.at)
        return overview_message(services.renderer, overview)
    verb = request.get(Slot.VERB)
    if verb is not None:
        return verb_message(services.renderer, VERB_BY_NAME[verb])
    actions = services.bus.query(ShowOfferedActions(request.caller), request.at)
    home_url = build_home_url(request.caller.workspace, request.app_id)
    return help_message(services.renderer, actions, home_url)


def open_all_commands(services: Services, request: ActionRequest) -> None:
    """Open the list of all commands at its first group."""
    request.open_view(_build_commands_view(services, request))


def show_command_group(services: Services, request: ActionRequest) -> None:
    """Show another group in the list of all commands."""
    request.update_view(_build_commands_view(services, request))


def acknowledge_link(_services: Services, _request: ActionRequest) -> None:
    """Do nothing: Slack itself follows the link of the button."""


def _build_commands_view(services: Services, request: ActionRequest) -> View:
    """Return the commands of the group in the button's value, or of the first."""
    actions = services.bus.query(ShowOfferedActions(request.caller), request.at)
    groups = {group.value: group for group in MenuGroup}
    group = groups.get(request.value, MenuGroup.PEOPLE)
    verbs = list_usable_verbs(actions)
    return all_commands_view(services.renderer, verbs, group)


ROUTES = (
    CommandRoute("help", show_help),
    ActionRoute("help_all", open_all_commands),
    ActionRoute("help_group", show_command_group),
    ActionRoute("home_link", acknowledge_link),
    ActionRoute("scope_add", acknowledge_link),
)

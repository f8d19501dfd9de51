"""The table of routes."""

from __future__ import annotations

import pytest

from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.routes import COMMAND_HANDLERS
from bot.slack.routing import ActionRoute, CommandRoute, index_handlers
from bot.slack.views import Message


def handle_first(*_: object) -> Message:
    return {}


def handle_second(*_: object) -> Message:
    return {}


def test_a_name_listed_twice_for_one_route_type_is_rejected() -> None:
    routes = [CommandRoute("show", handle_first), CommandRoute("show", handle_second)]
    with pytest.raises(ValueError, match="CommandRoutes are named 'show'"):
        index_handlers(routes, CommandRoute)


def test_routes_of_two_types_may_share_a_name() -> None:
    command, action = (
        CommandRoute("show", handle_first),
        ActionRoute("show", handle_second),
    )
    assert index_handlers((command, action), ActionRoute) == {"show": handle_second}


def test_every_verb_has_a_command_handler() -> None:
    assert set(COMMAND_HANDLERS) == set(VERB_BY_NAME)

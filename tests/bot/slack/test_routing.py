"""The table of routes."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from bot.rendering import renderer_for_language
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.routes import ACTION_HANDLERS, ACTION_TITLES, COMMAND_HANDLERS
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


def test_what_a_press_is_answered_with_has_a_title_that_names_it() -> None:
    for name, handler in ACTION_HANDLERS.items():
        returns_something = get_type_hints(handler)["return"] is not type(None)
        assert (name in ACTION_TITLES) is returns_something, name
    renderer = renderer_for_language("en")
    titles = {renderer.render_label(key) for key in ACTION_TITLES.values()}
    assert not titles & {"Collab", "Done"}


def test_every_verb_has_a_command_handler() -> None:
    assert set(COMMAND_HANDLERS) == set(VERB_BY_NAME)

"""The types of routes: each binds what a payload of Slack names to its handler.

Each handler module ends with its `ROUTES`; `bot.slack.routes` merges them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.rendering import RenderedText
from bot.slack.requests import (
    ActionRequest,
    CommandHandler,
    OptionsRequest,
    Services,
    ViewSubmission,
)
from bot.slack.views import Message, OptionsResponse, View
from collab.model import Caller

ActionHandler = Callable[
    [Services, ActionRequest], RenderedText | Message | View | None
]
SubmissionHandler = Callable[[Services, ViewSubmission], View | None]
OptionsHandler = Callable[[Services, OptionsRequest], OptionsResponse]
ShortcutHandler = Callable[[Services, Caller, datetime], View]
EventHandler = Callable[[Services, Caller, datetime, dict[str, Any]], None]
ListHandler = Callable[[Services, ActionRequest], Message]

Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True)
class Route(Generic[Handler]):
    """A handler and the name by which payloads select it."""

    name: str
    handler: Handler


class CommandRoute(Route[CommandHandler]):
    """The handler of a verb of the command; it is named by the verb."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ActionRoute(Route[ActionHandler]):
    """The handler of a control, named by the start of its action id, before a colon.

    `title_key` is the label that heads the modal with what the handler returns.
    """

    title_key: str = ""


class SubmissionRoute(Route[SubmissionHandler]):
    """The handler of a submitted modal, named by its callback id."""

    __slots__ = ()


class OptionsRoute(Route[OptionsHandler]):
    """The handler that finds options for a select, named as in `ActionRoute`."""

    __slots__ = ()


class ShortcutRoute(Route[ShortcutHandler]):
    """The handler of a shortcut, named by its callback id."""

    __slots__ = ()


class EventRoute(Route[EventHandler]):
    """The handler of an event of the Events API, named by the event's type."""

    __slots__ = ()


class ListRoute(Route[ListHandler]):
    """Builds a list anew, after a button in it was pressed; named as its block ids."""

    __slots__ = ()


def index_titles(routes: Iterable[Route[Any]]) -> dict[str, str]:
    """Return the keys of the titles of what handlers of controls return, by name."""
    return {
        route.name: route.title_key
        for route in routes
        if isinstance(route, ActionRoute) and route.title_key
    }


def index_handlers(
    routes: Iterable[Route[Any]], route_type: type[Route[Handler]]
) -> dict[str, Handler]:
    """Return the handlers of one type of route, by name.

    Raises ValueError if two routes of that type have the same name.
    """
    handlers: dict[str, Handler] = {}
    for route in routes:
        if not isinstance(route, route_type):
            continue
        if route.name in handlers:
            raise ValueError(f"two {route_type.__name__}s are named {route.name!r}")
        handlers[route.name] = route.handler
    return handlers

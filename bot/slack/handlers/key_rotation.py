"""Key rotation: which keys are stale, and marking them as rotated."""

from __future__ import annotations

from typing import Any

from bot.slack.button_values import ListPage
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message, blocks
from bot.slack.views.key_rotation import stale_keys_message
from collab import events
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.key_rotation import ListStaleKeys, MarkKeysRotated, StaleKeys
from collab.model import Caller


def show_stale_keys(services: Services, request: CommandRequest) -> Message:
    """Show the stale keys, or mark those of a resource as rotated."""
    if request.get(Slot.ROTATED) is None:
        stale = services.bus.query(ListStaleKeys(request.caller), request.at)
        return stale_keys_message(services.renderer, stale)
    resource_ref = get_resource_or_linked(services, request)
    command = MarkKeysRotated(request.caller, resource_ref)
    read_rotation = _make_rotation_reader(request.caller)
    details, _remaining = services.execute(command, request.at, read_rotation).view
    return services.build_reply("rotated", resource=details.resource)


def show_stale_keys_page(services: Services, request: ActionRequest) -> Message:
    """Show a page of the stale keys."""
    stale = services.bus.query(ListStaleKeys(request.caller), request.at)
    page = ListPage.decode(request.value).page
    return stale_keys_message(services.renderer, stale, page)


def mark_keys_rotated(services: Services, request: ActionRequest) -> Message:
    """Mark the keys of a resource as rotated, and show what remains."""
    command = MarkKeysRotated(request.caller, request.value)
    read_rotation = _make_rotation_reader(request.caller)
    details, remaining = services.execute(command, request.at, read_rotation).view
    return blocks.prepend_text(
        services.render_reply("rotated", resource=details.resource),
        stale_keys_message(services.renderer, remaining),
    )


def _make_rotation_reader(by: Caller) -> ReadAfter[tuple[EventDetails, StaleKeys]]:
    """Return a reader of the rotation and of the keys that remain stale."""

    def read(context: Context, outcome: Outcome[Any]) -> tuple[EventDetails, StaleKeys]:
        rotation = outcome.get_event(events.KeysRotated)
        remaining = ListStaleKeys(by).answer(context)
        return load_event_details(context, rotation), remaining

    return read


ROUTES = (
    CommandRoute("keys", show_stale_keys),
    ActionRoute("keys_open", show_stale_keys_page, "keys_open"),
    ActionRoute("keys_rotated", mark_keys_rotated, "keys_open"),
)

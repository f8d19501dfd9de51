"""The workspace: what keys are to be rotated, and what Slack says of its channels and of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.button_values import ListPage
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details
from bot.slack.identity import MalformedId, read_slack_id
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute, EventRoute
from bot.slack.views import Message, blocks
from bot.slack.views.key_rotation import stale_keys_message
from collab import events
from collab.bus import Outcome, ReadAfter
from collab.channels import CloseChannel, RenameChannel
from collab.context import Context
from collab.key_rotation import (
    ListStaleKeys,
    MarkKeysRotated,
    StaleKeys,
)
from collab.model import Caller
from collab.people import UninstallWorkspace


def show_stale_keys(services: Services, asked: CommandRequest) -> Message:
    """What is to be rotated, or that it was."""
    if asked.get(Slot.ROTATED) is None:
        return stale_keys_message(
            services.renderer, services.bus.query(ListStaleKeys(asked.caller), asked.at)
        )
    about, _ = services.execute(
        MarkKeysRotated(asked.caller, get_resource_or_linked(services, asked)),
        asked.at,
        _read_stale_keys_after(asked.caller),
    ).view
    return services.build_reply("rotated", resource=about.resource)


def show_stale_keys_page(services: Services, request: ActionRequest) -> Message:
    """What is to be rotated, or another page of it."""
    found = services.bus.query(ListStaleKeys(request.caller), request.at)
    return stale_keys_message(
        services.renderer, found, ListPage.decode(request.value).page
    )


def mark_keys_rotated(services: Services, request: ActionRequest) -> Message:
    """The keys of one thing are new; what is left stands below."""
    outcome = services.execute(
        MarkKeysRotated(request.caller, request.value),
        request.at,
        _read_stale_keys_after(request.caller),
    )
    about, left = outcome.view
    return blocks.prepend_text(
        services.render_reply("rotated", resource=about.resource),
        stale_keys_message(services.renderer, left),
    )


def _read_stale_keys_after(by: Caller) -> ReadAfter[Any]:
    """Look at the thing, and at what else is to be rotated."""

    def see(context: Context, outcome: Outcome[Any]) -> tuple[EventDetails, StaleKeys]:
        return load_event_details(
            context, outcome.find_event(events.KeysRotated)
        ), ListStaleKeys(by).answer(context)

    return see


def close_archived_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """A channel was archived."""
    services.execute(
        CloseChannel(by, read_slack_id(event.get("channel")), "archived"), at
    )


def close_deleted_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """End the links of a channel that was deleted."""
    services.bus.execute(
        CloseChannel(by, read_slack_id(event.get("channel")), "deleted"), at
    )


def close_left_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """The app is no longer in a channel."""
    services.execute(CloseChannel(by, read_slack_id(event.get("channel")), "left"), at)


def rename_linked_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """A channel has another name."""
    channel = event.get("channel")
    if not isinstance(channel, dict) or not isinstance(channel.get("name"), str):
        raise MalformedId("channel")
    channel_id = read_slack_id(channel.get("id"))
    services.execute(RenameChannel(by, channel_id, channel["name"]), at)


def uninstall_app(
    services: Services, by: Caller, at: datetime, _event: dict[str, Any]
) -> None:
    """The workspace took the app away."""
    services.execute(UninstallWorkspace(by), at)


def uninstall_after_revocation(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """The bot's token was taken back: nothing can be said any more until the app is installed again."""
    if (event.get("tokens") or {}).get("bot"):
        services.execute(UninstallWorkspace(by), at)


ROUTES = (
    CommandRoute("keys", show_stale_keys),
    ActionRoute("keys_open", show_stale_keys_page),
    ActionRoute("keys_rotated", mark_keys_rotated),
    EventRoute("channel_archive", close_archived_channel),
    EventRoute("channel_deleted", close_deleted_channel),
    EventRoute("channel_left", close_left_channel),
    EventRoute("channel_rename", rename_linked_channel),
    EventRoute("group_archive", close_archived_channel),
    EventRoute("group_deleted", close_deleted_channel),
    EventRoute("group_left", close_left_channel),
    EventRoute("group_rename", rename_linked_channel),
    EventRoute("app_uninstalled", uninstall_app),
    EventRoute("tokens_revoked", uninstall_after_revocation),
)

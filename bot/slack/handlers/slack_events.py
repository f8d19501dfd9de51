"""Slack's events about channels and about the installation of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.identity import MalformedId, read_slack_id
from bot.slack.requests import Services
from bot.slack.routing import EventRoute
from collab.channels import CloseChannel, RenameChannel
from collab.model import Caller, ChannelId
from collab.people import UninstallWorkspace


def close_archived_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """End the links of an archived channel."""
    _close_channel(services, by, at, event, "archived")


def close_deleted_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """End the links of a deleted channel."""
    _close_channel(services, by, at, event, "deleted")


def close_left_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """End the links of a channel that the app was removed from."""
    _close_channel(services, by, at, event, "left")


def rename_linked_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """Store the new name of a channel."""
    channel = event.get("channel")
    if not isinstance(channel, dict) or not isinstance(channel.get("name"), str):
        raise MalformedId("channel")
    channel_id = ChannelId(read_slack_id(channel.get("id")))
    services.execute(RenameChannel(by, channel_id, channel["name"]), at)


def uninstall_app(
    services: Services, by: Caller, at: datetime, _event: dict[str, Any]
) -> None:
    """Mark the app as uninstalled from the workspace."""
    services.execute(UninstallWorkspace(by), at)


def uninstall_after_revocation(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """Mark the app as uninstalled when its bot token was revoked."""
    if (event.get("tokens") or {}).get("bot"):
        services.execute(UninstallWorkspace(by), at)


def _close_channel(
    services: Services, by: Caller, at: datetime, event: dict[str, Any], why: str
) -> None:
    channel_id = ChannelId(read_slack_id(event.get("channel")))
    services.execute(CloseChannel(by, channel_id, why), at)


ROUTES = (
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

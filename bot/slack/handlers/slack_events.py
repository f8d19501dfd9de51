"""Slack's events about channels and about the installation of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.identity import MalformedId, read_slack_id
from bot.slack.requests import Services
from bot.slack.routing import EventRoute
from collab.channels import CloseChannel, RenameChannel
from collab.installations import UnreadableTokens
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
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """Mark the app as uninstalled from the workspace, unless it was installed since."""
    if _is_outdated(services, by, event):
        return
    services.execute(UninstallWorkspace(by), at)
    if services.installations:
        services.installations.forget(by.workspace)


def uninstall_after_revocation(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """Mark the app as uninstalled when its bot token was revoked."""
    if (event.get("tokens") or {}).get("bot"):
        uninstall_app(services, by, at, event)


def grant_teams(
    services: Services, by: Caller, _at: datetime, event: dict[str, Any]
) -> None:
    """Let more workspaces of an organisation use the app."""
    _change_teams(services, by, event, is_granted=True)


def revoke_teams(
    services: Services, by: Caller, _at: datetime, event: dict[str, Any]
) -> None:
    """Let workspaces of an organisation use the app no more."""
    _change_teams(services, by, event, is_granted=False)


def _change_teams(
    services: Services, by: Caller, event: dict[str, Any], *, is_granted: bool
) -> None:
    team_ids = event.get("team_ids")
    if services.installations is None or not isinstance(team_ids, list):
        return
    named = [read_slack_id(each) for each in team_ids]
    services.installations.change_teams(by.workspace, named, is_granted=is_granted)


def _is_outdated(services: Services, by: Caller, event: dict[str, Any]) -> bool:
    """Return whether an event is of an earlier installation: Slack sends it late when
    the app could not be reached.
    """
    sent_at = event.get("event_time")
    if services.installations is None or not isinstance(sent_at, int):
        return False
    try:
        installation = services.installations.find(by.workspace)
    except UnreadableTokens:
        return False
    if installation is None:
        return False
    return sent_at < int(installation.installed_at.timestamp())


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
    EventRoute("team_access_granted", grant_teams),
    EventRoute("team_access_revoked", revoke_teams),
)

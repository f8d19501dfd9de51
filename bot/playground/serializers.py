"""Serialize accounts, channels, messages and views for the app and for the page."""

import mimetypes
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.workspace import (
    Channel,
    File,
    Json,
    Message,
    SlackAccount,
    SlackWorkspace,
    View,
)


def tz_offset_seconds(account: SlackAccount, now: datetime) -> int:
    """Return the account's seconds east of UTC at that moment."""
    offset = now.astimezone(ZoneInfo(account.tz)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def serialize_user(
    workspace: SlackWorkspace,
    account: SlackAccount,
    now: datetime,
    scopes: frozenset[str],
    include_locale: bool = False,
) -> Json:
    """Return a user object of the Web API; with the address only if scopes allow it."""
    display_name = "" if account.is_bot else account.real_name.split()[0]
    profile = {
        "title": account.title,
        "phone": "",
        "skype": "",
        "real_name": account.real_name,
        "real_name_normalized": account.real_name,
        "display_name": display_name,
        "display_name_normalized": display_name,
        "status_text": "",
        "status_emoji": "",
        "team": account.team_id,
    }
    is_foreign = workspace.is_of_other_organisation(account)
    if "users:read.email" in scopes and account.email and not is_foreign:
        profile["email"] = account.email
    payload: Json = {
        "id": account.id,
        "team_id": account.team_id,
        "name": account.name,
        "deleted": account.deleted,
        "profile": profile,
        "is_bot": account.is_bot,
        "is_app_user": False,
        "updated": int(now.timestamp()),
    }
    if not account.deleted:
        payload |= _active_user_fields(workspace, account, now)
    if account.is_bot:
        profile |= {
            "api_app_id": workspace.app_id,
            "bot_id": workspace.bot_id,
            "always_active": "true",
        }
    if include_locale:
        payload["locale"] = account.locale
    return payload


def _active_user_fields(
    workspace: SlackWorkspace, account: SlackAccount, now: datetime
) -> Json:
    fields: Json = {
        "color": account.color.removeprefix("#"),
        "real_name": account.real_name,
        "tz": account.tz,
        "tz_label": account.tz.rpartition("/")[2].replace("_", " "),
        "tz_offset": tz_offset_seconds(account, now),
        "is_admin": account.is_admin,
        "is_owner": account.is_admin,
        "is_primary_owner": account.is_admin,
        "is_restricted": account.guest,
        "is_ultra_restricted": False,
    }
    if workspace.is_of_other_organisation(account):
        fields["is_stranger"] = workspace.is_stranger(account)
    elif workspace.organisation:
        fields["enterprise_user"] = _enterprise_user(workspace, account)
    return fields


def _enterprise_user(workspace: SlackWorkspace, account: SlackAccount) -> Json:
    """Return the account as the organisation sees it."""
    return {
        "id": account.organisation_user_id or account.id,
        "enterprise_id": workspace.organisation,
        "enterprise_name": workspace.organisation_name,
        "is_admin": False,
        "is_owner": False,
        "teams": [*(account.workspaces or (account.team_id,))],
    }


def serialize_slackbot(workspace: SlackWorkspace) -> Json:
    """Return Slackbot, which every workspace has and which is not marked as a bot."""
    return {
        "id": "USLACKBOT",
        "team_id": workspace.team_id,
        "name": "slackbot",
        "deleted": False,
        "real_name": "Slackbot",
        "tz": "America/Los_Angeles",
        "tz_offset": -28800,
        "profile": {
            "real_name": "Slackbot",
            "display_name": "Slackbot",
            "team": workspace.team_id,
        },
        "is_admin": False,
        "is_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
        "updated": 0,
    }


def serialize_channel(workspace: SlackWorkspace, channel: Channel) -> Json:
    """Return a conversation object of the Web API."""
    fields: Json = {
        "id": channel.id,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_org_shared": False,
    }
    if channel.kind == "im":
        return {
            **fields,
            "user": channel.user_id,
            "is_channel": False,
            "is_group": False,
            "is_private": True,
        }
    return {
        **fields,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "is_channel": True,
        "is_group": channel.kind == "private",
        "is_private": channel.kind == "private",
        "is_general": channel.name == "general",
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        **_serialize_companies(workspace, channel),
        "is_member": workspace.bot_user_id in channel.members,
        "context_team_id": workspace.team_id,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _serialize_companies(workspace: SlackWorkspace, channel: Channel) -> Json:
    """Return the workspaces that a shared channel connects."""
    if not channel.shared:
        return {}
    team_ids = [workspace.team_id, *workspace.other_teams]
    return {
        "conversation_host_id": workspace.team_id,
        "shared_team_ids": team_ids,
        "connected_team_ids": list(workspace.other_teams),
    }


def serialize_message(workspace: SlackWorkspace, message: Message) -> Json:
    """Return a message object as the app receives it."""
    payload: Json = {
        "type": "message",
        "user": message.user_id,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if message.subtype:
        payload["subtype"] = message.subtype
    if message.user_id == workspace.bot_user_id:
        payload |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
    if message.blocks:
        payload["blocks"] = message.blocks
    if message.thread_ts:
        payload["thread_ts"] = message.thread_ts
    if message.broadcast:
        payload["subtype"] = "thread_broadcast"
    if message.edited:
        payload["edited"] = {"user": message.user_id, "ts": message.edited}
    if message.files:
        payload["files"] = [serialize_file(workspace, file) for file in message.files]
        payload["upload"] = False
    return payload


def serialize_file(workspace: SlackWorkspace, file: File) -> Json:
    """Return a file object of the Web API."""
    _, has_extension, extension = file.name.rpartition(".")
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": guess_mimetype(file),
        "filetype": extension.lower() if has_extension else "binary",
        "user": workspace.bot_user_id,
        "user_team": workspace.team_id,
        "mode": "hosted",
        "editable": False,
        "size": file.size,
        "is_external": False,
        "is_public": False,
    }


def guess_mimetype(file: File) -> str:
    """Return the MIME type that the file's name indicates."""
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


VIEW_DEFAULTS: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "title": None,
    "submit": None,
    "close": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


def serialize_view(workspace: SlackWorkspace, view: View) -> Json:
    """Return a view object as the app receives it."""
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.app_installed_in,
        "bot_id": workspace.bot_id,
        **VIEW_DEFAULTS,
        **view.body,
        "state": {"values": view.state},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }


def serialize_page_user(
    workspace: SlackWorkspace, account: SlackAccount, now: datetime
) -> Json:
    """Return an account for the page."""
    return {
        "id": account.id,
        "name": account.name,
        "real_name": account.real_name,
        "title": account.title,
        "color": account.color,
        "initials": "".join(word[0] for word in account.real_name.split()[:2]).upper(),
        "tz": account.tz,
        "tz_offset": tz_offset_seconds(account, now),
        "is_bot": account.is_bot,
        "deleted": account.deleted,
        "guest": account.guest,
        "admin": account.is_admin,
        "foreign": workspace.is_of_other_workspace(account),
        "team_id": account.team_id,
        "email": account.email,
        "locale": account.locale,
    }


def serialize_page_slackbot(workspace: SlackWorkspace) -> Json:
    """Return Slackbot for the page."""
    return {
        "id": "USLACKBOT",
        "name": "slackbot",
        "real_name": "Slackbot",
        "title": "",
        "color": "#5b6470",
        "initials": "S",
        "tz": "UTC",
        "tz_offset": 0,
        "is_bot": True,
        "deleted": False,
        "guest": False,
        "admin": False,
        "foreign": False,
        "team_id": workspace.team_id,
        "email": "",
    }


def serialize_page_channel(
    workspace: SlackWorkspace, channel: Channel, user_id: str
) -> Json:
    """Return a channel for the page, as this user sees it."""
    bot = workspace.accounts[workspace.bot_user_id]
    payload: Json = {
        "id": channel.id,
        "name": bot.real_name if channel.kind == "im" else channel.name,
        "kind": channel.kind,
        "members": list(channel.members),
        "topic": channel.topic,
        "unread": workspace.count_unread(channel.id, user_id),
        "archived": channel.archived,
        "shared": channel.shared,
    }
    if channel.kind == "im":
        payload["with"] = bot.id
    return payload


def list_page_channel_names(
    workspace: SlackWorkspace, account: SlackAccount
) -> dict[str, str]:
    """Return the names of the channels that an account may read, by id.

    These are its own and, for full members of this workspace, the public ones.
    """
    sees_public = not account.guest and not workspace.is_of_other_workspace(account)
    names = {}
    for channel in workspace.channels.values():
        is_member = channel.kind != "im" and account.id in channel.members
        if is_member or (sees_public and channel.kind == "channel"):
            names[channel.id] = channel.name
    return names


def serialize_page_message(message: Message) -> dict[str, Any]:
    """Return a message for the page and the tests."""
    return {
        "ts": message.ts,
        "channel": message.channel_id,
        "user": message.user_id,
        "text": message.text,
        "blocks": message.blocks,
        "edited": message.edited is not None and message.only_for is None,
        "ephemeral": message.only_for is not None,
        "thread_ts": message.thread_ts,
        "broadcast": message.broadcast,
        "failed": message.failed,
        "files": [serialize_page_file(file) for file in message.files],
    }


def serialize_page_file(file: File) -> Json:
    """Return a file for the page and the tests."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "size": file.size,
        "mimetype": guess_mimetype(file),
    }

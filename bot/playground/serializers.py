"""How people, channels, messages and views look: to the app as in Slack, to the page in its own short form."""

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


def tz_offset_seconds(person: SlackAccount, now: datetime) -> int:
    """Seconds east of UTC at that moment."""
    offset = now.astimezone(ZoneInfo(person.tz)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def serialize_user(
    world: SlackWorkspace,
    person: SlackAccount,
    now: datetime,
    scopes: frozenset[str],
    locale: bool = False,
) -> Json:
    """A user object of the Web API; the address only for those who may read it."""
    profile = {
        "title": person.title,
        "phone": "",
        "skype": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": "" if person.is_bot else person.real_name.split()[0],
        "display_name_normalized": "" if person.is_bot else person.real_name.split()[0],
        "status_text": "",
        "status_emoji": "",
        "team": person.team_id,
    }
    if (
        "users:read.email" in scopes
        and person.email
        and not world.is_of_other_organisation(person)
    ):
        profile["email"] = person.email
    told: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(now.timestamp()),
    }
    if not person.deleted:
        told |= _active_user_fields(world, person, now)
    if person.is_bot:
        profile |= {
            "api_app_id": world.app_id,
            "bot_id": world.bot_id,
            "always_active": "true",
        }
    if locale:
        told["locale"] = person.locale
    return told


def _active_user_fields(
    world: SlackWorkspace, person: SlackAccount, now: datetime
) -> Json:
    repositories: Json = {
        "color": person.color.removeprefix("#"),
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz.rpartition("/")[2].replace("_", " "),
        "tz_offset": tz_offset_seconds(person, now),
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_primary_owner": person.is_admin,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
    }
    if world.is_of_other_organisation(person):
        repositories["is_stranger"] = world.is_stranger(person)
    elif world.organisation:
        repositories["enterprise_user"] = _enterprise_user(world, person)
    return repositories


def _enterprise_user(world: SlackWorkspace, person: SlackAccount) -> Json:
    """The same account as the organisation sees it."""
    named = {
        "id": person.id,
        "enterprise_id": world.organisation,
        "enterprise_name": world.team_name,
    }
    return {
        **named,
        "is_admin": False,
        "is_owner": False,
        "teams": [*(person.workspaces or (person.team_id,))],
    }


def serialize_slackbot(world: SlackWorkspace) -> Json:
    """The account that every workspace has and that is not marked as a bot."""
    return {
        "id": "USLACKBOT",
        "team_id": world.team_id,
        "name": "slackbot",
        "deleted": False,
        "real_name": "Slackbot",
        "tz": "America/Los_Angeles",
        "tz_offset": -28800,
        "profile": {
            "real_name": "Slackbot",
            "display_name": "Slackbot",
            "team": world.team_id,
        },
        "is_admin": False,
        "is_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
        "updated": 0,
    }


def serialize_channel(world: SlackWorkspace, one: Channel) -> Json:
    """A conversation object of the Web API."""
    repositories: Json = {
        "id": one.id,
        "is_archived": one.archived,
        "is_im": one.kind == "im",
        "is_mpim": False,
    }
    repositories["is_org_shared"] = False
    if one.kind == "im":
        return {
            **repositories,
            "user": one.user_id,
            "is_channel": False,
            "is_group": False,
            "is_private": True,
        }
    return {
        **repositories,
        "name": one.name,
        "name_normalized": one.name,
        "created": one.created,
        "is_channel": True,
        "is_group": one.kind == "private",
        "is_private": one.kind == "private",
        "is_general": one.name == "general",
        "is_shared": one.shared,
        "is_ext_shared": one.shared,
        "is_member": world.bot_user_id in one.members,
        "context_team_id": world.team_id,
        "topic": {"value": one.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def serialize_message(world: SlackWorkspace, one: Message) -> Json:
    """A message object as Slack tells it to the app."""
    told: Json = {
        "type": "message",
        "user": one.user_id,
        "ts": one.ts,
        "text": one.text,
        "team": world.team_id,
    }
    if one.subtype:
        told["subtype"] = one.subtype
    if one.user_id == world.bot_user_id:
        told |= {"bot_id": world.bot_id, "app_id": world.app_id}
    if one.blocks:
        told["blocks"] = one.blocks
    if one.thread_ts:
        told["thread_ts"] = one.thread_ts
    if one.broadcast:
        told["subtype"] = "thread_broadcast"
    if one.edited:
        told["edited"] = {"user": one.user_id, "ts": one.edited}
    if one.files:
        told |= {
            "files": [serialize_file(world, each) for each in one.files],
            "upload": False,
        }
    return told


def serialize_file(world: SlackWorkspace, one: File) -> Json:
    """A file object of the Web API."""
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "mimetype": guess_mimetype(one),
        "filetype": one.name.rpartition(".")[2].lower()
        if "." in one.name
        else "binary",
        "user": world.bot_user_id,
        "user_team": world.team_id,
        "mode": "hosted",
        "editable": False,
        "size": one.size,
        "is_external": False,
        "is_public": False,
    }


def guess_mimetype(one: File) -> str:
    """What kind of file the name promises."""
    return mimetypes.guess_type(one.name)[0] or "application/octet-stream"


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


def serialize_view(world: SlackWorkspace, one: View) -> Json:
    """A view object as Slack tells it."""
    return {
        "id": one.id,
        "team_id": world.team_id,
        "app_id": world.app_id,
        "app_installed_team_id": world.team_id,
        "bot_id": world.bot_id,
        **VIEW_DEFAULTS,
        **one.body,
        "state": {"values": one.state},
        "hash": one.hash,
        "root_view_id": one.root_id,
        "previous_view_id": one.previous_id,
    }


def serialize_page_user(
    world: SlackWorkspace, person: SlackAccount, now: datetime
) -> Json:
    """A person for the page."""
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "color": person.color,
        "initials": "".join(word[0] for word in person.real_name.split()[:2]).upper(),
        "tz": person.tz,
        "tz_offset": tz_offset_seconds(person, now),
        "is_bot": person.is_bot,
        "deleted": person.deleted,
        "guest": person.guest,
        "admin": person.is_admin,
        "foreign": world.is_of_other_workspace(person),
        "team_id": person.team_id,
        "email": person.email,
        "locale": person.locale,
    }


def serialize_page_slackbot(world: SlackWorkspace) -> Json:
    """Slack's own voice, for the page."""
    told: Json = {
        "id": "USLACKBOT",
        "name": "slackbot",
        "real_name": "Slackbot",
        "title": "",
        "color": "#5b6470",
    }
    told |= {
        "initials": "S",
        "tz": "UTC",
        "tz_offset": 0,
        "is_bot": True,
        "deleted": False,
        "guest": False,
    }
    told["admin"] = False
    return {**told, "foreign": False, "team_id": world.team_id, "email": ""}


def serialize_page_channel(world: SlackWorkspace, one: Channel, person_id: str) -> Json:
    """A channel for the page, as this person sees it."""
    told: Json = {
        "id": one.id,
        "name": world.accounts[world.bot_user_id].real_name
        if one.kind == "im"
        else one.name,
        "kind": one.kind,
        "members": list(one.members),
        "topic": one.topic,
        "unread": world.count_unread(one.id, person_id),
        "archived": one.archived,
        "shared": one.shared,
    }
    if one.kind == "im":
        told["with"] = world.bot_user_id
    return told


def list_page_channel_names(
    world: SlackWorkspace, person: SlackAccount
) -> dict[str, str]:
    """The channel names that a person may read: their own, and the public ones for full members of this workspace."""
    sees_public = not person.guest and not world.is_of_other_workspace(person)
    named = (c for c in world.channels.values() if c.kind != "im")
    return {
        c.id: c.name
        for c in named
        if person.id in c.members or (sees_public and c.kind == "channel")
    }


def serialize_page_message(one: Message) -> dict[str, Any]:
    """A message for the page and the tests."""
    return {
        "ts": one.ts,
        "channel": one.channel_id,
        "user": one.user_id,
        "text": one.text,
        "blocks": one.blocks,
        "edited": one.edited is not None and one.only_for is None,
        "ephemeral": one.only_for is not None,
        "thread_ts": one.thread_ts,
        "broadcast": one.broadcast,
        "failed": one.failed,
        "files": [serialize_page_file(each) for each in one.files],
    }


def serialize_page_file(one: File) -> Json:
    """A file for the page and the tests."""
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "size": one.size,
        "mimetype": guess_mimetype(one),
    }

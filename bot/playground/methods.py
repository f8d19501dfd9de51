"""The Web API's methods on messages, channels and people. Each takes the arguments and gives the answer."""

import base64
from typing import Any

from bot.playground import messages, serializers
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, Message, SlackAccount

READ_SCOPES = {"channel": "channels:read", "private": "groups:read", "im": "im:read"}
MAX_PAGE_SIZE = 1000  # the largest page


def parse_flag(value: Any) -> bool:
    """A flag as JSON or a form carries it."""
    return str(value).lower() in {"true", "1"}


def require_scope(site: PlaygroundState, scope: str) -> None:
    """SlackError where the app lacks this scope."""
    if scope not in site.manifest.scopes:
        raise SlackError(
            "missing_scope",
            needed=scope,
            provided=",".join(sorted(site.manifest.scopes)),
        )


# Finding


def _require_visible_channel(site: PlaygroundState, which: Any) -> Channel:
    channel = site.workspace.channels.get(str(which))
    hidden = (
        channel
        and channel.kind == "private"
        and site.workspace.bot_user_id not in channel.members
    )
    if channel is None or hidden:
        raise SlackError("channel_not_found")
    return channel


def require_postable_channel(site: PlaygroundState, which: Any) -> Channel:
    """The conversation with this id, or this person's; SlackError where the app may not write there."""
    person = site.workspace.accounts.get(str(which))
    channel = (
        site.workspace.get_direct_channel(person.id)
        if person and not person.is_bot
        else _require_visible_channel(site, which)
    )
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im":
        _require_reachable(site, channel)
    elif site.workspace.bot_user_id not in channel.members:
        if (
            channel.kind == "channel"
            and "chat:write.public" in site.manifest.scopes
            and not channel.shared
        ):
            return channel
        raise SlackError("not_in_channel")
    return channel


def _require_reachable(site: PlaygroundState, im: Channel) -> None:
    person = site.workspace.accounts[str(im.user_id)]
    if person.deleted or site.workspace.is_stranger(person):
        raise SlackError("channel_not_found")
    if not site.manifest.messages_enabled:
        raise SlackError("messages_tab_disabled")


def _require_own_message(site: PlaygroundState, args: Json, refusal: str) -> Message:
    channel = _require_visible_channel(site, args["channel"])
    message = site.workspace.find_message(channel.id, str(args["ts"]))
    # Slack keeps no ephemeral message that could be changed by its time stamp.
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    if message.user_id != site.workspace.bot_user_id:
        raise SlackError(refusal)
    return message


def _require_account(site: PlaygroundState, who: Any) -> SlackAccount:
    person = site.workspace.accounts.get(str(who))
    if person is None:
        raise SlackError("user_not_found")
    return person


# chat.*


def post_message(site: PlaygroundState, args: Json) -> Json:
    """chat.postMessage"""
    channel = require_postable_channel(site, args["channel"])
    text, blocks = messages.validate_message(args)
    thread = args.get("thread_ts")
    parent = site.workspace.find_message(channel.id, str(thread)) if thread else None
    if thread and parent is None:
        raise SlackError("cannot_reply_to_message")
    place = {
        "thread_ts": thread,
        "broadcast": bool(thread) and parse_flag(args.get("reply_broadcast")),
    }
    message = messages.post_message(
        site, channel.id, site.workspace.bot_user_id, text, blocks, **place
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": serializers.serialize_message(site.workspace, message),
    }


def post_ephemeral(site: PlaygroundState, args: Json) -> Json:
    """chat.postEphemeral"""
    channel = require_postable_channel(site, args["channel"])
    person = _require_account(site, args["user"])
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = messages.validate_message(args)
    message = messages.post_message(
        site, channel.id, site.workspace.bot_user_id, text, blocks, only_for=person.id
    )
    return {"message_ts": message.ts}


def update_message(site: PlaygroundState, args: Json) -> Json:
    """chat.update: blocks that are not given stay, an empty list takes them away."""
    message = _require_own_message(site, args, "cant_update_message")
    text, blocks = messages.validate_message(args)
    kept = message.blocks if args.get("blocks") is None else blocks
    messages.update_message(site, message, text or message.text, kept)
    shown = serializers.serialize_message(site.workspace, message)
    return {
        "channel": message.channel_id,
        "ts": message.ts,
        "text": message.text,
        "message": shown,
    }


def delete_message(site: PlaygroundState, args: Json) -> Json:
    """chat.delete"""
    message = _require_own_message(site, args, "cant_delete_message")
    messages.delete_message(site, message)
    return {"channel": message.channel_id, "ts": message.ts}


# conversations.*


def open_conversation(site: PlaygroundState, args: Json) -> Json:
    """conversations.open, for direct messages with one person"""
    if args.get("channel"):
        channel = _require_visible_channel(site, args["channel"])
    elif args.get("users"):
        channel = _open_direct_channel(
            site, [name.strip() for name in str(args["users"]).split(",")]
        )
    else:
        raise SlackError("users_list_not_supplied")
    told = (
        serializers.serialize_channel(site.workspace, channel)
        if parse_flag(args.get("return_im"))
        else {"id": channel.id}
    )
    return {"channel": told, "no_op": True, "already_open": True}


def _open_direct_channel(site: PlaygroundState, who: list[str]) -> Channel:
    if len(who) > 1:
        require_scope(site, "mpim:write")
        raise SlackError("invalid_user_combination")
    person = _require_account(site, who[0])
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot or site.workspace.is_stranger(person):
        raise SlackError("user_not_visible")
    return site.workspace.get_direct_channel(person.id)


def conversation_info(site: PlaygroundState, args: Json) -> Json:
    """conversations.info"""
    channel = _require_visible_channel(site, args["channel"])
    require_scope(site, READ_SCOPES[channel.kind])
    told = serializers.serialize_channel(site.workspace, channel)
    if parse_flag(args.get("include_num_members")):
        told["num_members"] = len(channel.members)
    return {"channel": told}


def conversation_members(site: PlaygroundState, args: Json) -> Json:
    """conversations.members, by pages"""
    channel = _require_visible_channel(site, args["channel"])
    require_scope(site, READ_SCOPES[channel.kind])
    page, cursor = paginate(list(channel.members), args, 100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


# users.* and team.*


def user_info(site: PlaygroundState, args: Json) -> Json:
    """users.info"""
    return {"user": _user_payload(site, _require_account(site, args["user"]), args)}


def list_users(site: PlaygroundState, args: Json) -> Json:
    """users.list, by pages; foreign people only once they share a channel with the app"""
    with site.workspace.lock:
        people = [
            p
            for p in site.workspace.accounts.values()
            if not site.workspace.is_stranger(p)
        ]
    members = [
        serializers.serialize_slackbot(site.workspace),
        *(_user_payload(site, person, args) for person in people),
    ]
    page, cursor = paginate(members, args, 0)
    told = {"members": page, "cache_ts": int(site.clock.epoch_seconds())}
    return {**told, "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(site: PlaygroundState, args: Json) -> Json:
    """users.lookupByEmail: living accounts of this workspace only"""
    asked = str(args["email"]).lower()
    for person in site.workspace.list_humans():
        if (
            person.email.lower() == asked
            and not person.deleted
            and not site.workspace.is_of_other_workspace(person)
        ):
            return {"user": _user_payload(site, person, args)}
    raise SlackError("users_not_found")


def _user_payload(site: PlaygroundState, person: SlackAccount, args: Json) -> Json:
    locale = parse_flag(args.get("include_locale"))
    return serializers.serialize_user(
        site.workspace, person, site.clock.now(), site.manifest.scopes, locale
    )


def team_info(site: PlaygroundState, _args: Json) -> Json:
    """team.info"""
    world = site.workspace
    return {
        "team": {
            "id": world.team_id,
            "name": world.team_name,
            "domain": world.domain,
            "email_domain": "",
        }
    }


def paginate(items: list[Any], args: Json, default: int) -> tuple[list[Any], str]:
    """One page by limit and cursor, and the cursor of the next; a limit of 0 is all."""
    start, limit = (
        _parse_cursor(args.get("cursor")),
        _parse_limit(args.get("limit"), default),
    )
    page = items[start : start + limit] if limit else items[start:]
    rest = start + len(page) < len(items)
    return page, base64.b64encode(
        f"next:{start + len(page)}".encode()
    ).decode() if rest else ""


def _parse_cursor(cursor: Any) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = (
            base64.b64decode(str(cursor), validate=True).decode().partition(":")
        )
        start = int(number)
    except ValueError:
        raise SlackError("invalid_cursor") from None
    if word != "next" or start < 0:
        raise SlackError("invalid_cursor")
    return start


def _parse_limit(limit: Any, default: int) -> int:
    try:
        number = int(limit) if limit not in (None, "") else default
    except ValueError:
        raise SlackError("invalid_limit") from None
    if not 0 <= number <= MAX_PAGE_SIZE:
        raise SlackError("invalid_limit")
    return number

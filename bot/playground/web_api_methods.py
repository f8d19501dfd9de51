"""The Web API's methods on messages, channels and users: arguments → answer."""

import base64
from typing import Any

from bot.playground import conversations, messages, serializers
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, Message, SlackAccount

READ_SCOPES = {"channel": "channels:read", "private": "groups:read", "im": "im:read"}
MAX_PAGE_SIZE = 1000


def parse_flag(value: Any) -> bool:
    """Return whether a flag, from JSON or a form, is set."""
    return str(value).lower() in {"true", "1"}


def require_scope(state: PlaygroundState, scope: str) -> None:
    """Raise SlackError if the app lacks this scope."""
    if scope not in state.scopes:
        raise SlackError(
            "missing_scope",
            needed=scope,
            provided=",".join(sorted(state.scopes)),
        )


# Lookups


def _require_visible_channel(state: PlaygroundState, channel_id: Any) -> Channel:
    channel = state.workspace.channels.get(str(channel_id))
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.kind == "private" and not _has_app(state, channel):
        raise SlackError("channel_not_found")
    return channel


def _has_app(state: PlaygroundState, channel: Channel) -> bool:
    return state.workspace.bot_user_id in channel.members


def require_postable_channel(state: PlaygroundState, channel_id: Any) -> Channel:
    """Return the conversation with this id, or the direct message with this user.

    SlackError if the app may not post there.
    """
    account = state.workspace.accounts.get(str(channel_id))
    if account and not account.is_bot:
        channel = state.workspace.get_direct_channel(account.id)
    else:
        channel = _require_visible_channel(state, channel_id)
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im":
        _require_reachable(state, channel)
    elif not _has_app(state, channel) and not _is_open_to_app(state, channel):
        raise SlackError("not_in_channel")
    return channel


def _is_open_to_app(state: PlaygroundState, channel: Channel) -> bool:
    is_public = channel.kind == "channel" and not channel.shared
    return is_public and "chat:write.public" in state.scopes


def _require_reachable(state: PlaygroundState, channel: Channel) -> None:
    account = state.workspace.accounts[str(channel.user_id)]
    if account.deleted or state.workspace.is_stranger(account):
        raise SlackError("channel_not_found")
    if not state.manifest.messages_enabled:
        raise SlackError("messages_tab_disabled")


def _require_own_message(
    state: PlaygroundState, args: Json, error_code: str
) -> Message:
    channel = _require_visible_channel(state, args["channel"])
    message = state.workspace.find_message(channel.id, str(args["ts"]))
    # Slack stores no ephemeral messages that could be changed.
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    if message.user_id != state.workspace.bot_user_id:
        raise SlackError(error_code)
    return message


def _require_account(state: PlaygroundState, user_id: Any) -> SlackAccount:
    account = state.workspace.accounts.get(str(user_id))
    if account is None:
        raise SlackError("user_not_found")
    return account


# chat.*


def post_message(state: PlaygroundState, args: Json) -> Json:
    """chat.postMessage"""
    channel = require_postable_channel(state, args["channel"])
    text, blocks = messages.validate_message(args)
    thread_ts = args.get("thread_ts")
    if thread_ts and state.workspace.find_message(channel.id, str(thread_ts)) is None:
        raise SlackError("cannot_reply_to_message")
    thread_fields = {
        "thread_ts": thread_ts,
        "broadcast": bool(thread_ts) and parse_flag(args.get("reply_broadcast")),
    }
    message = messages.post_message(
        state, channel.id, state.workspace.bot_user_id, text, blocks, **thread_fields
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": serializers.serialize_message(state.workspace, message),
    }


def post_ephemeral(state: PlaygroundState, args: Json) -> Json:
    """chat.postEphemeral"""
    channel = require_postable_channel(state, args["channel"])
    account = _require_account(state, args["user"])
    if account.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = messages.validate_message(args)
    message = messages.post_message(
        state,
        channel.id,
        state.workspace.bot_user_id,
        text,
        blocks,
        only_for=account.id,
        thread_ts=args.get("thread_ts"),
    )
    return {"message_ts": message.ts}


def update_message(state: PlaygroundState, args: Json) -> Json:
    """chat.update: without blocks the old ones stay, an empty list removes them."""
    message = _require_own_message(state, args, "cant_update_message")
    text, blocks = messages.validate_message(args)
    new_blocks = message.blocks if args.get("blocks") is None else blocks
    messages.update_message(state, message, text or message.text, new_blocks)
    payload = serializers.serialize_message(state.workspace, message)
    return {
        "channel": message.channel_id,
        "ts": message.ts,
        "text": message.text,
        "message": payload,
    }


def delete_message(state: PlaygroundState, args: Json) -> Json:
    """chat.delete"""
    message = _require_own_message(state, args, "cant_delete_message")
    messages.delete_message(state, message)
    return {"channel": message.channel_id, "ts": message.ts}


# conversations.*


def open_conversation(state: PlaygroundState, args: Json) -> Json:
    """conversations.open, for direct messages with one user"""
    if args.get("channel"):
        channel = _require_visible_channel(state, args["channel"])
    elif args.get("users"):
        user_ids = [user_id.strip() for user_id in str(args["users"]).split(",")]
        channel = _open_direct_channel(state, user_ids)
    else:
        raise SlackError("users_list_not_supplied")
    payload: Json = {"id": channel.id}
    if parse_flag(args.get("return_im")):
        payload = serializers.serialize_channel(state.workspace, channel)
    return {"channel": payload, "no_op": True, "already_open": True}


def _open_direct_channel(state: PlaygroundState, user_ids: list[str]) -> Channel:
    if len(user_ids) > 1:
        require_scope(state, "mpim:write")
        raise SlackError("invalid_user_combination")
    account = _require_account(state, user_ids[0])
    if account.deleted:
        raise SlackError("user_disabled")
    if account.is_bot or state.workspace.is_stranger(account):
        raise SlackError("user_not_visible")
    return state.workspace.get_direct_channel(account.id)


def conversation_info(state: PlaygroundState, args: Json) -> Json:
    """conversations.info"""
    channel = _require_visible_channel(state, args["channel"])
    require_scope(state, READ_SCOPES[channel.kind])
    payload = serializers.serialize_channel(state.workspace, channel)
    if parse_flag(args.get("include_num_members")):
        payload["num_members"] = len(channel.members)
    return {"channel": payload}


def join_conversation(state: PlaygroundState, args: Json) -> Json:
    """conversations.join, of a public channel"""
    channel = _require_visible_channel(state, args["channel"])
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    bot = state.workspace.accounts[state.workspace.bot_user_id]
    conversations.join_channel(state, channel, bot)
    return {"channel": serializers.serialize_channel(state.workspace, channel)}


def conversation_members(state: PlaygroundState, args: Json) -> Json:
    """conversations.members, by pages"""
    channel = _require_visible_channel(state, args["channel"])
    require_scope(state, READ_SCOPES[channel.kind])
    page, cursor = paginate(list(channel.members), args, 100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


# users.* and team.*


def user_info(state: PlaygroundState, args: Json) -> Json:
    """users.info"""
    return {"user": _user_payload(state, _require_account(state, args["user"]), args)}


def list_users(state: PlaygroundState, args: Json) -> Json:
    """users.list, by pages; strangers only once they share a channel with the app"""
    with state.workspace.lock:
        accounts = [
            account
            for account in state.workspace.accounts.values()
            if not state.workspace.is_stranger(account)
        ]
    members = [serializers.serialize_slackbot(state.workspace)]
    members += [_user_payload(state, account, args) for account in accounts]
    page, cursor = paginate(members, args, 0)
    return {
        "members": page,
        "cache_ts": int(state.clock.epoch_seconds()),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(state: PlaygroundState, args: Json) -> Json:
    """users.lookupByEmail: active accounts of this workspace only"""
    email = str(args["email"]).lower()
    for account in state.workspace.list_humans():
        is_foreign = state.workspace.is_of_other_workspace(account)
        if account.email.lower() == email and not account.deleted and not is_foreign:
            return {"user": _user_payload(state, account, args)}
    raise SlackError("users_not_found")


def _user_payload(state: PlaygroundState, account: SlackAccount, args: Json) -> Json:
    return serializers.serialize_user(
        state.workspace,
        account,
        state.clock.now(),
        state.scopes,
        include_locale=parse_flag(args.get("include_locale")),
    )


def team_info(state: PlaygroundState, args: Json) -> Json:
    """team.info, of this workspace or of one that shares a channel with it"""
    workspace = state.workspace
    team_id = args.get("team") or workspace.team_id
    if team_id != workspace.team_id:
        name = workspace.other_teams.get(team_id)
        if name is None:
            raise SlackError("team_not_found")
        return {"team": {"id": team_id, "name": name}}
    return {
        "team": {
            "id": workspace.team_id,
            "name": workspace.team_name,
            "domain": workspace.domain,
            "email_domain": "",
        }
    }


def paginate(items: list[Any], args: Json, default: int) -> tuple[list[Any], str]:
    """Return one page by limit and cursor, and the next cursor; limit 0 means all."""
    start = _parse_cursor(args.get("cursor"))
    limit = _parse_limit(args.get("limit"), default) or len(items)
    page, end = items[start : start + limit], start + limit
    if end >= len(items):
        return page, ""
    return page, base64.b64encode(f"next:{end}".encode()).decode()


def _parse_cursor(cursor: Any) -> int:
    if not cursor:
        return 0
    try:
        text = base64.b64decode(str(cursor), validate=True).decode()
        prefix, _, number = text.partition(":")
        start = int(number)
    except ValueError:
        raise SlackError("invalid_cursor") from None
    if prefix != "next" or start < 0:
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

"""Change channels, their members and the app's installation, and send the events."""

import re

from bot.playground import delivery, messages
from bot.playground.errors import NotAllowed
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, SlackAccount

CHANNEL_NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,80}")


def join_channel(
    state: PlaygroundState,
    channel: Channel,
    account: SlackAccount,
    inviter: SlackAccount | None = None,
) -> None:
    """Add an account, a person's or the app's, to a channel; without an inviter, it
    joins by itself.
    """
    if account.id in channel.members:
        return
    with state.workspace.lock:
        channel.members.append(account.id)
    state.publish_channels()
    messages.post_message(
        state,
        channel.id,
        account.id,
        f"<@{account.id}> has joined the channel",
        subtype="channel_join",
    )
    invited_by = {"inviter": inviter.id} if inviter else {}
    _emit_membership(state, channel, account, "member_joined_channel", **invited_by)


def leave_channel(
    state: PlaygroundState,
    channel: Channel,
    account: SlackAccount,
    by: SlackAccount,
    wait: bool = False,
) -> None:
    """Remove an account, a person's or the app's, from a channel."""
    if account.id not in channel.members:
        return
    messages.post_message(
        state,
        channel.id,
        account.id,
        f"<@{account.id}> has left the channel",
        subtype="channel_leave",
    )
    with state.workspace.lock:
        channel.members.remove(account.id)
    state.publish_channels()
    _emit_membership(state, channel, account, "member_left_channel")
    if account.id == state.workspace.bot_user_id:
        event = {
            "type": _event_type(channel, "left"),
            "channel": channel.id,
            "actor_id": by.id,
        }
        delivery.emit_event(state, event, wait=wait)


def _emit_membership(
    state: PlaygroundState,
    channel: Channel,
    account: SlackAccount,
    event_type: str,
    **extra_fields: str,
) -> None:
    channel_type = "G" if channel.kind == "private" else "C"
    event = {
        "type": event_type,
        "user": account.id,
        "channel": channel.id,
        "channel_type": channel_type,
        "team": account.team_id,
    }
    # What the app does in a channel that it was added to comes before what is typed next.
    is_app = account.id == state.workspace.bot_user_id
    delivery.emit_event(state, {**event, **extra_fields}, wait=is_app)


def archive_channel(
    state: PlaygroundState,
    channel: Channel,
    by: SlackAccount,
    archived: bool = True,
    wait: bool = False,
) -> None:
    """Archive a channel, or unarchive it."""
    if channel.archived == archived:
        return
    channel.archived = archived
    verb = "archive" if archived else "unarchive"
    messages.post_message(
        state,
        channel.id,
        by.id,
        f"<@{by.id}> {verb}d the channel",
        subtype=_event_type(channel, verb),
    )
    state.publish_channels()
    event: Json = {
        "type": _event_type(channel, verb),
        "channel": channel.id,
        "user": by.id,
    }
    if archived:
        event["is_moved"] = 0
    _emit_if_visible(state, channel, event, wait)


def delete_channel(
    state: PlaygroundState, channel: Channel, by: SlackAccount, wait: bool = False
) -> None:
    """Delete a channel with its messages."""
    with state.workspace.lock:
        del state.workspace.channels[channel.id]
    state.publish_channels()
    event: Json = {
        "type": _event_type(channel, "deleted"),
        "channel": channel.id,
        "actor_id": by.id,
    }
    _emit_if_visible(state, channel, event, wait)


def rename_channel(
    state: PlaygroundState,
    channel: Channel,
    name: str,
    by: SlackAccount,
    wait: bool = False,
) -> None:
    """Rename a channel; NotAllowed if the name is invalid or taken."""
    if not CHANNEL_NAME_PATTERN.fullmatch(name):
        raise NotAllowed(
            "Channel names have up to 80 lowercase letters, digits, "
            "hyphens and underscores."
        )
    with state.workspace.lock:
        others = state.workspace.channels.values()
        if name in {other.name for other in others if other.kind != "im"}:
            raise NotAllowed(f"There's already a channel called {name}.")
        old_name, channel.name = channel.name, name
    notice = f'<@{by.id}> has renamed the channel from "{old_name}" to "{name}"'
    messages.post_message(
        state, channel.id, by.id, notice, subtype=_event_type(channel, "name")
    )
    state.publish_channels()
    channel_fields = {
        "id": channel.id,
        "is_channel": channel.kind == "channel",
        "is_mpim": False,
        "name": name,
        "name_normalized": name,
        "created": channel.created,
    }
    event = {"type": _event_type(channel, "rename"), "channel": channel_fields}
    _emit_if_visible(state, channel, event, wait)


def _event_type(channel: Channel, suffix: str) -> str:
    """Return the event's type; those of private channels are still called groups."""
    return f"group_{suffix}" if channel.kind == "private" else f"channel_{suffix}"


def _emit_if_visible(
    state: PlaygroundState, channel: Channel, event: Json, wait: bool
) -> None:
    # An app receives events of all public channels, and of private ones as a member.
    if channel.kind == "channel" or state.workspace.bot_user_id in channel.members:
        delivery.emit_event(state, event, wait=wait)

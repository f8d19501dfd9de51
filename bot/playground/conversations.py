"""What happens to channels, to who is in them, and to the app's place in the workspace; the app hears of it."""

import re
from collections.abc import Iterable

from bot.playground import delivery, messages
from bot.playground.errors import NotAllowed
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Channel, Json, SlackAccount

CHANNEL_NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,80}")


def join_channel(
    site: PlaygroundState, channel: Channel, person: SlackAccount, inviter: SlackAccount
) -> None:
    """Bring somebody, or the app, into a channel."""
    if person.id in channel.members:
        return
    with site.workspace.lock:
        channel.members.append(person.id)
    site.publish_channels()
    messages.post_message(
        site,
        channel.id,
        person.id,
        f"<@{person.id}> has joined the channel",
        subtype="channel_join",
    )
    _emit_membership(site, channel, person, "member_joined_channel", inviter=inviter.id)


def leave_channel(
    site: PlaygroundState,
    channel: Channel,
    person: SlackAccount,
    by: SlackAccount,
    wait: bool = False,
) -> None:
    """Take somebody, or the app, out of a channel."""
    if person.id not in channel.members:
        return
    messages.post_message(
        site,
        channel.id,
        person.id,
        f"<@{person.id}> has left the channel",
        subtype="channel_leave",
    )
    with site.workspace.lock:
        channel.members.remove(person.id)
    site.publish_channels()
    _emit_membership(site, channel, person, "member_left_channel")
    if person.id == site.workspace.bot_user_id:
        delivery.emit_event(
            site,
            {
                "type": _event_type(channel, "left"),
                "channel": channel.id,
                "actor_id": by.id,
            },
            wait=wait,
        )


def _emit_membership(
    site: PlaygroundState,
    channel: Channel,
    person: SlackAccount,
    name: str,
    **more: str,
) -> None:
    kind = "G" if channel.kind == "private" else "C"
    inner = {
        "type": name,
        "user": person.id,
        "channel": channel.id,
        "channel_type": kind,
        "team": person.team_id,
    }
    delivery.emit_event(site, {**inner, **more})


def archive_channel(
    site: PlaygroundState,
    channel: Channel,
    by: SlackAccount,
    archived: bool = True,
    wait: bool = False,
) -> None:
    """Archive a channel, or bring it back."""
    if channel.archived == archived:
        return
    channel.archived = archived
    what = "archive" if archived else "unarchive"
    messages.post_message(
        site,
        channel.id,
        by.id,
        f"<@{by.id}> {what}d the channel",
        subtype=_event_type(channel, what),
    )
    site.publish_channels()
    inner: Json = {
        "type": _event_type(channel, what),
        "channel": channel.id,
        "user": by.id,
    }
    _emit_if_visible(
        site, channel, {**inner, "is_moved": 0} if archived else inner, wait
    )


def delete_channel(
    site: PlaygroundState, channel: Channel, by: SlackAccount, wait: bool = False
) -> None:
    """Delete a channel with everything in it."""
    with site.workspace.lock:
        del site.workspace.channels[channel.id]
    site.publish_channels()
    inner: Json = {
        "type": _event_type(channel, "deleted"),
        "channel": channel.id,
        "actor_id": by.id,
    }
    _emit_if_visible(site, channel, inner, wait)


def rename_channel(
    site: PlaygroundState,
    channel: Channel,
    name: str,
    by: SlackAccount,
    wait: bool = False,
) -> None:
    """Give a channel another name; NotAllowed where Slack would not take it, or another channel has it."""
    if not CHANNEL_NAME_PATTERN.fullmatch(name):
        raise NotAllowed(
            "A channel's name has up to 80 lower-case letters, digits, hyphens and underscores."
        )
    with site.workspace.lock:
        if any(
            other.name == name and other.kind != "im"
            for other in site.workspace.channels.values()
        ):
            raise NotAllowed(f"There is a channel named {name}.")
        before, channel.name = channel.name, name
    renderer = f'<@{by.id}> has renamed the channel from "{before}" to "{name}"'
    messages.post_message(
        site, channel.id, by.id, renderer, subtype=_event_type(channel, "name")
    )
    site.publish_channels()
    told = {
        "id": channel.id,
        "is_channel": channel.kind == "channel",
        "is_mpim": False,
        "name": name,
    }
    told |= {"name_normalized": name, "created": channel.created}
    _emit_if_visible(
        site, channel, {"type": _event_type(channel, "rename"), "channel": told}, wait
    )


def _event_type(channel: Channel, what: str) -> str:
    """The event's name: private channels were groups once, and their events still are."""
    return f"group_{what}" if channel.kind == "private" else f"channel_{what}"


def _emit_if_visible(
    site: PlaygroundState, channel: Channel, inner: Json, wait: bool
) -> None:
    # Of public channels the app hears wherever they are, of private ones as a member.
    if channel.kind == "channel" or site.workspace.bot_user_id in channel.members:
        delivery.emit_event(site, inner, wait=wait)


def uninstall_app(
    site: PlaygroundState, event_types: Iterable[str], wait: bool = False
) -> None:
    """Take the app out of the workspace; its bot token is dead, and its last events come in the order of `tell`."""
    world = site.workspace
    bot = world.bot_user_id
    last: dict[str, Json] = {
        "tokens_revoked": {"tokens": {"oauth": [], "bot": [bot]}},
        "app_uninstalled": {},
    }
    with world.lock:
        site.is_installed = False
        world.update_account(bot, deleted=True)
        for channel in world.channels.values():
            if channel.kind != "im" and bot in channel.members:
                channel.members.remove(bot)
        world.modal_stacks.clear()
        world.home_views.clear()
    site.stream.publish({"type": "users"})
    site.publish_channels()
    for name in event_types:
        delivery.emit_final_event(site, {"type": name, **last[name]}, wait)

"""What happens to channels, to who is in them, and to the app's place in the workspace; the app hears of it."""

import re
from collections.abc import Iterable

from bot.playground import delivery, talk
from bot.playground.errors import NotAllowed
from bot.playground.site import Site
from bot.playground.world import Channel, Json, Person

NAME = re.compile(r"[a-z0-9_-]{1,80}")


def join(site: Site, channel: Channel, person: Person, inviter: Person) -> None:
    """Bring somebody, or the app, into a channel."""
    if person.id in channel.members:
        return
    with site.world.lock:
        channel.members.append(person.id)
    site.tell_channels()
    talk.say(site, channel.id, person.id, f"<@{person.id}> has joined the channel", subtype="channel_join")
    _emit_membership(site, channel, person, "member_joined_channel", inviter=inviter.id)


def part(site: Site, channel: Channel, person: Person, by: Person, wait: bool = False) -> None:
    """Take somebody, or the app, out of a channel."""
    if person.id not in channel.members:
        return
    talk.say(site, channel.id, person.id, f"<@{person.id}> has left the channel", subtype="channel_leave")
    with site.world.lock:
        channel.members.remove(person.id)
    site.tell_channels()
    _emit_membership(site, channel, person, "member_left_channel")
    if person.id == site.world.bot_user_id:
        delivery.emit(site, {"type": _named(channel, "left"), "channel": channel.id, "actor_id": by.id}, wait=wait)


def _emit_membership(site: Site, channel: Channel, person: Person, name: str, **more: str) -> None:
    kind = "G" if channel.kind == "private" else "C"
    inner = {"type": name, "user": person.id, "channel": channel.id, "channel_type": kind, "team": person.team_id}
    delivery.emit(site, {**inner, **more})


def archive(site: Site, channel: Channel, by: Person, archived: bool = True, wait: bool = False) -> None:
    """Archive a channel, or bring it back."""
    if channel.archived == archived:
        return
    channel.archived = archived
    what = "archive" if archived else "unarchive"
    talk.say(site, channel.id, by.id, f"<@{by.id}> {what}d the channel", subtype=_named(channel, what))
    site.tell_channels()
    inner: Json = {"type": _named(channel, what), "channel": channel.id, "user": by.id}
    _emit_where_seen(site, channel, {**inner, "is_moved": 0} if archived else inner, wait)


def delete(site: Site, channel: Channel, by: Person, wait: bool = False) -> None:
    """Delete a channel with everything in it."""
    with site.world.lock:
        del site.world.channels[channel.id]
    site.tell_channels()
    inner: Json = {"type": _named(channel, "deleted"), "channel": channel.id, "actor_id": by.id}
    _emit_where_seen(site, channel, inner, wait)


def rename(site: Site, channel: Channel, name: str, by: Person, wait: bool = False) -> None:
    """Give a channel another name; NotAllowed where Slack would not take it, or another channel has it."""
    if not NAME.fullmatch(name):
        raise NotAllowed("A channel's name has up to 80 lower-case letters, digits, hyphens and underscores.")
    with site.world.lock:
        if any(other.name == name and other.kind != "im" for other in site.world.channels.values()):
            raise NotAllowed(f"There is a channel named {name}.")
        before, channel.name = channel.name, name
    words = f'<@{by.id}> has renamed the channel from "{before}" to "{name}"'
    talk.say(site, channel.id, by.id, words, subtype=_named(channel, "name"))
    site.tell_channels()
    told = {"id": channel.id, "is_channel": channel.kind == "channel", "is_mpim": False, "name": name}
    told |= {"name_normalized": name, "created": channel.created}
    _emit_where_seen(site, channel, {"type": _named(channel, "rename"), "channel": told}, wait)


def _named(channel: Channel, what: str) -> str:
    """The event's name: private channels were groups once, and their events still are."""
    return f"group_{what}" if channel.kind == "private" else f"channel_{what}"


def _emit_where_seen(site: Site, channel: Channel, inner: Json, wait: bool) -> None:
    # Of public channels the app hears wherever they are, of private ones as a member.
    if channel.kind == "channel" or site.world.bot_user_id in channel.members:
        delivery.emit(site, inner, wait=wait)


def uninstall(site: Site, tell: Iterable[str], wait: bool = False) -> None:
    """Take the app out of the workspace; its bot token is dead, and its last events come in the order of `tell`."""
    world = site.world
    bot = world.bot_user_id
    last: dict[str, Json] = {"tokens_revoked": {"tokens": {"oauth": [], "bot": [bot]}}, "app_uninstalled": {}}
    with world.lock:
        site.installed = False
        world.change_person(bot, deleted=True)
        for channel in world.channels.values():
            if channel.kind != "im" and bot in channel.members:
                channel.members.remove(bot)
        world.stacks.clear()
        world.homes.clear()
    site.stream.tell({"type": "users"})
    site.tell_channels()
    for name in tell:
        delivery.emit_last(site, {"type": name, **last[name]}, wait)

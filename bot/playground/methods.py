"""The Web API's methods on messages, channels and people. Each takes the arguments and gives the answer."""

import base64
from typing import Any

from bot.playground import faces, talk
from bot.playground.errors import SlackError
from bot.playground.site import Site
from bot.playground.world import Channel, Json, Message, Person

NEEDS = {"channel": "channels:read", "private": "groups:read", "im": "im:read"}
MOST = 1000  # the largest page


def truth(value: Any) -> bool:
    """A flag as JSON or a form carries it."""
    return str(value).lower() in {"true", "1"}


def need(site: Site, scope: str) -> None:
    """SlackError where the app lacks this scope."""
    if scope not in site.manifest.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(site.manifest.scopes)))


# Finding


def _channel(site: Site, which: Any) -> Channel:
    channel = site.world.channels.get(str(which))
    hidden = channel and channel.kind == "private" and site.world.bot_user_id not in channel.members
    if channel is None or hidden:
        raise SlackError("channel_not_found")
    return channel


def postable(site: Site, which: Any) -> Channel:
    """The conversation with this id, or this person's; SlackError where the app may not write there."""
    person = site.world.people.get(str(which))
    channel = site.world.im(person.id) if person and not person.is_bot else _channel(site, which)
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im":
        _reachable(site, channel)
    elif site.world.bot_user_id not in channel.members:
        if channel.kind == "channel" and "chat:write.public" in site.manifest.scopes and not channel.shared:
            return channel
        raise SlackError("not_in_channel")
    return channel


def _reachable(site: Site, im: Channel) -> None:
    person = site.world.people[str(im.person)]
    if person.deleted or site.world.is_stranger(person):
        raise SlackError("channel_not_found")
    if not site.manifest.messages_enabled:
        raise SlackError("messages_tab_disabled")


def _own_message(site: Site, args: Json, refusal: str) -> Message:
    channel = _channel(site, args["channel"])
    message = site.world.message(channel.id, str(args["ts"]))
    # Slack keeps no ephemeral message that could be changed by its time stamp.
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    if message.user != site.world.bot_user_id:
        raise SlackError(refusal)
    return message


def _person(site: Site, who: Any) -> Person:
    person = site.world.people.get(str(who))
    if person is None:
        raise SlackError("user_not_found")
    return person


# chat.*


def post_message(site: Site, args: Json) -> Json:
    """chat.postMessage"""
    channel = postable(site, args["channel"])
    text, blocks = talk.checked(args)
    thread = args.get("thread_ts")
    parent = site.world.message(channel.id, str(thread)) if thread else None
    if thread and parent is None:
        raise SlackError("cannot_reply_to_message")
    place = {"thread_ts": thread, "broadcast": bool(thread) and truth(args.get("reply_broadcast"))}
    message = talk.say(site, channel.id, site.world.bot_user_id, text, blocks, **place)
    return {"channel": channel.id, "ts": message.ts, "message": faces.message(site.world, message)}


def post_ephemeral(site: Site, args: Json) -> Json:
    """chat.postEphemeral"""
    channel = postable(site, args["channel"])
    person = _person(site, args["user"])
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = talk.checked(args)
    message = talk.say(site, channel.id, site.world.bot_user_id, text, blocks, only_for=person.id)
    return {"message_ts": message.ts}


def update_message(site: Site, args: Json) -> Json:
    """chat.update: blocks that are not given stay, an empty list takes them away."""
    message = _own_message(site, args, "cant_update_message")
    text, blocks = talk.checked(args)
    kept = message.blocks if args.get("blocks") is None else blocks
    talk.change(site, message, text or message.text, kept)
    shown = faces.message(site.world, message)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete_message(site: Site, args: Json) -> Json:
    """chat.delete"""
    message = _own_message(site, args, "cant_delete_message")
    talk.erase(site, message)
    return {"channel": message.channel, "ts": message.ts}


# conversations.*


def open_conversation(site: Site, args: Json) -> Json:
    """conversations.open, for direct messages with one person"""
    if args.get("channel"):
        channel = _channel(site, args["channel"])
    elif args.get("users"):
        channel = _im(site, [name.strip() for name in str(args["users"]).split(",")])
    else:
        raise SlackError("users_list_not_supplied")
    told = faces.channel(site.world, channel) if truth(args.get("return_im")) else {"id": channel.id}
    return {"channel": told, "no_op": True, "already_open": True}


def _im(site: Site, who: list[str]) -> Channel:
    if len(who) > 1:
        need(site, "mpim:write")
        raise SlackError("invalid_user_combination")
    person = _person(site, who[0])
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot or site.world.is_stranger(person):
        raise SlackError("user_not_visible")
    return site.world.im(person.id)


def conversation_info(site: Site, args: Json) -> Json:
    """conversations.info"""
    channel = _channel(site, args["channel"])
    need(site, NEEDS[channel.kind])
    told = faces.channel(site.world, channel)
    if truth(args.get("include_num_members")):
        told["num_members"] = len(channel.members)
    return {"channel": told}


def conversation_members(site: Site, args: Json) -> Json:
    """conversations.members, by pages"""
    channel = _channel(site, args["channel"])
    need(site, NEEDS[channel.kind])
    page, cursor = paged(list(channel.members), args, 100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


# users.* and team.*


def user_info(site: Site, args: Json) -> Json:
    """users.info"""
    return {"user": _user(site, _person(site, args["user"]), args)}


def list_users(site: Site, args: Json) -> Json:
    """users.list, by pages; foreign people only once they share a channel with the app"""
    with site.world.lock:
        people = [p for p in site.world.people.values() if not site.world.is_stranger(p)]
    members = [faces.slackbot(site.world), *(_user(site, person, args) for person in people)]
    page, cursor = paged(members, args, 0)
    told = {"members": page, "cache_ts": int(site.clock.epoch())}
    return {**told, "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(site: Site, args: Json) -> Json:
    """users.lookupByEmail: living accounts of this workspace only"""
    asked = str(args["email"]).lower()
    for person in site.world.humans():
        if person.email.lower() == asked and not person.deleted and not site.world.is_foreign(person):
            return {"user": _user(site, person, args)}
    raise SlackError("users_not_found")


def _user(site: Site, person: Person, args: Json) -> Json:
    locale = truth(args.get("include_locale"))
    return faces.user(site.world, person, site.clock.now(), site.manifest.scopes, locale)


def team_info(site: Site, _args: Json) -> Json:
    """team.info"""
    world = site.world
    return {"team": {"id": world.team_id, "name": world.team_name, "domain": world.domain, "email_domain": ""}}


def paged(items: list[Any], args: Json, default: int) -> tuple[list[Any], str]:
    """One page by limit and cursor, and the cursor of the next; a limit of 0 is all."""
    start, limit = _start(args.get("cursor")), _limit(args.get("limit"), default)
    page = items[start : start + limit] if limit else items[start:]
    rest = start + len(page) < len(items)
    return page, base64.b64encode(f"next:{start + len(page)}".encode()).decode() if rest else ""


def _start(cursor: Any) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(str(cursor), validate=True).decode().partition(":")
        start = int(number)
    except ValueError:
        raise SlackError("invalid_cursor") from None
    if word != "next" or start < 0:
        raise SlackError("invalid_cursor")
    return start


def _limit(limit: Any, default: int) -> int:
    try:
        number = int(limit) if limit not in (None, "") else default
    except ValueError:
        raise SlackError("invalid_limit") from None
    if not 0 <= number <= MOST:
        raise SlackError("invalid_limit")
    return number

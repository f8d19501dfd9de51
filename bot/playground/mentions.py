"""What a person types, turned into Slack's own form: mentions, channels, addresses, escapes."""

import re
from collections.abc import Callable

from bot.playground.world import World

TOKEN = re.compile(
    r"(?P<given><[@#!][^<>\s]+>|<mailto:[^<>\s]+>|<https?://[^<>\s]+>)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<at>@[\w.-]*\w)"
    r"|(?P<channel>#[\w-]+)"
    r'|(?P<link>https?://[^\s<>"”]*[^\s<>"”.,;:!?)])'
    r"|(?P<sign>[&<>])"
)
MENTION = re.compile(r"<@(\w+)")
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(world: World, text: str) -> str:
    """The text as an app with should_escape gets it: <@U1|name>, <#C1|name>, <mailto:a@b|a@b>."""
    return TOKEN.sub(lambda found: _escaped(world, found), text)


def plain(world: World, text: str) -> str:
    """The text as an app without should_escape gets it: @name, #name, addresses as they are."""
    return re.sub(r"<[@#](\w+)(?:\|[^>]*)?>", lambda found: _label(world, found), text)


def stored(world: World, text: str) -> str:
    """The text as a message keeps it: mentions without a label."""
    return re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", escaped(world, text))


def _escaped(world: World, found: re.Match[str]) -> str:
    text = found.group()
    return HANDLERS[str(found.lastgroup)](world, text)


def _given(world: World, text: str) -> str:
    name = re.split(r"[|>]", text[2:])[0]
    known = text[1] not in "@#" or name in world.people or name in world.channels
    if not known:
        return "".join(ESCAPES.get(sign, sign) for sign in text)
    return f"<@{name}|{world.people[name].name}>" if text[1] == "@" else text


def _at(world: World, text: str) -> str:
    name = text[1:].lower()
    fits = [p for p in world.people.values() if name in {p.name, p.real_name.split()[0].lower()} and not p.deleted]
    return f"<@{fits[0].id}|{fits[0].name}>" if len(fits) == 1 else text


def _channel(world: World, text: str) -> str:
    fits = [c for c in world.channels.values() if c.kind != "im" and c.name == text[1:]]
    return f"<#{fits[0].id}|{fits[0].name}>" if fits else text


def _label(world: World, found: re.Match[str]) -> str:
    name = found.group(1)
    if name in world.people:
        return f"@{world.people[name].name}"
    return f"#{world.channels[name].name}" if name in world.channels else found.group()


HANDLERS: dict[str, Callable[[World, str], str]] = {
    "given": _given,
    "mail": lambda _, text: f"<mailto:{text}|{text}>",
    "at": _at,
    "channel": _channel,
    "link": lambda _, text: f"<{text}>",
    "sign": lambda _, text: ESCAPES[text],
}

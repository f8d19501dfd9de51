"""What a person types, turned into Slack's own form: mentions, channels, addresses, escapes."""

import re
from collections.abc import Callable

from bot.playground.workspace import SlackWorkspace

TOKEN_PATTERN = re.compile(
    r"(?P<given><[@#!][^<>\s]+>|<mailto:[^<>\s]+>|<https?://[^<>\s]+>)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<at>@[\w.-]*\w)"
    r"|(?P<channel>#[\w-]+)"
    r'|(?P<link>https?://[^\s<>"”]*[^\s<>"”.,;:!?)])'
    r"|(?P<sign>[&<>])"
)
MENTION_PATTERN = re.compile(r"<@(\w+)")
HTML_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape_text(world: SlackWorkspace, text: str) -> str:
    """The text as an app with should_escape gets it: <@U1|name>, <#C1|name>, <mailto:a@b|a@b>."""
    return TOKEN_PATTERN.sub(lambda found: _escape_token(world, found), text)


def to_plain_text(world: SlackWorkspace, text: str) -> str:
    """The text as an app without should_escape gets it: @name, #name, addresses as they are."""
    return re.sub(
        r"<[@#](\w+)(?:\|[^>]*)?>", lambda found: _plain_label(world, found), text
    )


def to_stored_text(world: SlackWorkspace, text: str) -> str:
    """The text as a message keeps it: mentions without a label."""
    return re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", escape_text(world, text))


def _escape_token(world: SlackWorkspace, found: re.Match[str]) -> str:
    text = found.group()
    return TOKEN_HANDLERS[str(found.lastgroup)](world, text)


def _escape_entity(world: SlackWorkspace, text: str) -> str:
    name = re.split(r"[|>]", text[2:])[0]
    known = text[1] not in "@#" or name in world.accounts or name in world.channels
    if not known:
        return "".join(HTML_ESCAPES.get(sign, sign) for sign in text)
    return f"<@{name}|{world.accounts[name].name}>" if text[1] == "@" else text


def _escape_user_mention(world: SlackWorkspace, text: str) -> str:
    name = text[1:].lower()
    fits = [
        p
        for p in world.accounts.values()
        if name in {p.name, p.real_name.split()[0].lower()} and not p.deleted
    ]
    return f"<@{fits[0].id}|{fits[0].name}>" if len(fits) == 1 else text


def _escape_channel_mention(world: SlackWorkspace, text: str) -> str:
    fits = [c for c in world.channels.values() if c.kind != "im" and c.name == text[1:]]
    return f"<#{fits[0].id}|{fits[0].name}>" if fits else text


def _plain_label(world: SlackWorkspace, found: re.Match[str]) -> str:
    name = found.group(1)
    if name in world.accounts:
        return f"@{world.accounts[name].name}"
    return f"#{world.channels[name].name}" if name in world.channels else found.group()


TOKEN_HANDLERS: dict[str, Callable[[SlackWorkspace, str], str]] = {
    "given": _escape_entity,
    "mail": lambda _, text: f"<mailto:{text}|{text}>",
    "at": _escape_user_mention,
    "channel": _escape_channel_mention,
    "link": lambda _, text: f"<{text}>",
    "sign": lambda _, text: HTML_ESCAPES[text],
}

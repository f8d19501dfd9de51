"""Convert typed text to Slack's form: mentions, channels, addresses, escapes."""

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


def escape_text(workspace: SlackWorkspace, text: str) -> str:
    """Return the text for an app with should_escape: <@U1|name>, <mailto:…>, …."""
    return TOKEN_PATTERN.sub(lambda found: _escape_token(workspace, found), text)


def to_plain_text(workspace: SlackWorkspace, text: str) -> str:
    """Return the text for an app without should_escape: @name, #name."""
    return re.sub(
        r"<[@#](\w+)(?:\|[^>]*)?>", lambda found: _plain_label(workspace, found), text
    )


def to_stored_text(workspace: SlackWorkspace, text: str) -> str:
    """Return the text as a message stores it: mentions without a label."""
    return re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", escape_text(workspace, text))


def _escape_token(workspace: SlackWorkspace, found: re.Match[str]) -> str:
    text = found.group()
    return TOKEN_HANDLERS[str(found.lastgroup)](workspace, text)


def _escape_entity(workspace: SlackWorkspace, text: str) -> str:
    name = re.split(r"[|>]", text[2:])[0]
    known = (
        text[1] not in "@#" or name in workspace.accounts or name in workspace.channels
    )
    if not known:
        return "".join(HTML_ESCAPES.get(sign, sign) for sign in text)
    return f"<@{name}|{workspace.accounts[name].name}>" if text[1] == "@" else text


def _escape_user_mention(workspace: SlackWorkspace, text: str) -> str:
    name = text[1:].lower()
    fits = [
        p
        for p in workspace.accounts.values()
        if name in {p.name, p.real_name.split()[0].lower()} and not p.deleted
    ]
    return f"<@{fits[0].id}|{fits[0].name}>" if len(fits) == 1 else text


def _escape_channel_mention(workspace: SlackWorkspace, text: str) -> str:
    fits = [
        c for c in workspace.channels.values() if c.kind != "im" and c.name == text[1:]
    ]
    return f"<#{fits[0].id}|{fits[0].name}>" if fits else text


def _plain_label(workspace: SlackWorkspace, found: re.Match[str]) -> str:
    name = found.group(1)
    if name in workspace.accounts:
        return f"@{workspace.accounts[name].name}"
    return (
        f"#{workspace.channels[name].name}"
        if name in workspace.channels
        else found.group()
    )


TOKEN_HANDLERS: dict[str, Callable[[SlackWorkspace, str], str]] = {
    "given": _escape_entity,
    "mail": lambda _, text: f"<mailto:{text}|{text}>",
    "at": _escape_user_mention,
    "channel": _escape_channel_mention,
    "link": lambda _, text: f"<{text}>",
    "sign": lambda _, text: HTML_ESCAPES[text],
}

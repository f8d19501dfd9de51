"""Convert typed text to Slack's form: mentions, channels, addresses, escapes."""

import re
from collections.abc import Callable

from bot.playground.workspace import SlackWorkspace

TOKEN_PATTERN = re.compile(
    r"(?P<entity><[@#!][^<>\s]+>|<mailto:[^<>\s]+>|<https?://[^<>\s]+>)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<at>@[\w.-]*\w)"
    r"|(?P<channel>#[\w-]+)"
    r'|(?P<link>https?://[^\s<>"”]*[^\s<>"”.,;:!?)])'
    r"|(?P<sign>[&<>])"
)
MENTION_PATTERN = re.compile(r"<@(\w+)")
ESCAPED_PATTERN = re.compile(r"<[@#](\w+)(?:\|[^>]*)?>")
HTML_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape_text(workspace: SlackWorkspace, text: str) -> str:
    """Return the text for an app with should_escape: <@U1|name>, <mailto:…>, …."""
    return TOKEN_PATTERN.sub(lambda match: _escape_token(workspace, match), text)


def to_plain_text(workspace: SlackWorkspace, text: str) -> str:
    """Return the text for an app without should_escape: @name, #name."""
    return ESCAPED_PATTERN.sub(lambda match: _plain_label(workspace, match), text)


def to_stored_text(workspace: SlackWorkspace, text: str) -> str:
    """Return the text as a message stores it: mentions without a label."""
    return re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", escape_text(workspace, text))


def _escape_token(workspace: SlackWorkspace, match: re.Match[str]) -> str:
    return TOKEN_HANDLERS[str(match.lastgroup)](workspace, match.group())


def _escape_entity(workspace: SlackWorkspace, text: str) -> str:
    sign, entity_id = text[1], re.split(r"[|>]", text[2:])[0]
    if sign == "@" and entity_id in workspace.accounts:
        return f"<@{entity_id}|{workspace.accounts[entity_id].name}>"
    is_known = entity_id in workspace.accounts or entity_id in workspace.channels
    if is_known or sign not in "@#":
        return text
    return "".join(HTML_ESCAPES.get(character, character) for character in text)


def _escape_user_mention(workspace: SlackWorkspace, text: str) -> str:
    name = text[1:].lower()
    matches = [
        account
        for account in workspace.accounts.values()
        if name in {account.name, account.real_name.split()[0].lower()}
        and not account.deleted
    ]
    if len(matches) != 1:
        return text
    return f"<@{matches[0].id}|{matches[0].name}>"


def _escape_channel_mention(workspace: SlackWorkspace, text: str) -> str:
    for channel in workspace.channels.values():
        if channel.kind != "im" and channel.name == text[1:]:
            return f"<#{channel.id}|{channel.name}>"
    return text


def _plain_label(workspace: SlackWorkspace, match: re.Match[str]) -> str:
    entity_id = match.group(1)
    if entity_id in workspace.accounts:
        return f"@{workspace.accounts[entity_id].name}"
    if entity_id in workspace.channels:
        return f"#{workspace.channels[entity_id].name}"
    return match.group()


TOKEN_HANDLERS: dict[str, Callable[[SlackWorkspace, str], str]] = {
    "entity": _escape_entity,
    "mail": lambda _, text: f"<mailto:{text}|{text}>",
    "at": _escape_user_mention,
    "channel": _escape_channel_mention,
    "link": lambda _, text: f"<{text}>",
    "sign": lambda _, text: HTML_ESCAPES[text],
}

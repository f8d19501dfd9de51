"""Messages as they are put, changed and taken away, and answers through a response_url."""

import secrets
from typing import Any

from bot.playground.blockkit import block_errors, too_large
from bot.playground.controls import identified
from bot.playground.errors import SlackError
from bot.playground.site import Answerable, Site, shorten
from bot.playground.world import Json, Message

TEXT = 40_000
URL_LIFE = 30 * 60.0  # seconds
URL_USES = 5


def checked(body: Json) -> tuple[str, list[Json] | None]:
    """The text and blocks of a message; SlackError where Slack would refuse them."""
    text, blocks = body.get("text"), body.get("blocks")
    if text is not None and not isinstance(text, str):
        raise SlackError("invalid_arguments", messages=["[ERROR] must be a string [json-pointer:/text]"])
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    errors = block_errors(blocks) if blocks else []
    if errors:
        raise SlackError("invalid_blocks", messages=errors)
    if not text and not blocks and not body.get("attachments"):
        raise SlackError("no_text")
    if len(text or "") > TEXT:
        raise SlackError("msg_too_long")
    if blocks and too_large(blocks):
        raise SlackError("msg_blocks_too_long")
    return text or "", blocks


def say(site: Site, channel: str, user: str, text: str, blocks: list[Json] | None = None, **more: Any) -> Message:
    """Put a message where it belongs and tell those who see it."""
    message = site.world.post(channel, user, text, blocks=identified(blocks), **more)
    site.tell_message(message)
    return message


def change(site: Site, message: Message, text: str, blocks: list[Json] | None) -> Message:
    """Give a message other content."""
    with site.world.lock:
        message.text, message.blocks = text, identified(blocks)
        message.edited = site.world.ts()
        message.state.clear()
    site.tell_message(message, "updated")
    return message


def erase(site: Site, message: Message) -> None:
    """Take a message away."""
    site.world.remove(message)
    site.tell_deleted(message)


def answer(site: Site, channel: str, person: str, body: Json) -> Message:
    """Show what the app answered, to the person alone or to the whole channel; SlackError where it is refused."""
    text, blocks = checked(body)
    only_for = None if body.get("response_type") == "in_channel" else person
    return say(site, channel, site.world.bot_user_id, text, blocks, only_for=only_for)


def response_url(site: Site, person: str, channel: str, original: str | None = None) -> str:
    """A fresh response_url for one delivery."""
    name = secrets.token_urlsafe(18)
    until = site.clock.epoch() + URL_LIFE
    with site.world.lock:
        site.answerables[name] = Answerable(person, channel, original, until, URL_USES)
        shorten(site.answerables)
    return f"{site.base_url}/response/{name}"


def respond(site: Site, name: str, body: Json) -> tuple[int, str]:
    """Take what the app posted to a response_url; gives Slack's status and words."""
    with site.world.lock:
        target = site.answerables.get(name)
        if target is None:
            return 404, "invalid_url"
        if site.clock.epoch() > target.until:
            return 404, "expired_url"
        if target.uses <= 0:
            return 404, "used_url"
        target.uses -= 1
    try:
        _respond(site, target, body)
    except SlackError as refusal:
        return 400, refusal.code
    return 200, "ok"


def _respond(site: Site, target: Answerable, body: Json) -> None:
    original = site.world.message(target.channel, target.original) if target.original else None
    if body.get("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        erase(site, original)
    elif body.get("replace_original") and original is not None:
        change(site, original, *checked(body))
    else:
        answer(site, target.channel, target.person, body)

"""Messages as they are put, changed and taken away, and answers through a response_url."""

import secrets
from typing import Any

from bot.playground.blockkit import block_errors, is_too_large
from bot.playground.elements import add_missing_ids
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState, ResponseUrl, drop_oldest
from bot.playground.workspace import Json, Message

MAX_TEXT_LENGTH = 40_000
RESPONSE_URL_SECONDS = 30 * 60.0  # seconds
RESPONSE_URL_USES = 5


def validate_message(body: Json) -> tuple[str, list[Json] | None]:
    """The text and blocks of a message; SlackError where Slack would refuse them."""
    text, blocks = body.get("text"), body.get("blocks")
    if text is not None and not isinstance(text, str):
        raise SlackError(
            "invalid_arguments",
            messages=["[ERROR] must be a string [json-pointer:/text]"],
        )
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    errors = block_errors(blocks) if blocks else []
    if errors:
        raise SlackError("invalid_blocks", messages=errors)
    if not text and not blocks and not body.get("attachments"):
        raise SlackError("no_text")
    if len(text or "") > MAX_TEXT_LENGTH:
        raise SlackError("msg_too_long")
    if blocks and is_too_large(blocks):
        raise SlackError("msg_blocks_too_long")
    return text or "", blocks


def post_message(
    site: PlaygroundState,
    channel: str,
    user: str,
    text: str,
    blocks: list[Json] | None = None,
    **more: Any,
) -> Message:
    """Put a message where it belongs and tell those who see it."""
    message = site.workspace.add_message(
        channel, user, text, blocks=add_missing_ids(blocks), **more
    )
    site.publish_message(message)
    return message


def update_message(
    site: PlaygroundState, message: Message, text: str, blocks: list[Json] | None
) -> Message:
    """Give a message other content."""
    with site.workspace.lock:
        message.text, message.blocks = text, add_missing_ids(blocks)
        message.edited = site.workspace.new_ts()
        message.state.clear()
    site.publish_message(message, "updated")
    return message


def delete_message(site: PlaygroundState, message: Message) -> None:
    """Take a message away."""
    site.workspace.remove_message(message)
    site.publish_deletion(message)


def post_answer(
    site: PlaygroundState, channel: str, person: str, body: Json
) -> Message:
    """Show what the app answered, to the person alone or to the whole channel; SlackError where it is refused."""
    text, blocks = validate_message(body)
    only_for = None if body.get("response_type") == "in_channel" else person
    return post_message(
        site, channel, site.workspace.bot_user_id, text, blocks, only_for=only_for
    )


def create_response_url(
    site: PlaygroundState, person: str, channel: str, original: str | None = None
) -> str:
    """A fresh response_url for one delivery."""
    name = secrets.token_urlsafe(18)
    until = site.clock.epoch_seconds() + RESPONSE_URL_SECONDS
    with site.workspace.lock:
        site.response_urls[name] = ResponseUrl(
            person, channel, original, until, RESPONSE_URL_USES
        )
        drop_oldest(site.response_urls)
    return f"{site.base_url}/response/{name}"


def receive_response(site: PlaygroundState, name: str, body: Json) -> tuple[int, str]:
    """Take what the app posted to a response_url; gives Slack's status and words."""
    with site.workspace.lock:
        target = site.response_urls.get(name)
        if target is None:
            return 404, "invalid_url"
        if site.clock.epoch_seconds() > target.expires_at:
            return 404, "expired_url"
        if target.uses_left <= 0:
            return 404, "used_url"
        target.uses_left -= 1
    try:
        _apply_response(site, target, body)
    except SlackError as refusal:
        return 400, refusal.code
    return 200, "ok"


def _apply_response(site: PlaygroundState, target: ResponseUrl, body: Json) -> None:
    original = (
        site.workspace.find_message(target.channel_id, target.original_ts)
        if target.original_ts
        else None
    )
    if body.get("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        delete_message(site, original)
    elif body.get("replace_original") and original is not None:
        update_message(site, original, *validate_message(body))
    else:
        post_answer(site, target.channel_id, target.user_id, body)

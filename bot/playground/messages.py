"""Post, update and delete messages, and apply answers to a response_url."""

import secrets
from typing import Any

from bot.playground.blockkit import block_errors, is_too_large
from bot.playground.elements import add_missing_ids
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState, ResponseUrl, drop_oldest
from bot.playground.workspace import Json, Message

MAX_TEXT_LENGTH = 40_000
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


def validate_message(body: Json) -> tuple[str, list[Json] | None]:
    """Return the text and blocks of a message; SlackError if Slack rejects them."""
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
    state: PlaygroundState,
    channel_id: str,
    user_id: str,
    text: str,
    blocks: list[Json] | None = None,
    **more: Any,
) -> Message:
    """Post a message and publish it to those who see it."""
    message = state.workspace.add_message(
        channel_id, user_id, text, blocks=add_missing_ids(blocks), **more
    )
    state.publish_message(message)
    return message


def update_message(
    state: PlaygroundState, message: Message, text: str, blocks: list[Json] | None
) -> Message:
    """Replace the content of a message."""
    with state.workspace.lock:
        message.text, message.blocks = text, add_missing_ids(blocks)
        message.edited = state.workspace.new_ts()
        message.state.clear()
    state.publish_message(message, "updated")
    return message


def delete_message(state: PlaygroundState, message: Message) -> None:
    """Delete a message."""
    state.workspace.remove_message(message)
    state.publish_deletion(message)


def post_answer(
    state: PlaygroundState, channel_id: str, user_id: str, body: Json
) -> Message:
    """Post the app's answer for one user or the channel; SlackError if invalid."""
    text, blocks = validate_message(body)
    only_for = None if body.get("response_type") == "in_channel" else user_id
    return post_message(
        state, channel_id, state.workspace.bot_user_id, text, blocks, only_for=only_for
    )


def create_response_url(
    state: PlaygroundState,
    user_id: str,
    channel_id: str,
    original_ts: str | None = None,
) -> str:
    """Return a new response_url for one delivery."""
    response_name = secrets.token_urlsafe(18)
    expires_at = state.clock.epoch_seconds() + RESPONSE_URL_SECONDS
    with state.workspace.lock:
        state.response_urls[response_name] = ResponseUrl(
            user_id, channel_id, original_ts, expires_at, RESPONSE_URL_USES
        )
        drop_oldest(state.response_urls)
    return f"{state.base_url}/response/{response_name}"


def receive_response(
    state: PlaygroundState, response_name: str, body: Json
) -> tuple[int, str]:
    """Apply a body posted to a response_url; return Slack's status and text."""
    with state.workspace.lock:
        target = state.response_urls.get(response_name)
        if target is None:
            return 404, "invalid_url"
        if state.clock.epoch_seconds() > target.expires_at:
            return 404, "expired_url"
        if target.uses_left <= 0:
            return 404, "used_url"
        target.uses_left -= 1
    try:
        _apply_response(state, target, body)
    except SlackError as refusal:
        return 400, refusal.code
    return 200, "ok"


def _apply_response(state: PlaygroundState, target: ResponseUrl, body: Json) -> None:
    original = None
    if target.original_ts:
        original = state.workspace.find_message(target.channel_id, target.original_ts)
    if body.get("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        delete_message(state, original)
    elif body.get("replace_original") and original is not None:
        update_message(state, original, *validate_message(body))
    else:
        post_answer(state, target.channel_id, target.user_id, body)

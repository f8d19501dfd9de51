"""Files that the app uploads: upload address, content, and the message with them."""

import re
import secrets
from typing import Any

from bot.playground import messages, web_api_methods
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState, drop_oldest
from bot.playground.workspace import Channel, File, Json

CONVERSATION_PATTERN = "^[CGDZ][A-Z0-9]+$"


def create_upload_url(state: PlaygroundState, args: Json) -> Json:
    """files.getUploadURLExternal: return an address that accepts the bytes once."""
    length = _parse_length(args["length"])
    file = state.workspace.add_file(str(args["filename"]), length)
    upload_name = secrets.token_urlsafe(18)
    with state.workspace.lock:
        state.uploads[upload_name] = file.id
        drop_oldest(state.uploads)
    return {"upload_url": f"{state.base_url}/upload/{upload_name}", "file_id": file.id}


def _parse_length(value: Any) -> int:
    try:
        length = int(value)
    except (TypeError, ValueError):
        raise _invalid_argument("must be an integer", "length") from None
    if length <= 0:
        raise _invalid_argument("must be greater than 0", "length")
    return length


def _invalid_argument(problem: str, argument_name: str) -> SlackError:
    return SlackError(
        "invalid_arguments",
        messages=[f"[ERROR] {problem} [json-pointer:/{argument_name}]"],
    )


def receive_content(
    state: PlaygroundState, upload_name: str, content: bytes
) -> tuple[int, str]:
    """Store the bytes posted to an upload address; return Slack's status and text."""
    with state.workspace.lock:
        file = state.workspace.files.get(state.uploads.get(upload_name, ""))
        if file is None:
            return 404, "not_found"
        if len(content) != file.size:
            return 400, "size_mismatch"
        del state.uploads[upload_name]
        file.content = content
    return 200, f"OK - {len(content)}"


def complete_uploads(state: PlaygroundState, args: Json) -> Json:
    """files.completeUploadExternal: share uploads in a conversation, or with no one."""
    titles = _parse_titles(args["files"])
    channel = None
    if args.get("channel_id"):
        channel = _require_channel(state, args["channel_id"])
    files = _mark_shared(state, titles)
    if channel:
        messages.post_message(
            state,
            channel.id,
            state.workspace.bot_user_id,
            str(args.get("initial_comment") or ""),
            thread_ts=args.get("thread_ts"),
            files=files,
        )
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _parse_titles(value: Any) -> dict[str, str | None]:
    """Return the title of each file id that is to be shared."""
    if not isinstance(value, list) or not value:
        raise _invalid_argument("must be a list with at least 1 item", "files")
    titles = {}
    for index, item in enumerate(value):
        file_id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(file_id, str):
            raise _invalid_argument("missing required field: id", f"files/{index}")
        titles[file_id] = item.get("title")
    return titles


def _require_channel(state: PlaygroundState, channel_id: Any) -> Channel:
    # Unlike a message, a file cannot be sent to a user's id, nor to a channel without
    # the app.
    if not re.fullmatch(CONVERSATION_PATTERN, str(channel_id)):
        raise _invalid_argument(
            f"input must match regex pattern: {CONVERSATION_PATTERN}", "channel_id"
        )
    channel = web_api_methods.require_postable_channel(state, channel_id)
    if state.workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _mark_shared(
    state: PlaygroundState, titles: dict[str, str | None]
) -> tuple[File, ...]:
    with state.workspace.lock:
        files = [_require_unshared_file(state, file_id) for file_id in titles]
        for file in files:
            file.shared = True
            file.title = titles[file.id] or file.name
    return tuple(files)


def _require_unshared_file(state: PlaygroundState, file_id: str) -> File:
    file = state.workspace.files.get(file_id)
    if file is None or file.content is None or file.shared:
        raise SlackError("file_not_found")
    return file

"""Files that the app sends: a place for the bytes, the bytes themselves, and the message that carries them."""

import re
import secrets
from typing import Any

from bot.playground import messages, methods
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState, drop_oldest
from bot.playground.workspace import Channel, File, Json

CONVERSATION_PATTERN = "^[CGDZ][A-Z0-9]+$"


def create_upload_url(site: PlaygroundState, args: Json) -> Json:
    """files.getUploadURLExternal: an address that takes the bytes once."""
    length = _parse_length(args["length"])
    file = site.workspace.add_file(str(args["filename"]), length)
    name = secrets.token_urlsafe(18)
    with site.workspace.lock:
        site.uploads[name] = file.id
        drop_oldest(site.uploads)
    return {"upload_url": f"{site.base_url}/upload/{name}", "file_id": file.id}


def _parse_length(given: Any) -> int:
    try:
        length = int(given)
    except (TypeError, ValueError):
        raise _invalid_argument("must be an integer", "length") from None
    if length <= 0:
        raise _invalid_argument("must be greater than 0", "length")
    return length


def _invalid_argument(renderer: str, place: str) -> SlackError:
    return SlackError(
        "invalid_arguments", messages=[f"[ERROR] {renderer} [json-pointer:/{place}]"]
    )


def receive_content(
    site: PlaygroundState, name: str, content: bytes
) -> tuple[int, str]:
    """Take the bytes posted to an upload address; gives the status and words."""
    with site.workspace.lock:
        file = site.workspace.files.get(site.uploads.get(name, ""))
        if file is None:
            return 404, "not_found"
        if len(content) != file.size:
            return 400, "size_mismatch"
        del site.uploads[name]
        file.content = content
    return 200, f"OK - {len(content)}"


def complete_uploads(site: PlaygroundState, args: Json) -> Json:
    """files.completeUploadExternal: shares what was uploaded in a conversation, or keeps it to the app."""
    named = _parse_titles(args["files"])
    channel = (
        _require_channel(site, args["channel_id"]) if args.get("channel_id") else None
    )
    files = _mark_shared(site, named)
    if channel:
        comment, thread = str(args.get("initial_comment") or ""), args.get("thread_ts")
        messages.post_message(
            site,
            channel.id,
            site.workspace.bot_user_id,
            comment,
            thread_ts=thread,
            files=files,
        )
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _parse_titles(given: Any) -> dict[str, str | None]:
    """The ids that are to be shared, each with its title."""
    if not isinstance(given, list) or not given:
        raise _invalid_argument("must be a list with at least 1 item", "files")
    for number, item in enumerate(given):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise _invalid_argument("missing required field: id", f"files/{number}")
    return {item["id"]: item.get("title") for item in given}


def _require_channel(site: PlaygroundState, which: Any) -> Channel:
    # Unlike a message, a file goes to no person's id and to no channel that the app is not in.
    if not re.fullmatch(CONVERSATION_PATTERN, str(which)):
        raise _invalid_argument(
            f"input must match regex pattern: {CONVERSATION_PATTERN}", "channel_id"
        )
    channel = methods.require_postable_channel(site, which)
    if site.workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _mark_shared(
    site: PlaygroundState, named: dict[str, str | None]
) -> tuple[File, ...]:
    with site.workspace.lock:
        files = [site.workspace.files.get(name) for name in named]
        ready = tuple(
            file
            for file in files
            if file and file.content is not None and not file.shared
        )
        if len(ready) < len(files):
            raise SlackError("file_not_found")
        for file in ready:
            file.shared = True
            file.title = named[file.id] or file.name
    return ready

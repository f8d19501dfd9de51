"""Files that the app sends: a place for the bytes, the bytes themselves, and the message that carries them."""

import re
import secrets
from typing import Any

from bot.playground import methods, talk
from bot.playground.errors import SlackError
from bot.playground.site import Site, shorten
from bot.playground.world import Channel, File, Json

CONVERSATION = "^[CGDZ][A-Z0-9]+$"


def upload_url(site: Site, args: Json) -> Json:
    """files.getUploadURLExternal: an address that takes the bytes once."""
    length = _length(args["length"])
    file = site.world.add_file(str(args["filename"]), length)
    name = secrets.token_urlsafe(18)
    with site.world.lock:
        site.uploads[name] = file.id
        shorten(site.uploads)
    return {"upload_url": f"{site.base_url}/upload/{name}", "file_id": file.id}


def _length(given: Any) -> int:
    try:
        length = int(given)
    except (TypeError, ValueError):
        raise _wrong("must be an integer", "length") from None
    if length <= 0:
        raise _wrong("must be greater than 0", "length")
    return length


def _wrong(words: str, place: str) -> SlackError:
    return SlackError("invalid_arguments", messages=[f"[ERROR] {words} [json-pointer:/{place}]"])


def receive(site: Site, name: str, content: bytes) -> tuple[int, str]:
    """Take the bytes posted to an upload address; gives the status and words."""
    with site.world.lock:
        file = site.world.files.get(site.uploads.get(name, ""))
        if file is None:
            return 404, "not_found"
        if len(content) != file.size:
            return 400, "size_mismatch"
        del site.uploads[name]
        file.content = content
    return 200, f"OK - {len(content)}"


def complete(site: Site, args: Json) -> Json:
    """files.completeUploadExternal: shares what was uploaded in a conversation, or keeps it to the app."""
    named = _named(args["files"])
    channel = _channel(site, args["channel_id"]) if args.get("channel_id") else None
    files = _finished(site, named)
    if channel:
        comment, thread = str(args.get("initial_comment") or ""), args.get("thread_ts")
        talk.say(site, channel.id, site.world.bot_user_id, comment, thread_ts=thread, files=files)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _named(given: Any) -> dict[str, str | None]:
    """The ids that are to be shared, each with its title."""
    if not isinstance(given, list) or not given:
        raise _wrong("must be a list with at least 1 item", "files")
    for number, item in enumerate(given):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise _wrong("missing required field: id", f"files/{number}")
    return {item["id"]: item.get("title") for item in given}


def _channel(site: Site, which: Any) -> Channel:
    # Unlike a message, a file goes to no person's id and to no channel that the app is not in.
    if not re.fullmatch(CONVERSATION, str(which)):
        raise _wrong(f"input must match regex pattern: {CONVERSATION}", "channel_id")
    channel = methods.postable(site, which)
    if site.world.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _finished(site: Site, named: dict[str, str | None]) -> tuple[File, ...]:
    with site.world.lock:
        files = [site.world.files.get(name) for name in named]
        ready = tuple(file for file in files if file and file.content is not None and not file.shared)
        if len(ready) < len(files):
            raise SlackError("file_not_found")
        for file in ready:
            file.shared = True
            file.title = named[file.id] or file.name
    return ready

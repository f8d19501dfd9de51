"""The traffic between app and Slack: for the page's inspector, and as JSON lines."""

import json
import re
from collections import deque
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from bot.playground.clock import OffsetClock
from bot.playground.event_stream import EventStream

MAX_ENTRIES = 5000  # in memory
MASK = "••••"
SECRET_KEYS = frozenset({"token", "trigger_id"})
SECRET_PATTERN = re.compile(r"(xox[a-z]-|xapp-|/response/|/upload/)[\w-]+")


class TrafficLog:
    """Store the latest entries in memory and, with a path, the app's calls on disk."""

    def __init__(
        self, clock: OffsetClock, stream: EventStream, path: Path | None = None
    ) -> None:
        self._clock = clock
        self._stream = stream
        self._lock = Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=MAX_ENTRIES)
        self._count = 0
        self._path = path
        self._file: TextIO | None = None

    def list_entries(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the entries numbered above `after`, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry["n"] > after]

    def add_entry(
        self, direction: str, kind: str, summary: str, body: Any = None
    ) -> None:
        """Add an entry: "in" came from the app, "out" went to it."""
        shown = mask_secrets(body)
        with self._lock:
            self._count += 1
            entry = {
                "n": self._count,
                "at": self._clock.epoch_seconds(),
                "direction": direction,
                "kind": kind,
            }
            self._entries.append({**entry, "summary": summary, "body": shown})
            number = self._count
        self._stream.publish({"type": "traffic", "n": number})

    def record_call(self, method: str, args: dict[str, Any]) -> None:
        """Write a Web API call to the file, as the app made it."""
        self._write_line({"call": method, "args": args})

    def record_reply(self, body: Any) -> None:
        """Write a body that the app answered or posted to a response_url."""
        if isinstance(body, dict) and body:
            self._write_line({"reply": body})

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._path = None

    def _write_line(self, line: dict[str, Any]) -> None:
        with self._lock:
            if self._path is None:
                return
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8")
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()


def mask_secrets(body: Any) -> Any:
    """Return a copy of `body` with its tokens and secret addresses masked."""
    if isinstance(body, dict):
        masked = {key: mask_secrets(value) for key, value in body.items()}
        for key in SECRET_KEYS.intersection(body):
            masked[key] = body[key] and MASK
        return masked
    if isinstance(body, list | tuple):
        return [mask_secrets(item) for item in body]
    if isinstance(body, str):
        return SECRET_PATTERN.sub(rf"\1{MASK}", body)
    return body

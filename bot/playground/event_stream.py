"""What browsers hear as it happens: Server-Sent Events, a queue per open page."""

import json
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

HEARTBEAT_SECONDS = (
    10.0  # seconds; a write is the only way to notice that a page has gone
)


class EventStream:
    """Tells every open page what concerns its person, and numbers what it tells.

    Changes are told, and states are read for a page, under the workspace's lock: a state that was read at a version
    contains everything that was told up to that version.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = 0
        self._pages: list[tuple[str, SimpleQueue[str | None]]] = []
        self._closed = False

    def publish(self, event: dict[str, Any], person: str | None = None) -> None:
        """Send `event`, with the next version, to the pages of one person, or to all."""
        with self._lock:
            self._version += 1
            pages = [queue for who, queue in self._pages if person in {None, who}]
            if pages:
                text = f"data: {json.dumps({**event, 'version': self._version})}\n\n"
                for queue in pages:
                    queue.put(text)

    @property
    def version(self) -> int:
        """The version of what was told last."""
        with self._lock:
            return self._version

    def has_open_page(self, person: str) -> bool:
        """Whether a page of this person is open."""
        with self._lock:
            return any(who == person for who, _ in self._pages)

    def subscribe(self, person: str) -> Iterator[str]:
        """The text of one page's stream; what happens after this call is in it."""
        queue: SimpleQueue[str | None] = SimpleQueue()
        with self._lock:
            if self._closed:
                queue.put(None)
            self._pages.append((person, queue))
        return self._iterate_lines(queue)

    def close(self) -> None:
        """End all streams."""
        with self._lock:
            self._closed = True
            for _, queue in self._pages:
                queue.put(None)

    def _iterate_lines(self, queue: "SimpleQueue[str | None]") -> Iterator[str]:
        try:
            yield ": hello\n\n"
            while True:
                try:
                    text = queue.get(timeout=HEARTBEAT_SECONDS)
                except Empty:
                    text = ":\n\n"
                if text is None:
                    return
                yield text
        finally:
            with self._lock:
                self._pages = [page for page in self._pages if page[1] is not queue]

"""Server-Sent Events to the open pages: a queue for each page."""

import json
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

# Only a failing write shows that a page was closed.
HEARTBEAT_SECONDS = 10.0


class EventStream:
    """Send each event to the pages that may see it, with a version number.

    Events are published, and states are read for a page, under the workspace's lock:
    a state that was read at a version contains every event up to that version.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = 0
        self._pages: list[tuple[str, SimpleQueue[str | None]]] = []
        self._closed = False

    def publish(self, event: dict[str, Any], user_id: str | None = None) -> None:
        """Send `event` with the next version to one user's pages, or to all pages."""
        with self._lock:
            self._version += 1
            pages = [
                queue
                for page_user_id, queue in self._pages
                if user_id in {None, page_user_id}
            ]
            if pages:
                text = f"data: {json.dumps({**event, 'version': self._version})}\n\n"
                for queue in pages:
                    queue.put(text)

    @property
    def version(self) -> int:
        """Return the version of the latest event."""
        with self._lock:
            return self._version

    def has_open_page(self, user_id: str) -> bool:
        """Return whether a page of this user is open."""
        with self._lock:
            return any(page_user_id == user_id for page_user_id, _ in self._pages)

    def subscribe(self, user_id: str) -> Iterator[str]:
        """Return the text of one page's stream, which begins with the next event."""
        queue: SimpleQueue[str | None] = SimpleQueue()
        with self._lock:
            if self._closed:
                queue.put(None)
            self._pages.append((user_id, queue))
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

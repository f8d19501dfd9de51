"""The cache: what is known of each workspace as of an event. Every change is one, so until the next it is so."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from collab.access import Reach

Memory = dict[tuple[str, str], Any]
WORKSPACES, ANSWERS = 100, 2_000  # as many as are kept at once, and of each
CHARACTERS = 50_000_000  # as many are kept in all
LARGE = 200_000  # characters, or about what takes as much room: a longer answer is not kept


@dataclass(frozen=True, slots=True)
class Lasting:
    """An answer about roles that end by time: it holds from the moment that it was asked for until the next end."""

    answer: Any
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it is the answer at a moment, too."""
        return self.since <= at and (self.until is None or at < self.until)


def bulk(answer: Any) -> int:
    """About how many characters an answer is of."""
    match answer:
        case str():
            return len(answer)
        case Lasting():
            return bulk(answer.answer)
        case Reach():
            return 100 * len(answer.resources)
        case Sequence():
            return sum(map(bulk, answer))
    return 8


class Cache:
    """The answers of one database, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._workspaces: OrderedDict[str, tuple[int, Memory]] = OrderedDict()
        self._sizes: dict[str, int] = {}

    def get(self, workspace: str, seq: int) -> tuple[int, Memory]:
        """The event that something is known as of, and what, when this is the last one; 0 where nothing is known.

        Of a record that was longer before, nothing is: an older database was put back under the running program.
        """
        with self._lock:
            if self._workspaces.get(workspace, (0, {}))[0] > seq:
                del self._workspaces[workspace], self._sizes[workspace]
            known, memory = self._workspaces.get(workspace, (0, {}))
            return known, dict(memory)

    def put(self, workspace: str, seq: int, memory: Memory) -> None:
        """Keep what is so as of an event, as it is handed over; what is known of a later one stays."""
        with self._lock:
            size = sum(map(bulk, memory.values()))
            if len(memory) <= ANSWERS and seq >= self._workspaces.get(workspace, (0, {}))[0]:
                self._workspaces[workspace] = seq, memory
                self._workspaces.move_to_end(workspace)
                self._sizes[workspace] = size
            while len(self._workspaces) > WORKSPACES or sum(self._sizes.values()) > CHARACTERS:
                oldest, _ = self._workspaces.popitem(last=False)
                del self._sizes[oldest]

    def clear(self) -> None:
        """Know nothing any more: another database may stand in this one's place."""
        with self._lock:
            self._workspaces.clear()
            self._sizes.clear()

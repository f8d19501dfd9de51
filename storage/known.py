"""What is known of each workspace as of its last event: every change is an event, so until the next one it is so."""

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


class Known:
    """The answers of one database, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._workspaces: OrderedDict[str, tuple[int, Memory]] = OrderedDict()

    def recall(self, workspace: str) -> tuple[int, Memory]:
        """The last event that something is known as of, and what; 0 where nothing is known."""
        with self._lock:
            seq, memory = self._workspaces.get(workspace, (0, {}))
            return seq, dict(memory)

    def learn(self, workspace: str, seq: int, memory: Memory) -> None:
        """Keep what is so as of an event, as it is handed over; what is known of a later one stays."""
        with self._lock:
            if len(memory) <= ANSWERS and seq >= self._workspaces.get(workspace, (0, {}))[0]:
                self._workspaces[workspace] = seq, memory
                self._workspaces.move_to_end(workspace)
            if len(self._workspaces) > WORKSPACES:
                self._workspaces.popitem(last=False)

    def forget(self) -> None:
        """Know nothing any more: another database may stand in this one's place."""
        with self._lock:
            self._workspaces.clear()

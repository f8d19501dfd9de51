"""Items of due work that raised, and how long they are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collab.model import WorkspaceId

ItemKey = tuple[str, str]  # the kind of due work and the id of the item
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DueFailure:
    """An item of due work that raised, and when it is tried again.

    `error_id` is the id of its line in the log.
    """

    workspace: WorkspaceId
    kind: str
    item: str
    attempts: int
    retry_at: datetime
    error_id: str

    @property
    def key(self) -> ItemKey:
        """The kind and the item."""
        return self.kind, self.item

    def is_paused(self, at: datetime) -> bool:
        """Return whether the item is paused.

        A pause longer than the longest means that the clock was set back: it is over.
        """
        return at < self.retry_at <= at + LONGEST_PAUSE

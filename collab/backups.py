"""What is wrong with a backup, and what a check of a database has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collab.model import WorkspaceId


class BackupUnusable(Exception):
    """A backup cannot be written or restored; `reason` is a word for the operator.

    Reasons: not_a_backup, damaged, other_schema, not_empty, missing_file, unwritable.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Verification:
    """How many events each workspace counts, the numbers of those that are missing,
    unreadable or unexpected, and the tables that are not what the events say.

    The tables are compared only if all events are there.
    """

    counts: Mapping[WorkspaceId, int]
    wrong_events: Mapping[WorkspaceId, Sequence[int]]
    differing_tables: Sequence[str]

    @property
    def is_fine(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.wrong_events and not self.differing_tables

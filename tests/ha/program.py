"""`collab run`, for the control without idempotency: a repeated request is executed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cli import main
from collab.events import RecordedEvent
from storage.unit_of_work import StoredUnitOfWork


def forget_requests() -> None:
    """Neither store the key of a request nor look for it."""
    append = StoredUnitOfWork.append

    def append_without_key(
        unit: StoredUnitOfWork, recorded: Sequence[RecordedEvent], _key: str | None
    ) -> None:
        append(unit, recorded, None)

    unit: Any = StoredUnitOfWork
    unit.append = append_without_key
    unit.previous_result = lambda _unit, _key: None


if __name__ == "__main__":
    forget_requests()
    main(["run"])

"""The outbox as request handlers use it: what they enqueue is sent at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.slack.requests import Outbox
from collab.model import PersonId, WorkspaceId


class WakingOutbox:
    """An outbox that wakes the outbox worker after each delivery that it enqueues."""

    def __init__(self, outbox: Outbox, wake: Callable[[], None]) -> None:
        self.save_live_message = outbox.save_live_message
        self._outbox = outbox
        self._wake = wake

    def enqueue_message(
        self, workspace: WorkspaceId, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Enqueue a delivery and wake the worker."""
        self._outbox.enqueue_message(workspace, target, message, payload)
        self._wake()

    def enqueue_home_update(
        self,
        workspace: WorkspaceId,
        person: PersonId,
        pages: Sequence[int] | None = None,
    ) -> None:
        """Enqueue an update of a person's Home and wake the worker."""
        self._outbox.enqueue_home_update(workspace, person, pages)
        self._wake()

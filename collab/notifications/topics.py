"""What a message is about: one topic, or several of one transaction."""

from __future__ import annotations

from typing import NamedTuple


class NotificationTopic(NamedTuple):
    """An event that a message is about, and the question whose messages are kept up to
    date: an invitation, a request, a succession, or a membership.
    """

    seq: int | None
    subject_id: str | None

"""The event that messages were sent together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.events.base import Event
from collab.model import PersonId, ResourceId
from collab.notifications.targets import parse_channel_id, parse_person_id


@dataclass(frozen=True, slots=True)
class DigestSent(Event):
    """A channel or a person got a digest.

    `recipient` is the target, `item_count` the number of items in the digest, and
    `last_seq` the sequence number of the last of them. `resource` is what the channel
    is linked to; `escalate_to` is notified if the channel cannot be reached.
    `is_discarded`: the person is deactivated, so that the items were deleted and
    nothing was sent.
    """

    name: ClassVar[str] = "digest.sent"
    recipient: str
    item_count: int
    last_seq: int
    resource: ResourceId | None = None
    escalate_to: PersonId | None = None
    is_discarded: bool = False

    @property
    def channel(self) -> str | None:
        """The channel that got the digest, if it was one."""
        return parse_channel_id(self.recipient)

    @property
    def person(self) -> PersonId | None:
        """The person who got the digest, if it was one."""
        return parse_person_id(self.recipient)

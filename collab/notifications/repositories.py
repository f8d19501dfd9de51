"""What decisions may read about digests and failed deliveries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from collab.model import (
    Delivery,
    DeliveryId,
    DigestItem,
    DueDigest,
    InvitationId,
    MailProgress,
    PersonId,
)


class Digests(Protocol):
    """Notifications queued for a digest."""

    def list_due_digests(self, at: datetime, most: int) -> Sequence[DueDigest]:
        """Return the first digests that are due at a time."""

    def list_digest_items(self, seq: int, most: int) -> Sequence[DigestItem]:
        """Return the first items of an event's digest, in the order of their events."""


class Deliveries(Protocol):
    """Notifications that could not be delivered."""

    def get_mail_progress(
        self, person_ids: Collection[PersonId]
    ) -> Mapping[InvitationId, MailProgress]:
        """Return how far the unsent messages about invitations of people came."""

    def list_failed_deliveries(self, person: PersonId, most: int) -> Sequence[Delivery]:
        """Return failed deliveries to a person or for their attention, newest first."""

    def find_failed_delivery(
        self, person: PersonId, delivery: DeliveryId
    ) -> Delivery | None:
        """Return one of these by its id."""

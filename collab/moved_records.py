"""What passes from one record of a person to another, as events keep it to be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collab.model import (
    AccessRequestId,
    InvitationId,
    Membership,
    PersonId,
    ResourceId,
)

Assignment = tuple[ResourceId, ResourceId]  # the team, and what is assigned through it


@dataclass(frozen=True, slots=True)
class MovedRecords:
    """What one of two records has, and the other one on the same resources.

    `memberships` and `assigned` are those of the first record, `own` and `own_assigned`
    those of the second one. `received` and `sent` are invitations of the first, in any
    state, `requests` its open access requests.
    """

    memberships: tuple[Membership, ...] = ()
    own: tuple[Membership, ...] = ()
    assigned: tuple[Assignment, ...] = ()
    own_assigned: tuple[Assignment, ...] = ()
    received: tuple[InvitationId, ...] = ()
    sent: tuple[InvitationId, ...] = ()
    requests: tuple[AccessRequestId, ...] = ()

    def encode(self) -> str:
        """Return the records as JSON."""
        return json.dumps(
            {
                "memberships": [_encode_membership(each) for each in self.memberships],
                "own": [_encode_membership(each) for each in self.own],
                "assigned": self.assigned,
                "own_assigned": self.own_assigned,
                "received": self.received,
                "sent": self.sent,
                "requests": self.requests,
            }
        )

    @classmethod
    def decode(cls, text: str) -> MovedRecords:
        """Return the records that `encode` wrote."""
        stored: dict[str, list[Any]] = json.loads(text)
        return cls(
            memberships=_decode_memberships(stored["memberships"]),
            own=_decode_memberships(stored["own"]),
            assigned=_decode_assignments(stored["assigned"]),
            own_assigned=_decode_assignments(stored["own_assigned"]),
            received=tuple(map(InvitationId, stored["received"])),
            sent=tuple(map(InvitationId, stored["sent"])),
            requests=tuple(map(AccessRequestId, stored["requests"])),
        )


def _encode_membership(membership: Membership) -> list[str | None]:
    return [
        membership.resource,
        membership.person,
        membership.role,
        membership.since.isoformat(),
        membership.until.isoformat() if membership.until else None,
    ]


def _decode_memberships(stored: Iterable[Any]) -> tuple[Membership, ...]:
    return tuple(
        Membership(
            ResourceId(resource),
            PersonId(person),
            role,
            datetime.fromisoformat(since),
            datetime.fromisoformat(until) if until else None,
        )
        for resource, person, role, since, until in stored
    )


def _decode_assignments(stored: Iterable[Any]) -> tuple[Assignment, ...]:
    return tuple((ResourceId(team), ResourceId(what)) for team, what in stored)

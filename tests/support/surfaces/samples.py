"""What the generators of several nouns share."""

from __future__ import annotations

from typing import Any

from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import PersonId
from tests.support.generators import SampleGenerator

MAX_INVITATIONS = 40


VIEWER_ID = PersonId(f"P{10:028}")


def limit_to_one_offer(many: int) -> int:
    """Return how many of so many resources one invitation may contain."""
    return max(1, min(many, MAX_RESOURCES_IN_OFFER))


def make_other_questions(samples: SampleGenerator) -> list[Any]:
    """Return one open item of each type that is not an invitation."""
    return [
        samples.make_request(),
        samples.make_succession(),
        samples.make_expiring_membership(),
    ]

"""Working hours at their limits: the last second before they end, and the end itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collab.invitations.reminders import move_into_working_hours
from collab.limits import Policy

FRIDAY, SATURDAY, SUNDAY, MONDAY = (
    datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21, 22, 23)
)
NINE, SIX, SECOND = timedelta(hours=9), timedelta(hours=18), timedelta(seconds=1)


@pytest.mark.rule("INV-10")
@pytest.mark.parametrize(
    ("at", "then"),
    [
        (FRIDAY + NINE, FRIDAY + NINE),
        (FRIDAY + NINE - SECOND, FRIDAY + NINE),
        (FRIDAY + SIX - SECOND, FRIDAY + SIX - SECOND),
        (FRIDAY + SIX, MONDAY + NINE),
        (SATURDAY + NINE, MONDAY + NINE),
        (SATURDAY, MONDAY + NINE),
        (SUNDAY + SIX, MONDAY + NINE),
        (MONDAY + SIX, MONDAY + timedelta(days=1) + NINE),
    ],
    ids=str,
)
def test_hours_open_with_the_first_second_and_are_over_with_the_last(
    at: datetime, then: datetime
) -> None:
    found = move_into_working_hours(Policy(), at, "UTC")
    assert found == then
    assert found.tzinfo is UTC

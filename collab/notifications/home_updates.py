"""Updates of the Homes of people for whom something changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collab.model import Notification, PersonId
from collab.notifications.messages import HOME
from collab.notifications.targets import format_home_target
from collab.repositories import People


def build_home_updates(
    people: People, person_ids: Iterable[PersonId | None], seq: int
) -> Iterator[Notification]:
    """Yield an update of each person's Home, once; none of a Home that was never opened."""
    distinct_ids = [each for each in dict.fromkeys(person_ids) if each]
    opened = people.list_people_with_home(distinct_ids)
    for person_id in distinct_ids:
        if person_id in opened:
            yield Notification(format_home_target(person_id), HOME, seq)

"""What decisions may read of the recorded events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from collab.events import Event, RecordedEvent
from collab.model import PersonId, ResourceId

LONG_AGO = datetime.min.replace(tzinfo=UTC)  # before the first event


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list: by whom, about whom, of which names, since when.

    A name is that of a source (`invitation`) or of one event (`invitation.sent`).
    """

    actor: PersonId | None = None
    person: PersonId | None = None
    names: tuple[str, ...] = ()
    since: datetime | None = None

    @property
    def name_patterns(self) -> tuple[str, ...]:
        """The names as SQL LIKE patterns."""
        return tuple(name if "." in name else f"{name}.%" for name in self.names)


class Events(Protocol):
    """The workspace's recorded events."""

    def get_event(self, seq: int) -> RecordedEvent | None:
        """Return an event by its sequence number."""

    def find_last_event_by(
        self, actor: PersonId, names: Collection[str], before: int | None
    ) -> RecordedEvent | None:
        """Return the newest event with one of these names by a person."""

    def get_time_of_nth_last_event(
        self, actor: PersonId, names: Collection[str], nth: int, since: datetime
    ) -> datetime | None:
        """Return the time of a person's nth newest event with these names.

        The newest is the first.
        """

    def list_events_named(
        self,
        names: Collection[str],
        until: datetime,
        most: int,
        resources: Collection[str] | None = None,
    ) -> Sequence[RecordedEvent]:
        """Return events with these names up to a time, oldest first.

        With `resources` only those whose subject is one of them.
        """

    def list_events_from(self, first: int, most: int) -> Sequence[RecordedEvent]:
        """Return the events from a sequence number on, oldest first."""

    def list_events_on(
        self,
        resources: Collection[ResourceId],
        choice: EventFilter,
        before: int | None,
        most: int,
    ) -> Sequence[RecordedEvent]:
        """Return events about some resources before a sequence number, newest first."""

    def list_events_about(
        self,
        person: PersonId,
        event_types: Collection[type[Event]],
        since: datetime = LONG_AGO,
    ) -> Sequence[RecordedEvent]:
        """Return the events of some types about a person since a time, oldest first."""

    def count_events_of(self, person: PersonId) -> int:
        """Return how many events a person caused or is named in."""

    def get_last_membership_change_seq(
        self, resource: ResourceId, person: PersonId
    ) -> int | None:
        """Return the sequence number of the last change of a person's membership."""

"""The value that the button of a handover's preview sends back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.slack.button_values import split_words
from collab.durations import parse_date
from collab.model import PersonId, ResourceId

NOW = "now"  # instead of a day


@dataclass(frozen=True, slots=True)
class HandoverOffer:
    """An offer to hand over resources; `keeps` is the kept role, or a word for none or
    the usual one.
    """

    person_id: PersonId
    resource_ids: tuple[ResourceId, ...]
    keeps: str
    day: date | None

    def encode(self) -> str:
        """Return it as a value."""
        day = self.day.isoformat() if self.day else NOW
        resources = ",".join(self.resource_ids)
        return f"{self.person_id} {self.keeps} {day} {resources}"

    @classmethod
    def decode(cls, value: str) -> HandoverOffer:
        """Return the offer in a value."""
        person_id, keeps, day, resources = split_words(value, 4)
        return cls(
            PersonId(person_id),
            tuple(map(ResourceId, resources.split(","))),
            keeps,
            parse_date(day),
        )

"""The values of the controls of pages, and the metadata of pages; see button_values."""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.button_values import parse_page
from collab.model import PersonId, ResourceId

MAX_TRAIL_LENGTH = 20  # pages
PEOPLE_PREFIX, OUTSIDERS_MARK = "people", "outsiders"


@dataclass(frozen=True, slots=True)
class PageTrail:
    """The pages that were opened one from the other, of resources and of people.

    The last id is that of the page itself.
    """

    ids: tuple[str, ...]

    @property
    def subject_id(self) -> str:
        """The id of the resource or the person whose page it is."""
        return self.ids[-1] if self.ids else ""

    @property
    def previous(self) -> PageTrail | None:
        """The page from which this one was opened; None if it was the first."""
        return PageTrail(self.ids[:-1]) if len(self.ids) > 1 else None

    def replace_last(self, subject_id: str) -> PageTrail:
        """Return the trail with another page in the place of this one."""
        return PageTrail((*self.ids[:-1], subject_id))

    def follow(self, subject_id: str) -> PageTrail:
        """Return the trail to another page; a page on the trail is returned to."""
        if subject_id in self.ids:
            return PageTrail(self.ids[: self.ids.index(subject_id) + 1])
        return PageTrail((*self.ids, subject_id)[-MAX_TRAIL_LENGTH:])

    def encode(self) -> str:
        """Return it as a value."""
        return " ".join(self.ids)

    @classmethod
    def decode(cls, value: str) -> PageTrail:
        """Return the trail in a value."""
        return cls(tuple(value.split()[-MAX_TRAIL_LENGTH:]))


@dataclass(frozen=True, slots=True)
class PeopleScope:
    """A page of the people of what one manages; it is an id in a trail.

    Of one resource or of all; all people, or those from outside.
    """

    place: ResourceId | None = None
    only_outsiders: bool = False
    page: int = 0

    def encode(self) -> str:
        """Return it as a value, which has no spaces."""
        outsiders = OUTSIDERS_MARK if self.only_outsiders else ""
        return f"{PEOPLE_PREFIX}:{self.place or ''}:{outsiders}:{self.page}"

    @classmethod
    def decode(cls, value: str) -> PeopleScope:
        """Return the scope in a value."""
        _, place, outsiders, page, *_ = [*value.split(":"), "", "", ""]
        return cls(
            ResourceId(place) if place else None,
            outsiders == OUTSIDERS_MARK,
            parse_page(page),
        )


@dataclass(frozen=True, slots=True)
class PersonVerb:
    """A verb chosen on a person's page: for the person, and for a resource or none."""

    verb: str
    person_id: PersonId
    resource_id: ResourceId | None = None

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.verb} {self.person_id} {self.resource_id or ''}".rstrip()

    @classmethod
    def decode(cls, value: str) -> PersonVerb:
        """Return the choice in a value."""
        verb, person_id, resource_id, *_ = [*value.split(" "), "", "", ""]
        return cls(
            verb, PersonId(person_id), ResourceId(resource_id) if resource_id else None
        )

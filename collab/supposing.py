"""Facts as they will be once an act is done: what somebody may still grant then is decided on them (INV-09)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collab.case import Case, Facts
    from collab.membership import Membership
    from collab.resources import Resource
    from collab.teams import Share


@dataclass(frozen=True, slots=True)
class Supposed:
    """What the walk over roles asks of the facts, with some answers as they will be.

    What is disabled counts as enabled: a right that only rests is not lost.
    """

    facts: Facts
    resources: Mapping[str, Resource]
    memberships: Mapping[tuple[str, str], Membership | None]
    shared: Mapping[str, Sequence[Share]]

    def resource(self, resource: str) -> Resource | None:
        """A resource by id."""
        found = self.resources.get(resource) or self.facts.resource(resource)
        return replace(found, disabled=False) if found else None

    def __getattr__(self, name: str) -> Any:
        """What is not asked here is as it is."""
        return getattr(self.facts, name)

    def held(self, person: str, resources: Sequence[str], at: datetime) -> Mapping[str, Membership]:
        """The memberships of a person on some resources, by resource."""
        found = {**self.facts.held(person, resources, at)}
        for (who, place), membership in self.memberships.items():
            if who == person and place in resources:
                found.pop(place, None)
                if membership:
                    found[place] = membership
        return found

    def shares(self, resource: str) -> Sequence[Share]:
        """The groups that hold a role on a resource."""
        return self.shared[resource] if resource in self.shared else self.facts.shares(resource)


def supposing(
    case: Case,
    *,
    resources: Iterable[Resource] = (),
    ended: Collection[tuple[str, str]] = (),
    held: Iterable[Membership] = (),
    shared: Mapping[str, Sequence[Share]] | None = None,
) -> Case:
    """The case as it will be: with these resources, without these memberships (person, resource), with these others."""
    memberships: dict[tuple[str, str], Membership | None] = dict.fromkeys(ended)
    memberships |= {(m.person, m.resource): m for m in held}
    facts = Supposed(case.facts, {r.id: r for r in resources}, memberships, shared or {})
    return replace(case, facts=cast("Facts", facts))


def enabled(case: Case, resource: Resource) -> tuple[Case, Resource]:
    """Return the case and a resource as they would be if nothing were disabled."""
    later = supposing(case)
    return later, later.facts.resource(resource.id) or resource

"""Facts as they will be once an act is done: what somebody may still grant then is decided on them (INV-09)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from collab.context import Context, Repositories
from collab.model import Membership, Resource, TeamShare


@dataclass(frozen=True, slots=True)
class HypotheticalRepositories:
    """What the walk over roles asks of the facts, with some answers as they will be.

    What is disabled counts as enabled: a right that only rests is not lost.
    """

    facts: Repositories
    resources: Mapping[str, Resource]
    memberships: Mapping[tuple[str, str], Membership | None]
    shares_by_resource: Mapping[str, Sequence[TeamShare]]

    def get_resource(self, resource: str) -> Resource | None:
        """A resource by id."""
        found = self.resources.get(resource) or self.facts.get_resource(resource)
        return replace(found, disabled=False) if found else None

    def __getattr__(self, name: str) -> Any:
        """What is not asked here is as it is."""
        return getattr(self.facts, name)

    def get_memberships_by_resource(
        self, person: str, resources: Sequence[str], at: datetime
    ) -> Mapping[str, Membership]:
        """The memberships of a person on some resources, by resource."""
        found = {**self.facts.get_memberships_by_resource(person, resources, at)}
        for (who, place), membership in self.memberships.items():
            if who == person and place in resources:
                found.pop(place, None)
                if membership:
                    found[place] = membership
        return found

    def list_shares(self, resource: str) -> Sequence[TeamShare]:
        """The groups that hold a role on a resource."""
        return (
            self.shares_by_resource[resource]
            if resource in self.shares_by_resource
            else self.facts.list_shares(resource)
        )


def hypothetical_context(
    context: Context,
    *,
    resources: Iterable[Resource] = (),
    ended_memberships: Collection[tuple[str, str]] = (),
    added_memberships: Iterable[Membership] = (),
    shares_by_resource: Mapping[str, Sequence[TeamShare]] | None = None,
) -> Context:
    """The case as it will be: with these resources, without these memberships (person, resource), with these others."""
    memberships: dict[tuple[str, str], Membership | None] = dict.fromkeys(
        ended_memberships
    )
    memberships |= {(m.person, m.resource): m for m in added_memberships}
    repositories = HypotheticalRepositories(
        context.repositories,
        {r.id: r for r in resources},
        memberships,
        shares_by_resource or {},
    )
    return replace(context, repositories=cast("Repositories", repositories))


def build_enabled_context(
    context: Context, resource: Resource
) -> tuple[Context, Resource]:
    """Return the case and a resource as they would be if nothing were disabled."""
    later = hypothetical_context(context)
    return later, later.repositories.get_resource(resource.id) or resource

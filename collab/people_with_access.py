"""Everybody who has access to what the actor manages, across companies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import accessible_resources, authorization
from collab.access_graph import Step
from collab.command import Query
from collab.context import Context
from collab.model import Person, PersonId, Resource, ResourceId
from collab.role_derivation import iterate_containers

PAGE_SIZE = 20
MAX_PLACES = 20  # whose people are listed at once


@dataclass(frozen=True, slots=True)
class PersonWithAccess:
    """A person with the roles that they were given, each with its resource.

    A resource that the actor may not view has no names.
    """

    person: Person
    roles: Sequence[tuple[Resource, str]]


@dataclass(frozen=True, slots=True)
class PeopleWithAccess:
    """A page of people by name.

    `places` are what the actor manages, but for what is inside another one; `listed`
    how many of them the people are of. `outsider_count` counts the people from outside
    among the `total`.
    """

    rows: Sequence[PersonWithAccess]
    total: int
    outsider_count: int
    places: Sequence[Resource]
    listed: int
    reader_id: PersonId
    next_page: int | None


@dataclass(frozen=True, slots=True)
class ListPeopleWithAccess(Query[PeopleWithAccess]):
    """List who has access to what the actor manages: where they may assign a role.

    `place` narrows it down to one of these resources, `only_outsiders` to guests and
    people of other workspaces. `page` counts from 0.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    place: ResourceId | None = None
    only_outsiders: bool = False
    page: int = 0

    def answer(self, context: Context) -> PeopleWithAccess:
        """Return people with direct and derived roles, also inside (MEM-13)."""
        places = _list_places(context)
        chosen = [each for each in places if each.id == self.place] or places
        listed = chosen[:MAX_PLACES]
        sources = _find_role_sources(context, listed)
        people = sorted(
            context.people.get_people(list(sources)).values(),
            key=lambda person: ((person.title or "").casefold(), person.id),
        )
        outsiders = [each for each in people if each.is_outsider]
        shown = outsiders if self.only_outsiders else people
        start = self.page * PAGE_SIZE
        return PeopleWithAccess(
            _describe_people(context, shown[start : start + PAGE_SIZE], sources),
            total=len(people),
            outsider_count=len(outsiders),
            places=places,
            listed=len(listed),
            reader_id=context.actor.id,
            next_page=self.page + 1 if len(shown) > start + PAGE_SIZE else None,
        )


def _list_places(context: Context) -> list[Resource]:
    """Return what the actor manages, but for what is inside another of these."""
    actor_id = context.actor.id
    managed = accessible_resources.list_assignable_roles_by_resource(context, actor_id)
    graph = accessible_resources.load_reachable_graph(context, actor_id)
    kinds = list(context.roles)
    places = [
        resource
        for resource in (graph.resources[each] for each in managed)
        if not any(c.id in managed for c in iterate_containers(graph, resource))
    ]
    return sorted(places, key=lambda p: (kinds.index(p.kind), p.title.casefold(), p.id))


def _find_role_sources(
    context: Context, places: Iterable[Resource]
) -> Mapping[PersonId, Sequence[Step]]:
    """Return the memberships by which each person has access to some resources."""
    sources: dict[PersonId, dict[Step, None]] = {}
    for place in places:
        for role in authorization.list_users_with(context, place):
            sources.setdefault(role.person, {})[role.path[0]] = None
    return {person_id: list(steps) for person_id, steps in sources.items()}


def _describe_people(
    context: Context,
    people: Sequence[Person],
    sources: Mapping[PersonId, Sequence[Step]],
) -> list[PersonWithAccess]:
    ids = {step.resource for person in people for step in sources[person.id]}
    resources = {
        resource_id: authorization.redact_resource(context, resource)
        for resource_id, resource in context.resources.get_resources(ids).items()
    }
    return [
        PersonWithAccess(
            person,
            [(resources[step.resource], step.role) for step in sources[person.id]],
        )
        for person in people
    ]

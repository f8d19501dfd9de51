"""All that one person's roles can have to do with, in a few queries however much it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import or_, select

from collab.access import Reach
from collab.resources import Resource
from collab.teams import Share
from storage.members import MemberFacts
from storage.resources import RESOURCE, RESOURCE_TREE
from storage.statements import given, given_list, in_workspace
from storage.tables import assignments, resources, shares

_as_row = attrgetter(*(field.name for field in fields(Resource)))  # dataclasses.astuple copies every value
_ALL = select(*RESOURCE).where(in_workspace(resources))
_BY_IDS = _ALL.where(resources.c.id.in_(given_list("ids")))
_LED_TO = _ALL.where(
    or_(
        resources.c.parent.in_(given_list("ids")),
        resources.c.payer.in_(given_list("ids")),
        resources.c.id.in_(select(shares.c.resource).where(in_workspace(shares), shares.c.team.in_(given_list("ids")))),
    )
)
_SHARES = select(shares.c.team, shares.c.resource, shares.c.role).where(
    in_workspace(shares), shares.c.team.in_(given_list("ids"))
)
_ASSIGNED = select(assignments.c.team, assignments.c.resource).where(
    in_workspace(assignments), assignments.c.person == given("person")
)
_INSIDE = (
    select(*RESOURCE)
    .join(RESOURCE_TREE, resources.c.id == RESOURCE_TREE.c.id)
    .where(in_workspace(resources), RESOURCE_TREE.c.depth > 0)
    .order_by(RESOURCE_TREE.c.depth, resources.c.title, resources.c.id)
)


class ReachFacts(MemberFacts):
    """Answers about many resources at once."""

    def reach(self, person: str, at: datetime) -> Reach:
        """All that a person's roles can have to do with: what they lead to, and what that stands in."""
        return self._kept("reach", f"{person} {at}", lambda: self._reach(person, at))

    def resources(self, ids: Collection[str]) -> dict[str, Resource]:
        """Many resources by id."""
        found = {r.id: r for r in self._resources(_BY_IDS, ids)}
        for resource in found.values():
            self.keep("resource", resource.id, _as_row(resource))
        return found

    def everything_inside(self, resource: str) -> Sequence[Resource]:
        """What stands in a resource at any depth, the outer before the inner."""
        rows = self._kept("inside", resource, lambda: self._rows(_INSIDE, outer=resource))
        return [Resource(*row) for row in rows]

    def _reach(self, person: str, at: datetime) -> Reach:
        given_roles = self.memberships_of(person, at)
        found: dict[str, Resource] = {}
        new = self._resources(_BY_IDS, [m.resource for m in given_roles])
        while new:
            found |= {r.id: r for r in new}
            new = [r for r in self._resources(_LED_TO, [r.id for r in new]) if r.id not in found]
        while outer := {r.parent for r in found.values() if r.parent} - set(found):
            found |= {r.id: r for r in self._resources(_BY_IDS, sorted(outer))}
        for resource in found.values():
            self.keep("resource", resource.id, _as_row(resource))
        return Reach(given_roles, found, self._shared(person, [m.resource for m in given_roles]))

    def _shared(self, person: str, groups: Collection[str]) -> dict[str, list[Share]]:
        shared: dict[str, list[Share]] = defaultdict(list)
        rows = self._many(_SHARES, "ids", groups)
        assigned = {tuple(row) for row in self._rows(_ASSIGNED, person=person)} if rows else set()
        for row in rows:
            mine = frozenset({person} if (row.team, row.resource) in assigned else ())
            shared[row.resource].append(Share(row.team, row.resource, row.role, mine))
        return shared

    def _resources(self, statement: Any, ids: Collection[str]) -> list[Resource]:
        return [Resource(*row) for row in self._many(statement, "ids", ids)]

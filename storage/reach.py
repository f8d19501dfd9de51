"""All that one person's roles can have to do with, in a few queries however much it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select

from collab.access import Reach
from collab.kinds import Table
from collab.membership import Membership
from collab.resources import Resource
from collab.teams import Share
from storage.members import MEMBERSHIP, OF_PERSON, MemberFacts
from storage.resources import RESOURCE, RESOURCE_TREE
from storage.statements import given, in_workspace, one_of
from storage.tables import assignments, memberships, resources, shares

_ALL = select(*RESOURCE).where(in_workspace(resources))
_LED_TO = _ALL.where(
    or_(
        one_of(resources.c.parent, "ids"),
        one_of(resources.c.payer, "ids"),
        resources.c.id.in_(select(shares.c.resource).where(in_workspace(shares), one_of(shares.c.team, "ids"))),
    )
)
_SHARES = select(shares.c.team, shares.c.resource, shares.c.role).where(
    in_workspace(shares), one_of(shares.c.team, "ids")
)
_ASSIGNED = select(assignments.c.team, assignments.c.resource).where(
    in_workspace(assignments), assignments.c.person == given("person")
)
_GIVEN = OF_PERSON.add_columns(*RESOURCE).join(
    resources, and_(resources.c.workspace == memberships.c.workspace, resources.c.id == memberships.c.resource)
)
_INSIDE = (
    select(*RESOURCE)
    .join(RESOURCE_TREE, resources.c.id == RESOURCE_TREE.c.id)
    .where(in_workspace(resources), RESOURCE_TREE.c.depth > 0)
    .order_by(RESOURCE_TREE.c.depth, resources.c.title, resources.c.id)
)


class ReachFacts(MemberFacts):
    """Answers about many resources at once."""

    def reach(self, person: str, at: datetime, kinds: Table) -> Reach:
        """All that a person's roles can have to do with: what they lead to, by the table, and what that stands in."""
        return self._read_once("reach", (person, at), lambda: self._reach(person, at, kinds))

    def held(self, person: str, resources: Sequence[str], at: datetime) -> Mapping[str, Membership]:
        """The memberships of an active person on some resources at a moment; answered from their reach when known."""
        reach: Reach | None = self.recall("reach", (person, at))
        if reach is None:
            return super().held(person, resources, at)
        return {m.resource: m for m in reach.given if m.resource in resources}

    def everything_inside(self, resource: str) -> Sequence[Resource]:
        """What stands in a resource at any depth, the outer before the inner."""
        rows = self._read_once("inside", resource, lambda: self._rows(_INSIDE, outer=resource))
        return [Resource(*row) for row in rows]

    def _reach(self, person: str, at: datetime, kinds: Table) -> Reach:
        rows, leading = self._rows(_GIVEN, person=person, at=at), kinds.leading_inward
        wide = len(MEMBERSHIP)
        given_roles = [Membership(*row[:wide]) for row in rows]
        found: dict[str, Resource] = {}
        new = self._found(row[wide:] for row in rows)
        groups = [r.id for r in new if kinds[r.kind].is_group]
        while new:
            found |= {r.id: r for r in new}
            led_to = self._many(_LED_TO, "ids", [r.id for r in new if r.kind in leading])
            new = [r for r in self._found(led_to) if r.id not in found]
        while outer := self.resources({r.parent for r in found.values() if r.parent} - set(found)):
            found |= outer
        return Reach(given_roles, found, self._shared(person, groups))

    def _shared(self, person: str, groups: Collection[str]) -> dict[str, list[Share]]:
        shared: dict[str, list[Share]] = defaultdict(list)
        rows = self._many(_SHARES, "ids", groups)
        assigned = {tuple(row) for row in self._rows(_ASSIGNED, person=person)} if rows else set()
        for row in rows:
            mine = frozenset({person} if (row.team, row.resource) in assigned else ())
            shared[row.resource].append(Share(row.team, row.resource, row.role, mine))
        return shared

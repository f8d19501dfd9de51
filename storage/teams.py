"""What teams hold roles on, as stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import and_, delete, select

from collab import events
from collab.events import Recorded
from collab.teams import Share
from storage.statements import Reader, Write, given, in_workspace, one_of
from storage.tables import assignments, shares

_SHARES = select(shares.c.team, shares.c.resource, shares.c.role).where(
    in_workspace(shares), one_of(shares.c.resource, "ids")
)
_ASSIGNED = select(assignments.c.team, assignments.c.resource, assignments.c.person).where(
    in_workspace(assignments), one_of(assignments.c.resource, "ids")
)
_ASSIGNED_TO = (
    select(assignments.c.resource)
    .where(in_workspace(assignments), assignments.c.team == given("team"), assignments.c.person == given("person"))
    .order_by(assignments.c.resource)
)


class TeamFacts(Reader):
    """Answers about teams."""

    def shares(self, resource: str) -> Sequence[Share]:
        """The groups that hold a role on a resource."""
        return self._read_once("shares", resource, lambda: self._shares([resource])[resource])

    def assigned(self, group: str, person: str) -> tuple[str, ...]:
        """What of a group's things is assigned to a person."""
        return tuple(row.resource for row in self._rows(_ASSIGNED_TO, team=group, person=person))

    def _shares(self, ids: Collection[str]) -> dict[str, list[Share]]:
        """The same for many resources."""
        rows = self._many(_SHARES, "ids", ids)
        assigned: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self._many(_ASSIGNED, "ids", {row.resource for row in rows}):
            assigned[row.team, row.resource].add(row.person)
        found: dict[str, list[Share]] = {resource: [] for resource in ids}
        for team, resource, role in rows:
            found[resource].append(Share(team, resource, role, frozenset(assigned[team, resource])))
        return found


_SHARE = shares.insert()
_UNSHARE = delete(shares).where(in_workspace(shares), shares.c.resource == given("of"), shares.c.team == given("group"))
_ASSIGN = assignments.insert()
_THESE = and_(in_workspace(assignments), assignments.c.resource == given("of"), assignments.c.team == given("group"))
_UNASSIGN_ALL = delete(assignments).where(_THESE)
_UNASSIGN = delete(assignments).where(_THESE, assignments.c.person == given("whose"))


def shared(recorded: Recorded, event: events.TeamShared) -> Iterator[Write]:
    """A team holds a role, in place of another that it held."""
    yield _UNSHARE, {"w": recorded.workspace, "of": event.resource, "group": event.team}
    row = {"workspace": recorded.workspace, "resource": event.resource, "team": event.team, "role": event.role}
    yield _SHARE, row


def unshared(recorded: Recorded, event: events.TeamUnshared) -> Iterator[Write]:
    """A team holds no role, and nothing of it is assigned."""
    values = {"w": recorded.workspace, "of": event.resource, "group": event.team}
    yield _UNASSIGN_ALL, values
    yield _UNSHARE, values


def assigned(recorded: Recorded, event: events.TeamAssigned) -> Iterator[Write]:
    """A resource is assigned to a member."""
    row = {"workspace": recorded.workspace, "resource": event.resource, "team": event.team, "person": event.person}
    yield _ASSIGN, row


def unassigned(recorded: Recorded, event: events.TeamUnassigned) -> Iterator[Write]:
    """A resource is assigned no more."""
    yield (
        _UNASSIGN,
        {"w": recorded.workspace, "of": event.resource, "group": event.team, "whose": event.person},
    )

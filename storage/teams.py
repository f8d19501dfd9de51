"""What teams hold roles on, as stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, delete, select

from collab import events
from collab.events import Recorded
from collab.teams import Share
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import assignments, shares

_SHARES = select(shares.c.team, shares.c.resource, shares.c.role).where(
    in_workspace(shares), shares.c.resource == given("resource")
)
_ASSIGNED = select(assignments.c.team, assignments.c.person).where(
    in_workspace(assignments), assignments.c.resource == given("resource")
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
        return self._kept("shares", resource, lambda: self._shares(resource))

    def assigned(self, group: str, person: str) -> tuple[str, ...]:
        """What of a group's things is assigned to a person."""
        return tuple(row.resource for row in self._rows(_ASSIGNED_TO, team=group, person=person))

    def _shares(self, resource: str) -> Sequence[Share]:
        rows = self._rows(_SHARES, resource=resource)
        assigned = [tuple(row) for row in self._rows(_ASSIGNED, resource=resource)] if rows else []
        return [
            Share(row.team, row.resource, row.role, frozenset(person for team, person in assigned if team == row.team))
            for row in rows
        ]


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

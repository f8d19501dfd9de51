"""Roles and assignments of teams in the database: queries and projections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import and_, delete, select

from collab import events
from collab.events import RecordedEvent
from collab.model import PersonId, ResourceId, TeamShare
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import team_assignments, team_shares

_SHARES_OF_RESOURCES = select(
    team_shares.c.team, team_shares.c.resource, team_shares.c.role
).where(of_workspace(team_shares), in_array(team_shares.c.resource, "ids"))
_ASSIGNMENTS_OF_TEAMS = select(
    team_assignments.c.team, team_assignments.c.resource, team_assignments.c.person
).where(of_workspace(team_assignments), in_array(team_assignments.c.resource, "ids"))
_ASSIGNED_TO_PERSON = (
    select(team_assignments.c.resource)
    .where(
        of_workspace(team_assignments),
        team_assignments.c.team == param("team"),
        team_assignments.c.person == param("person"),
    )
    .order_by(team_assignments.c.resource)
)


class TeamRepository(WorkspaceReader):
    """Reads what teams have roles on, and assignments to their members."""

    def list_shares(self, resource: ResourceId) -> Sequence[TeamShare]:
        """Return the teams that have a role on a resource."""
        return self._read_once(
            "shares", resource, lambda: self._read_shares([resource])[resource]
        )

    def list_resources_assigned_to(
        self, group: ResourceId, person: PersonId
    ) -> tuple[ResourceId, ...]:
        """Return which resources of a team are assigned to a person."""
        return tuple(
            row.resource
            for row in self._read_rows(_ASSIGNED_TO_PERSON, team=group, person=person)
        )

    def _read_shares(
        self, ids: Collection[ResourceId]
    ) -> dict[ResourceId, list[TeamShare]]:
        """The same for many resources."""
        rows = self._read_rows_for_ids(_SHARES_OF_RESOURCES, "ids", ids)
        assigned: dict[tuple[ResourceId, ResourceId], set[PersonId]] = defaultdict(set)
        for row in self._read_rows_for_ids(
            _ASSIGNMENTS_OF_TEAMS, "ids", {row.resource for row in rows}
        ):
            assigned[row.team, row.resource].add(row.person)
        shares_by_resource: dict[ResourceId, list[TeamShare]] = {
            resource: [] for resource in ids
        }
        for team, resource, role in rows:
            shares_by_resource[resource].append(
                TeamShare(team, resource, role, frozenset(assigned[team, resource]))
            )
        return shares_by_resource


_INSERT_SHARE = team_shares.insert()
_DELETE_SHARE = delete(team_shares).where(
    of_workspace(team_shares),
    team_shares.c.resource == param("of"),
    team_shares.c.team == param("group"),
)
_INSERT_ASSIGNMENT = team_assignments.insert()
_IS_TEAM_ASSIGNMENT = and_(
    of_workspace(team_assignments),
    team_assignments.c.resource == param("of"),
    team_assignments.c.team == param("group"),
)
_DELETE_TEAM_ASSIGNMENTS = delete(team_assignments).where(_IS_TEAM_ASSIGNMENT)
_DELETE_ASSIGNMENT = delete(team_assignments).where(
    _IS_TEAM_ASSIGNMENT, team_assignments.c.person == param("whose")
)


def replace_share(recorded: RecordedEvent, event: events.TeamShared) -> Iterator[Write]:
    """Replace the role of a team on a resource."""
    yield (
        _DELETE_SHARE,
        {"w": recorded.workspace, "of": event.resource, "group": event.team},
    )
    row = {
        "workspace": recorded.workspace,
        "resource": event.resource,
        "team": event.team,
        "role": event.role,
    }
    yield _INSERT_SHARE, row


def delete_share(
    recorded: RecordedEvent, event: events.TeamUnshared
) -> Iterator[Write]:
    """Delete the role of a team on a resource, and its assignments."""
    values = {"w": recorded.workspace, "of": event.resource, "group": event.team}
    yield _DELETE_TEAM_ASSIGNMENTS, values
    yield _DELETE_SHARE, values


def insert_assignment(
    recorded: RecordedEvent, event: events.TeamAssigned
) -> Iterator[Write]:
    """Insert the assignment of a resource to a member."""
    row = {
        "workspace": recorded.workspace,
        "resource": event.resource,
        "team": event.team,
        "person": event.person,
    }
    yield _INSERT_ASSIGNMENT, row


def delete_assignment(
    recorded: RecordedEvent, event: events.TeamUnassigned
) -> Iterator[Write]:
    """Delete the assignment of a resource to a member."""
    yield (
        _DELETE_ASSIGNMENT,
        {
            "w": recorded.workspace,
            "of": event.resource,
            "group": event.team,
            "whose": event.person,
        },
    )

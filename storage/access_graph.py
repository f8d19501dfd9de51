"""Reads the resources that a person's roles can reach, in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select

from collab.access_graph import ReachableGraph
from collab.model import Membership, Resource, TeamShare
from collab.roles import RoleModel
from storage.memberships import (
    MEMBERSHIP_COLUMNS,
    MEMBERSHIPS_OF_PERSON,
    MembershipRepository,
)
from storage.resources import RESOURCE_COLUMNS
from storage.sql import in_array, of_workspace, param
from storage.tables import assignments, memberships, resources, shares

_ALL_RESOURCES = select(*RESOURCE_COLUMNS).where(of_workspace(resources))
_RESOURCES_LED_TO = _ALL_RESOURCES.where(
    or_(
        in_array(resources.c.parent, "ids"),
        in_array(resources.c.payer, "ids"),
        resources.c.id.in_(
            select(shares.c.resource).where(
                of_workspace(shares), in_array(shares.c.team, "ids")
            )
        ),
    )
)
_SHARES_OF_GROUPS = select(shares.c.team, shares.c.resource, shares.c.role).where(
    of_workspace(shares), in_array(shares.c.team, "ids")
)
_ASSIGNMENTS_OF_PERSON = select(assignments.c.team, assignments.c.resource).where(
    of_workspace(assignments), assignments.c.person == param("person")
)
_MEMBERSHIPS_WITH_RESOURCES = MEMBERSHIPS_OF_PERSON.add_columns(*RESOURCE_COLUMNS).join(
    resources,
    and_(
        resources.c.workspace == memberships.c.workspace,
        resources.c.id == memberships.c.resource,
    ),
)


class AccessGraphRepository(MembershipRepository):
    """Reads roles and resources in bulk, for authorization."""

    def load_reachable_graph(
        self, person: str, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        """Return the resources that a person's roles lead to, and their containers."""
        return self._read_once(
            "reach", (person, at), lambda: self._build_access_graph(person, at, roles)
        )

    def get_memberships_by_resource(
        self, person: str, resources: Sequence[str], at: datetime
    ) -> Mapping[str, Membership]:
        """Return an active person's memberships on some resources at a moment."""
        reach: ReachableGraph | None = self.recall("reach", (person, at))
        if reach is None:
            return super().get_memberships_by_resource(person, resources, at)
        return {m.resource: m for m in reach.memberships if m.resource in resources}

    def _build_access_graph(
        self, person: str, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        rows, leading = (
            self._read_rows(_MEMBERSHIPS_WITH_RESOURCES, person=person, at=at),
            roles.types_with_inward_roles,
        )
        wide = len(MEMBERSHIP_COLUMNS)
        given_roles = [Membership(*row[:wide]) for row in rows]
        resources_by_id: dict[str, Resource] = {}
        new = self._resources_from_rows(row[wide:] for row in rows)
        groups = [r.id for r in new if roles[r.kind].is_group]
        while new:
            resources_by_id |= {r.id: r for r in new}
            led_to = self._read_rows_for_ids(
                _RESOURCES_LED_TO, "ids", [r.id for r in new if r.kind in leading]
            )
            new = [
                r
                for r in self._resources_from_rows(led_to)
                if r.id not in resources_by_id
            ]
        while outer := self.get_resources(
            {r.parent for r in resources_by_id.values() if r.parent}
            - set(resources_by_id)
        ):
            resources_by_id |= outer
        return ReachableGraph(
            given_roles, resources_by_id, self._group_roles_of(person, groups)
        )

    def _group_roles_of(
        self, person: str, groups: Collection[str]
    ) -> dict[str, list[TeamShare]]:
        shared: dict[str, list[TeamShare]] = defaultdict(list)
        rows = self._read_rows_for_ids(_SHARES_OF_GROUPS, "ids", groups)
        assigned = (
            {
                tuple(row)
                for row in self._read_rows(_ASSIGNMENTS_OF_PERSON, person=person)
            }
            if rows
            else set()
        )
        for row in rows:
            mine = frozenset({person} if (row.team, row.resource) in assigned else ())
            shared[row.resource].append(
                TeamShare(row.team, row.resource, row.role, mine)
            )
        return shared

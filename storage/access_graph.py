"""Reads the resources that a person's roles can reach, by one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Select, and_, select, union_all

from collab.access_graph import ReachableGraph
from collab.model import Membership, PersonId, Resource, ResourceId, TeamShare
from collab.roles import RoleModel
from storage.memberships import MEMBERSHIPS_OF_PERSON, MembershipRepository
from storage.resources import RESOURCE_COLUMNS
from storage.sql import in_array, in_subquery, of_workspace, param
from storage.tables import assignments, resources, shares

_OWN = MEMBERSHIPS_OF_PERSON.order_by(None).cte("own")
_NODE = (resources.c.id, resources.c.kind, resources.c.parent)


def _select_shares_with_own_teams() -> CTE:
    """Return what is shared with the person's teams, with the person if it is assigned to them."""
    return (
        select(
            shares.c.resource,
            shares.c.team,
            shares.c.role,
            assignments.c.person.label("assigned_person"),
        )
        .join_from(
            _OWN, shares, and_(of_workspace(shares), shares.c.team == _OWN.c.resource)
        )
        .outerjoin(
            assignments,
            and_(
                assignments.c.workspace == shares.c.workspace,
                assignments.c.resource == shares.c.resource,
                assignments.c.team == shares.c.team,
                assignments.c.person == param("person"),
            ),
        )
        .cte("shared")
    )


def _select_reached() -> CTE:
    """Return the resources with a role of the person, and all to which roles lead.

    What leads to others are the types `leading`: to contents, to what they pay for, and
    to what is shared with them.
    """
    reached = (
        select(*_NODE)
        .join_from(
            _OWN,
            resources,
            and_(of_workspace(resources), resources.c.id == _OWN.c.resource),
        )
        .cte("reached", recursive=True)
    )
    inner = resources.alias("inner")
    led_to = union_all(
        *(
            select(table.c[led])
            .where(of_workspace(table), table.c[by] == reached.c.id)
            .correlate(reached)
            for table, led, by in (
                (inner, "id", "parent"),
                (inner, "id", "payer"),
                (shares, "resource", "team"),
            )
        )
    )
    step = select(*_NODE).join_from(
        reached,
        resources,
        and_(of_workspace(resources), in_subquery(resources.c.id, led_to)),
    )
    return reached.union(step.where(in_array(reached.c.kind, "leading")))


def _select_graph() -> Select[Any]:
    """Return the reached resources and their containers, with memberships and shares."""
    reached = _select_reached()
    places = select(reached.c.id, reached.c.parent).cte("places", recursive=True)
    places = places.union(
        select(resources.c.id, resources.c.parent).join_from(
            places,
            resources,
            and_(of_workspace(resources), resources.c.id == places.c.parent),
        )
    )
    return (
        select(
            *RESOURCE_COLUMNS,
            _OWN.c.person,
            _OWN.c.role,
            _OWN.c.since,
            _OWN.c.until,
            _SHARED.c.team,
            _SHARED.c.role,
            _SHARED.c.assigned_person,
        )
        .join_from(
            places,
            resources,
            and_(of_workspace(resources), resources.c.id == places.c.id),
        )
        .outerjoin(_OWN, _OWN.c.resource == resources.c.id)
        .outerjoin(_SHARED, _SHARED.c.resource == resources.c.id)
    )


_SHARED = _select_shares_with_own_teams()
_GRAPH_OF_PERSON = _select_graph()


class AccessGraphRepository(MembershipRepository):
    """Reads roles and resources in bulk, for authorization."""

    def load_reachable_graph(
        self, person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        """Return the resources that a person's roles lead to, and their containers."""
        return self._read_once(
            "reach", (person, at), lambda: self._read_graph(person, at, roles)
        )

    def get_memberships_by_resource(
        self, person: PersonId, resources: Sequence[ResourceId], at: datetime
    ) -> Mapping[ResourceId, Membership]:
        """Return an active person's memberships on some resources at a moment."""
        reach: ReachableGraph | None = self.recall("reach", (person, at))
        if reach is None:
            return super().get_memberships_by_resource(person, resources, at)
        return {m.resource: m for m in reach.memberships if m.resource in resources}

    def _read_graph(
        self, person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        rows = self._read_rows(
            _GRAPH_OF_PERSON,
            person=person,
            at=at,
            leading=roles.types_with_inward_roles,
        )
        resources_by_id: dict[ResourceId, Resource] = {}
        memberships: dict[ResourceId, Membership] = {}
        shares_by_resource: dict[ResourceId, list[TeamShare]] = defaultdict(list)
        wide = len(RESOURCE_COLUMNS)
        for row in rows:
            resource_id = row[0]
            if resource_id not in resources_by_id:
                resource = Resource(*row[:wide])
                resources_by_id[resource_id] = resource
                self.remember("resource", resource_id, resource)
            _, role, since, until, team, team_role, assigned = row[wide:]
            if role:
                memberships[resource_id] = Membership(
                    resource_id, person, role, since, until
                )
            if team:
                mine = frozenset({assigned} if assigned else ())
                share = TeamShare(team, resource_id, team_role, mine)
                shares_by_resource[resource_id].append(share)
        direct = sorted(memberships.values(), key=lambda m: (m.since, m.resource))
        ordered = [m.resource for m in direct]
        ordered += sorted(resources_by_id.keys() - memberships.keys())
        return ReachableGraph(
            direct,
            {each: resources_by_id[each] for each in ordered},
            shares_by_resource,
        )

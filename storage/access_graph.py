"""Reads what roles reach and what roles follow from, each by one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from collab.access_graph import ReachableGraph
from collab.model import Membership, PersonId, Resource, ResourceId, TeamShare
from collab.role_model import RoleModel
from storage.memberships import (
    IS_ACTIVE_MEMBERSHIP,
    IS_SUSPENDED_MEMBERSHIP,
    MEMBERSHIP_COLUMNS,
    MembershipRepository,
)
from storage.resources import RESOURCE_COLUMNS
from storage.sql import in_array, in_subquery, of_workspace, param
from storage.tables import memberships, resources, team_assignments, team_shares

_WIDE = len(RESOURCE_COLUMNS)
_WIDER = _WIDE + len(MEMBERSHIP_COLUMNS)
NO_TIME = datetime.min.replace(tzinfo=UTC)  # where nobody's memberships are read
_NODE = (resources.c.id, resources.c.kind, resources.c.parent)


def _one_of(column: str) -> Select[Any]:
    """Select a column of a row of another table: within `in_subquery` PostgreSQL looks
    it up in an index, where for a join with a recursive query it scans the table.
    """
    return select(literal_column(column, String))


def _select_shares_with_own_teams(own: CTE) -> CTE:
    """Select shares with the person's teams; with the person if assigned to them."""
    return (
        select(
            team_shares.c.resource,
            team_shares.c.team,
            team_shares.c.role,
            team_assignments.c.person.label("assigned_person"),
        )
        .join_from(
            own,
            team_shares,
            and_(of_workspace(team_shares), team_shares.c.team == own.c.resource),
        )
        .outerjoin(
            team_assignments,
            and_(
                team_assignments.c.workspace == team_shares.c.workspace,
                team_assignments.c.resource == team_shares.c.resource,
                team_assignments.c.team == team_shares.c.team,
                team_assignments.c.person == param("person"),
            ),
        )
        .cte("shared")
    )


def _select_reached(own: CTE) -> CTE:
    """Return the resources with a role of the person, and all to which roles lead.

    What leads to others are the types `leading`: to contents, to what they pay for, and
    to what is shared with them.
    """
    reached = (
        select(*_NODE)
        .join_from(
            own,
            resources,
            and_(of_workspace(resources), resources.c.id == own.c.resource),
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
                (team_shares, "resource", "team"),
            )
        )
    )
    step = select(*_NODE).join_from(
        reached,
        resources,
        and_(of_workspace(resources), in_subquery(resources.c.id, led_to)),
    )
    return reached.union(step.where(in_array(reached.c.kind, "leading")))


def _select_graph(is_counted: ColumnElement[bool]) -> Select[Any]:
    """Return reached resources and their containers, with memberships and shares.

    `is_counted` says of a membership that the person's roles follow from it.
    """
    own = (
        select(*MEMBERSHIP_COLUMNS)
        .where(
            of_workspace(memberships),
            is_counted,
            memberships.c.person == param("person"),
        )
        .cte("own")
    )
    shared = _select_shares_with_own_teams(own)
    reached = _select_reached(own)
    places = select(reached.c.id, reached.c.parent).cte("places", recursive=True)
    places = places.union(
        select(resources.c.id, resources.c.parent).join_from(
            places,
            resources,
            and_(
                of_workspace(resources),
                in_subquery(resources.c.id, _one_of("places.parent")),
            ),
        )
    )
    return (
        select(
            *RESOURCE_COLUMNS,
            *MEMBERSHIP_COLUMNS,
            shared.c.team,
            shared.c.role,
            shared.c.assigned_person,
        )
        .select_from(resources)
        .where(
            of_workspace(resources), in_subquery(resources.c.id, select(places.c.id))
        )
        .outerjoin(
            memberships,
            and_(
                of_workspace(memberships),
                memberships.c.resource == resources.c.id,
                memberships.c.person == param("person"),
                is_counted,
            ),
        )
        .outerjoin(shared, shared.c.resource == resources.c.id)
    )


_GRAPH_OF_PERSON = _select_graph(IS_ACTIVE_MEMBERSHIP)
_SUSPENDED_GRAPH_OF_PERSON = _select_graph(IS_SUSPENDED_MEMBERSHIP)
_COMMA: Any = literal_column("','")
_ASSIGNED_PEOPLE = (
    select(func.aggregate_strings(team_assignments.c.person, _COMMA))
    .where(
        of_workspace(team_assignments),
        team_assignments.c.resource == team_shares.c.resource,
        team_assignments.c.team == team_shares.c.team,
    )
    .scalar_subquery()
)


_LINKS = (resources.c.id, resources.c.parent, resources.c.payer)


def _select_named_with_contents() -> CTE:
    """Select the named resource and, of the types `containers`, its contents."""
    named = (
        select(*_LINKS, resources.c.kind)
        .where(
            of_workspace(resources),
            or_(resources.c.id == param("typed"), resources.c.slug == param("slug")),
        )
        .cte("named")
    )
    columns = (named.c.id, named.c.parent, named.c.payer)
    inside = (
        select(*columns)
        .where(in_array(named.c.kind, "containers"))
        .cte("inside", recursive=True)
    )
    inside = inside.union(
        select(*_LINKS)
        .join_from(
            inside,
            resources,
            and_(
                of_workspace(resources),
                in_subquery(resources.c.parent, _one_of("inside.id")),
            ),
        )
        .where(~resources.c.gone)
    )
    return union(select(*columns), select(inside)).cte("known")


def _select_sources() -> CTE:
    """Select what is named, and all from which roles on it can follow."""
    known = _select_named_with_contents()
    sources = select(known).cte("sources", recursive=True)
    direct_sources = union_all(
        _one_of("sources.parent"),
        _one_of("sources.payer"),
        select(team_shares.c.team)
        .where(of_workspace(team_shares), team_shares.c.resource == sources.c.id)
        .correlate(sources),
    )
    return sources.union(
        select(*_LINKS).join_from(
            sources,
            resources,
            and_(of_workspace(resources), in_subquery(resources.c.id, direct_sources)),
        )
    )


def _select_role_sources() -> Select[Any]:
    """Return the named resource with all from which roles on it can follow.

    The contents of the types `containers` are returned too, with their sources, and
    with each resource its shares and the memberships of `people`.
    """
    sources = _select_sources()
    return (
        select(
            *RESOURCE_COLUMNS,
            *MEMBERSHIP_COLUMNS,
            team_shares.c.team,
            team_shares.c.role,
            _ASSIGNED_PEOPLE,
        )
        .select_from(resources)
        .where(
            of_workspace(resources), in_subquery(resources.c.id, select(sources.c.id))
        )
        .outerjoin(
            memberships,
            and_(
                of_workspace(memberships),
                memberships.c.resource == resources.c.id,
                in_array(memberships.c.person, "people"),
                IS_ACTIVE_MEMBERSHIP,
            ),
        )
        .outerjoin(
            team_shares,
            and_(of_workspace(team_shares), team_shares.c.resource == resources.c.id),
        )
    )


_ROLE_SOURCES = _select_role_sources()


class AccessGraphRepository(MembershipRepository):
    """Reads roles and resources in bulk, for authorization."""

    def load_reachable_graph(
        self, person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        """Return the resources that a person's roles lead to, and their containers."""
        return self._read_once(
            "reach",
            (person, at),
            lambda: self._read_graph(_GRAPH_OF_PERSON, person, at, roles),
        )

    def load_suspended_graph(
        self, person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        """Return what a deactivated person's roles would lead to if they were active."""
        return self._read_once(
            "suspended_reach",
            (person, at),
            lambda: self._read_graph(_SUSPENDED_GRAPH_OF_PERSON, person, at, roles),
        )

    def recall_reachable_graph(
        self, person: PersonId, at: datetime
    ) -> ReachableGraph | None:
        """Return what this transaction loaded of a person; None if nothing."""
        reach: ReachableGraph | None = self.recall("reach", (person, at))
        return reach

    def get_memberships_by_resource(
        self, person: PersonId, resources: Sequence[ResourceId], at: datetime
    ) -> Mapping[ResourceId, Membership]:
        """Return an active person's memberships on some resources at a moment."""
        reach = self.recall_reachable_graph(person, at)
        if reach is None:
            return super().get_memberships_by_resource(person, resources, at)
        return {m.resource: m for m in reach.memberships if m.resource in resources}

    def find_resource(
        self,
        typed: str,
        people: Collection[PersonId],
        at: datetime,
        containers: Collection[str] = (),
    ) -> Resource | None:
        """Return a resource by id or slug, and remember what is asked of it next.

        These are the resources from which roles on it follow, their shares, and the
        memberships of some people on them; also the contents of some types.
        """
        remembered = self.recall_resource_by_id_or_slug(typed)
        if remembered and self._has_sources(remembered, people, at, containers):
            return remembered
        # An act on a resource nearly always asks for the roles of whom it names.
        people = {*people, *(self.recall("named_people", "") or ())}
        rows = self._read_rows(
            _ROLE_SOURCES,
            typed=typed,
            slug=typed.lower(),
            people=people,
            at=at,
            containers=containers,
        )
        self._remember_sources(rows, people, at)
        resource = self.recall_resource_by_id_or_slug(typed)
        if resource and resource.kind in containers:
            contents = self._select_contents(resource, rows)
            self.remember("contents", resource.id, contents)
        return resource

    def list_contents_with_role_sources(
        self, resource: ResourceId
    ) -> Sequence[tuple[Resource, ResourceId]]:
        """Return a resource's contents, each with a resource whose roles lead to it."""
        container = self.get_resource(resource)
        if container is None:
            return ()
        if not self.is_remembered("contents", resource):
            self.find_resource(resource, (), NO_TIME, (container.kind,))
        contents: Sequence[Resource] = self.recall("contents", resource)
        pairs = [(inner, inner.id) for inner in contents]
        for inner in contents:
            payer = self.get_resource(inner.payer) if inner.payer else None
            pairs += [(inner, share.team) for share in self.list_shares(inner.id)]
            if payer:
                pairs.append((inner, payer.id))
                pairs += [(inner, share.team) for share in self.list_shares(payer.id)]
            if payer and payer.parent:
                pairs.append((inner, payer.parent))
        return pairs

    def _has_sources(
        self,
        resource: Resource,
        people: Collection[PersonId],
        at: datetime,
        containers: Collection[str],
    ) -> bool:
        """Return whether all that `find_resource` reads is remembered already."""
        if resource.kind in containers:
            return self.is_remembered("contents", resource.id)
        reached = people and all(
            self.recall_reachable_graph(each, at) for each in people if each
        )
        return bool(reached) or self.is_remembered("shares", resource.id)

    def _remember_sources(
        self, rows: Sequence[Any], people: Collection[PersonId], at: datetime
    ) -> None:
        shares_by_resource: dict[ResourceId, dict[ResourceId, TeamShare]] = {}
        for row in rows:
            resource_id = row[0]
            if resource_id not in shares_by_resource:
                shares_by_resource[resource_id] = {}
                self.remember("resource", resource_id, Resource(*row[:_WIDE]))
                for person in people:
                    self.remember("membership", (person, resource_id, at), None)
            team, role, assigned = row[_WIDER:]
            if team:
                assigned_people = frozenset(assigned.split(",") if assigned else ())
                share = TeamShare(team, resource_id, role, assigned_people)
                shares_by_resource[resource_id][team] = share
        for row in rows:
            if row[_WIDE]:
                membership = Membership(*row[_WIDE:_WIDER])
                key = (membership.person, membership.resource, at)
                self.remember("membership", key, membership)
        for resource_id, shared in shares_by_resource.items():
            self.remember("shares", resource_id, list(shared.values()))

    def _select_contents(
        self, container: Resource, rows: Sequence[Any]
    ) -> list[Resource]:
        """Return the resources of some rows that a resource contains at any depth."""
        by_parent = defaultdict[ResourceId | None, dict[ResourceId, Resource]](dict)
        for row in rows:
            resource: Resource = self.recall("resource", row[0])
            if not resource.gone and resource.id != container.id:
                by_parent[resource.parent][resource.id] = resource
        contents: dict[ResourceId, Resource] = {}
        level = [container.id]
        while level:
            inner: dict[ResourceId, Resource] = {}
            for outer in level:
                inner |= by_parent.pop(outer, {})
            contents |= inner
            level = [*inner]
        return list(contents.values())

    def _read_graph(
        self, statement: Select[Any], person: PersonId, at: datetime, roles: RoleModel
    ) -> ReachableGraph:
        rows = self._read_rows(
            statement, person=person, at=at, leading=roles.types_with_inward_roles
        )
        resources_by_id: dict[ResourceId, Resource] = {}
        memberships: dict[ResourceId, Membership] = {}
        shares_by_resource: dict[ResourceId, list[TeamShare]] = defaultdict(list)
        for row in rows:
            resource_id = row[0]
            if resource_id not in resources_by_id:
                resource = Resource(*row[:_WIDE])
                resources_by_id[resource_id] = resource
                self.remember("resource", resource_id, resource)
            if row[_WIDE]:
                memberships[resource_id] = Membership(*row[_WIDE:_WIDER])
            team, team_role, assigned = row[_WIDER:]
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

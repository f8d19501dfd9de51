"""Reads the members of a resource: how many there are, and a page of them.

Direct members come from the memberships on the resource itself, the others from
memberships elsewhere from which a role on it follows. Both are counted and sorted by
the database, however many there are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    cast,
    column,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
)

from collab.access_graph import ListedMember, MemberSegment, RoleCount, RoleOrigin
from collab.model import Person, ResourceId
from storage.memberships import (
    IS_ACTIVE_MEMBERSHIP,
    IS_INACTIVE,
    IS_UNEXPIRED,
    MembershipRepository,
)
from storage.people import PERSON
from storage.sql import OrderedJoin, in_subquery, of_workspace, param
from storage.tables import memberships, people, team_assignments

# Fewer members of a role are sorted; of more, people are looked at in the order of
# names until the page is full.
MANY = 3_000
_ORIGIN_ROWS = {
    "sqlite": "SELECT key AS position, json_extract(value, '$[0]') AS resource,"
    " json_extract(value, '$[1]') AS role, json_extract(value, '$[2]') AS assigned"
    " FROM json_each(:origins)",
    "postgresql": "SELECT CAST(number - 1 AS integer) AS position,"
    " value ->> 0 AS resource, value ->> 1 AS role, value ->> 2 AS assigned"
    " FROM json_array_elements(CAST(:origins AS json)) WITH ORDINALITY"
    " AS origin (value, number)",
}


_ROLE_ROWS = "SELECT value AS role FROM json_each(:roles)"
_IS_ACTIVE = text("people.active")  # spelled out, so that the partial index serves


class _Segment(NamedTuple):
    """How the members of one role are read: with derived ones, and in which way."""

    has_derived: bool
    has_many: bool


class MemberListRepository(MembershipRepository):
    """Reads memberships and lists of members."""

    def count_members(
        self,
        resource: ResourceId,
        roles: Sequence[str],
        origins: Sequence[RoleOrigin],
        at: datetime,
    ) -> dict[str, RoleCount]:
        """Return how many people have each of some roles on a resource.

        A direct role counts before a derived one, a higher before a lower one.
        """
        rows = self._read_rows(
            _count_statement(bool(origins), self._connection.dialect.name),
            resource=resource,
            roles=json.dumps(roles),
            at=at,
            **_origin_parameters(origins),
        )
        counts: dict[str, RoleCount] = {}
        for role, position, count in rows:
            name = origins[position].role if role is None else role
            direct, derived = counts.get(name, RoleCount(0, 0))
            if role is None:
                counts[name] = RoleCount(direct, derived + count)
            else:
                counts[name] = RoleCount(direct + count, derived)
        return counts

    def list_member_page(
        self,
        resource: ResourceId,
        origins: Sequence[RoleOrigin],
        segments: Sequence[MemberSegment],
        at: datetime,
    ) -> Sequence[ListedMember]:
        """Return some members of each of some roles, by name."""
        if not segments:
            return ()
        ways = tuple(
            _Segment(each.counted.derived > 0, each.counted.direct > MANY)
            for each in segments
        )
        values: dict[str, Any] = {}
        for number, each in enumerate(segments):
            positions = [n for n, o in enumerate(origins) if o.role == each.role]
            values |= {
                f"role{number}": each.role,
                f"skip{number}": each.skip,
                f"most{number}": each.most,
            }
            if each.counted.derived:
                values |= {
                    f"first{number}": positions[0],
                    f"last{number}": positions[-1],
                }
        if any(each.has_derived for each in ways):
            values |= _origin_parameters(origins)
        rows = self._read_rows(
            _page_statement(ways, self._connection.dialect.name),
            resource=resource,
            at=at,
            **values,
        )
        members: list[ListedMember] = []
        for row in rows:
            number, position, until = row[:3]
            person = Person(*row[3 : 3 + len(PERSON)])
            self.remember("person", person.id, person)
            origin = None if position is None else origins[position]
            members.append(ListedMember(person, segments[number].role, until, origin))
        return members


def _origin_parameters(origins: Sequence[RoleOrigin]) -> dict[str, str]:
    rows = [
        (origin.resource, origin.assigned_role, origin.assigned_resource)
        for origin in origins
    ]
    return {"origins": json.dumps(rows)} if rows else {}


def _select_derived(dialect: str) -> CTE:
    """Return who has no direct role, each with the position of their highest origin."""
    origins = (
        text(_ORIGIN_ROWS[dialect])
        .columns(
            column("position", Integer),
            column("resource", String),
            column("role", Text),
            column("assigned", String),
        )
        .cte("origins")
    )
    own = memberships.alias("own")
    is_assigned = exists().where(
        of_workspace(team_assignments),
        team_assignments.c.team == memberships.c.resource,
        team_assignments.c.resource == origins.c.assigned,
        team_assignments.c.person == memberships.c.person,
    )
    has_direct_role = exists().where(
        of_workspace(own),
        own.c.resource == param("resource"),
        own.c.person == memberships.c.person,
        or_(own.c.until.is_(None), own.c.until > param("at")),
    )
    return (
        select(memberships.c.person, func.min(origins.c.position).label("position"))
        .select_from(
            OrderedJoin(
                origins,
                memberships,
                and_(
                    of_workspace(memberships),
                    memberships.c.resource == origins.c.resource,
                    memberships.c.role == origins.c.role,
                ),
            )
        )
        .where(
            IS_ACTIVE_MEMBERSHIP,
            or_(origins.c.assigned.is_(None), is_assigned),
            ~has_direct_role,
        )
        .group_by(memberships.c.person)
        .cte("derived")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


_DIRECT_COUNTS = (
    select(
        memberships.c.role,
        cast(null(), Integer).label("position"),
        func.count().label("number"),
    )
    .where(
        of_workspace(memberships),
        memberships.c.resource == param("resource"),
        IS_ACTIVE_MEMBERSHIP,
    )
    .group_by(memberships.c.role)
)


def _select_direct_counts(dialect: str) -> Select[Any]:
    """Return each role and how many active people have it directly.

    What has no end is counted without looking at a row; few memberships have an end,
    and few are those of inactive people.
    """
    if dialect == "postgresql":  # it scans once for all roles, with several processes
        return _DIRECT_COUNTS
    roles = text(_ROLE_ROWS).columns(column("role", Text)).cte("roles")
    has_role = and_(
        of_workspace(memberships),
        memberships.c.resource == param("resource"),
        memberships.c.role == roles.c.role,
    )
    count = select(func.count()).select_from(memberships).where(has_role)
    endless, unexpired = (
        count.where(end).correlate(roles).scalar_subquery()
        for end in (
            memberships.c.until.is_(None),
            memberships.c.until > param("at"),
        )
    )
    is_of_inactive = and_(
        memberships.c.workspace == people.c.workspace,
        memberships.c.person == people.c.id,
    )
    inactive = (
        select(func.count())
        .select_from(OrderedJoin(people, memberships, is_of_inactive))
        .where(of_workspace(people), IS_INACTIVE, has_role, IS_UNEXPIRED)
        .correlate(roles)
        .scalar_subquery()
    )
    return select(
        roles.c.role,
        cast(null(), Integer).label("position"),
        (endless + unexpired - inactive).label("number"),
    )


@lru_cache
def _count_statement(has_origins: bool, dialect: str) -> Any:
    direct = _select_direct_counts(dialect)
    if not has_origins:
        return direct
    derived = _select_derived(dialect)
    return union_all(
        direct,
        select(cast(null(), Text), derived.c.position, func.count()).group_by(
            derived.c.position
        ),
    )


@lru_cache
def _page_statement(ways: tuple[_Segment, ...], dialect: str) -> Select[Any]:
    """Return the statement for a page; it is built once for each way of reading it."""
    has_derived = any(each.has_derived for each in ways)
    derived = _select_derived(dialect) if has_derived else None
    parts = [
        select(
            _select_segment(
                number, way, derived if way.has_derived else None
            ).subquery()
        )
        for number, way in enumerate(ways)
    ]
    page = union_all(*parts).cte("page")
    position: ColumnElement[Any] = cast(null(), Integer)
    if derived is not None:
        position = (
            select(derived.c.position)
            .where(derived.c.person == page.c.id)
            .scalar_subquery()
        )
    until = _select_own_membership(page.c.id, memberships.c.until)
    return select(
        page.c.segment, position, until, *(page.c[each.name] for each in PERSON)
    ).order_by(page.c.segment, page.c.sort_name, page.c.id)


def _select_own_membership(
    person: ColumnElement[Any], wanted: ColumnElement[Any]
) -> ColumnElement[Any]:
    return (
        select(wanted)
        .where(
            of_workspace(memberships),
            memberships.c.resource == param("resource"),
            memberships.c.person == person,
            IS_UNEXPIRED,
        )
        .scalar_subquery()
    )


def _select_segment(number: int, way: _Segment, derived: CTE | None) -> Select[Any]:
    """Return a slice of the members of one role, by name.

    Few members are looked up and sorted. Of many, people are looked at in the order of
    their index; that their role is a subquery keeps the databases from beginning with
    the memberships.
    """
    with_origin: Select[Any] | None = None
    if derived is not None:
        with_origin = select(derived.c.person).where(
            derived.c.position.between(param(f"first{number}"), param(f"last{number}"))
        )
    role = param(f"role{number}")
    order: ColumnElement[Any] = people.c.sort_name
    if way.has_many:
        own_role = _select_own_membership(people.c.id, memberships.c.role)
        has_role: ColumnElement[bool] = own_role == role
        if with_origin is not None:
            has_role = or_(has_role, in_subquery(people.c.id, with_origin))
    else:
        direct: Any = select(memberships.c.person).where(
            of_workspace(memberships),
            memberships.c.resource == param("resource"),
            memberships.c.role == role,
            IS_UNEXPIRED,
        )
        found: Any = direct
        if with_origin is not None:
            found = union_all(direct, with_origin)
        has_role = in_subquery(people.c.id, found)
        order = people.c.sort_name.op("||")("")  # by no index
    return (
        select(
            literal_column(str(number), Integer).label("segment"),
            *PERSON,
            people.c.sort_name,
        )
        .where(of_workspace(people), _IS_ACTIVE, has_role)
        .order_by(order, people.c.id)
        .limit(param(f"most{number}"))
        .offset(param(f"skip{number}"))
    )

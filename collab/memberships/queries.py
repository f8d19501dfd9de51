"""Queries about memberships: the members of a resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab import authorization
from collab.access_graph import EffectiveRole
from collab.command import Query
from collab.context import Context
from collab.model import Person, PersonId, Resource
from collab.open_items import InvitationView, build_invitation_views
from collab.people import is_foreign
from collab.resource_lookup import resolve_resource
from collab.text import normalize_for_comparison

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person with a role on a resource.

    `is_removable`: the actor may remove them. `through` is the resource that an
    inherited role comes from, without its names where the actor may not view it.
    `guest`: a guest of the workspace; `is_foreign`: a member of another workspace.
    """

    person: Person
    role: str
    until: datetime | None
    is_removable: bool
    through: Resource | None = None
    guest: bool = False
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class MemberList:
    """A page of the members of a resource, then of the pending invitations to it.

    `total` counts all members, `next_page` is None on the last page.
    `shows_addresses`: the actor may assign a role and so sees addresses (MEM-13).
    """

    resource: Resource
    members: Sequence[MemberRow]
    pending: Sequence[InvitationView]
    total: int
    next_page: int | None
    shows_addresses: bool = False


@dataclass(frozen=True, slots=True)
class ListMembers(Query[MemberList]):
    """List the members of a resource and the pending invitations to it; `page` counts
    from 0.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    what: str
    page: int = 0

    def answer(self, context: Context) -> MemberList:
        """Return the members by role and then by name, then the pending invitations
        (MEM-13).
        """
        resource = resolve_resource(context, self.what)
        start = self.page * PAGE_SIZE
        roles_by_person = _get_roles_by_person(context, resource)
        total = len(roles_by_person)
        page = _list_page(context, resource, list(roles_by_person.values()), start)
        room = PAGE_SIZE - len(page)
        pending = context.invitations.list_pending_invitations_page(
            resource.id, context.at, max(0, start - total), room + 1
        )
        has_next_page = total > start + PAGE_SIZE or len(pending) > room
        assignable = authorization.list_assignable_roles(
            context, context.actor.id, resource
        )
        return MemberList(
            resource=resource,
            members=_build_member_rows(context, resource, page),
            pending=build_invitation_views(pending[:room], context),
            total=total,
            next_page=self.page + 1 if has_next_page else None,
            shows_addresses=bool(assignable),
        )


def _build_member_rows(
    context: Context, resource: Resource, page: Sequence[tuple[Person, EffectiveRole]]
) -> list[MemberRow]:
    removable = authorization.list_removable_roles(context, context.actor.id, resource)
    memberships = context.memberships.list_members_among(
        resource.id, [person.id for person, _ in page], context.at
    )
    end_by_person = {m.person: m.until for m in memberships}
    rows: list[MemberRow] = []
    for person, effective in page:
        is_self = person.id == context.actor.id
        row = MemberRow(
            person=person,
            role=effective.role,
            until=end_by_person[person.id] if effective.is_direct else None,
            is_removable=effective.role in removable and not is_self,
            through=_get_role_source(context, effective),
            guest=person.guest,
            is_foreign=is_foreign(context, person),
        )
        rows.append(row)
    return rows


def _get_roles_by_person(
    context: Context, resource: Resource
) -> dict[PersonId, EffectiveRole]:
    """Return the direct role of each person on a resource, or else the highest
    inherited one.
    """
    roles: dict[PersonId, EffectiveRole] = {}
    for effective in authorization.list_users_with(context, resource):
        if effective.person not in roles or effective.is_direct:
            roles[effective.person] = effective
    return roles


def _list_page(
    context: Context,
    resource: Resource,
    roles: Sequence[EffectiveRole],
    start: int,
) -> list[tuple[Person, EffectiveRole]]:
    """Return one page, ordered by role and then by name; read the names of no role
    outside of it.
    """
    page: list[tuple[Person, EffectiveRole]] = []
    for role in context.roles[resource.kind].roles:
        alike = [effective for effective in roles if effective.role == role.name]
        if start < len(alike) and len(page) < PAGE_SIZE:
            named = _sort_by_name(context, alike)
            page += named[start : start + PAGE_SIZE - len(page)]
        start = max(0, start - len(alike))
    return page


def _sort_by_name(
    context: Context, roles: Sequence[EffectiveRole]
) -> list[tuple[Person, EffectiveRole]]:
    people: Mapping[PersonId, Person] = context.people.get_people(
        [effective.person for effective in roles]
    )
    return sorted(
        ((people[effective.person], effective) for effective in roles),
        key=lambda row: (
            normalize_for_comparison(row[0].title or row[0].email or ""),
            row[0].id,
        ),
    )


def _get_role_source(context: Context, effective: EffectiveRole) -> Resource | None:
    """Return the resource that an inherited role comes from, as the actor may see it;
    None for a direct role.
    """
    if effective.is_direct:
        return None
    source = context.resources.get_resource(effective.path[0].resource)
    return authorization.redact_resource(context, source) if source else None

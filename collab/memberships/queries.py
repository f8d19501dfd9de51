"""Queries about memberships: the members of a resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from collab import authorization
from collab.access_graph import ListedMember, MemberSegment, RoleCount, RoleOrigin
from collab.command import Query
from collab.context import Context
from collab.model import Invitation, Person, Resource
from collab.open_items import InvitationView, build_invitation_views
from collab.resource_lookup import resolve_resource
from collab.role_origins import list_role_origins

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person with a role on a resource.

    `is_removable`: the actor may remove them. `through` is the resource that an
    inherited role comes from, without its names where the actor may not view it.
    """

    person: Person
    role: str
    until: datetime | None
    is_removable: bool
    through: Resource | None = None


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
        resource = resolve_resource(context, self.what, with_contents=True)
        start = self.page * PAGE_SIZE
        origins = list_role_origins(context, resource)
        counts = authorization.count_users_by_role(context, resource, origins)
        total = sum(count.direct + count.derived for count in counts.values())
        page = context.memberships.list_member_page(
            resource.id,
            origins,
            _select_segments(context, resource, counts, start),
            context.at,
        )
        room = PAGE_SIZE - len(page)
        has_next_page = total > start + PAGE_SIZE
        pending: Sequence[Invitation] = ()
        if not has_next_page:
            pending = context.invitations.list_pending_invitations_page(
                resource.id, context.at, max(0, start - total), room + 1
            )
            has_next_page = len(pending) > room
        assignable = authorization.list_assignable_roles(
            context, context.actor.id, resource
        )
        return MemberList(
            resource=resource,
            members=_build_member_rows(
                context, resource, page, shows_addresses=bool(assignable)
            ),
            pending=build_invitation_views(pending[:room], context),
            total=total,
            next_page=self.page + 1 if has_next_page else None,
            shows_addresses=bool(assignable),
        )


def _build_member_rows(
    context: Context,
    resource: Resource,
    page: Sequence[ListedMember],
    *,
    shows_addresses: bool,
) -> list[MemberRow]:
    removable = authorization.list_removable_roles(context, context.actor.id, resource)
    rows: list[MemberRow] = []
    for member in page:
        is_self = member.person.id == context.actor.id
        may_end = member.role in removable and not is_self
        is_shown = shows_addresses or is_self
        row = MemberRow(
            person=member.person if is_shown else hide_address(member.person),
            role=member.role,
            until=member.until,
            is_removable=may_end and _can_end_at(context, resource, member.origin),
            through=_get_role_source(context, member.origin),
        )
        rows.append(row)
    return rows


def hide_address(person: Person) -> Person:
    """Return a person without the address by which somebody without an account is
    known; its domain is their company (MEM-13).
    """
    if person.user or not person.email:
        return person
    return replace(person, email=None, company=person.email.rpartition("@")[2])


def _can_end_at(
    context: Context, resource: Resource, origin: RoleOrigin | None
) -> bool:
    """Return whether a role can end at a resource: one given there or inside it."""
    if origin is None:
        return True
    source = context.graph.get_resource(origin.resource)
    return source is not None and any(
        container.id == resource.id
        for container in authorization.iterate_containers(context, source)
    )


def _select_segments(
    context: Context,
    resource: Resource,
    counts: Mapping[str, RoleCount],
    start: int,
) -> list[MemberSegment]:
    """Return which members of each role are on the page that begins at `start`."""
    segments: list[MemberSegment] = []
    skip, room = start, PAGE_SIZE
    for role in context.roles[resource.kind].roles:
        count = counts.get(role.name, RoleCount(0, 0))
        total = count.direct + count.derived
        most = min(room, total - skip)
        if most > 0:
            segments.append(MemberSegment(role.name, count, skip, most))
            room -= most
        skip = max(0, skip - total)
    return segments


def _get_role_source(context: Context, origin: RoleOrigin | None) -> Resource | None:
    """Return the resource that an inherited role comes from, as the actor may see it;
    None for a direct role.
    """
    source = context.graph.get_resource(origin.resource) if origin else None
    return authorization.redact_resource(context, source) if source else None

"""Questions that change nothing: who is in, what waits, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab import authorization
from collab.channels import get_linked_resource
from collab.command import Query
from collab.context import Context
from collab.invitations.answers import may_answer
from collab.model import Account, Address, EffectiveRole, Invitation, Person, Resource
from collab.open_items import (
    InvitationView,
    OpenItem,
    build_invitation_view,
    build_invitation_views,
)
from collab.pending import (
    build_open_items,
    list_pending_invitations,
    list_pending_items,
)
from collab.people import get_or_register_person, is_foreign
from collab.resources import resolve_resource
from collab.text import normalize_for_comparison

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody with the role they hold; `removable` when the asker may remove them.

    `through` is where the role comes from when it was not given here, without its names when the asker may not view it.
    A `guest` is one of the workspace; who `is_foreign` is of another one.
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
    """The people of a resource and then those who are asked to be, a page of them; `next_page` is where to go on.

    `total` are all who hold a role there. Addresses are shown to whoever may grant a role there alone (MEM-13).
    """

    resource: Resource
    members: Sequence[MemberRow]
    pending: Sequence[InvitationView]
    total: int
    next_page: int | None
    shows_addresses: bool = False


@dataclass(frozen=True, slots=True)
class InvitationList:
    """Invitations that wait for the asker, or a page of those that they sent; `next_page` is where to go on."""

    invitations: Sequence[InvitationView]
    sent: bool
    next_page: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that needs the asker's answer, and what they hold."""

    waiting: Sequence[OpenItem]
    holds: Sequence[tuple[Resource, str]]


@dataclass(frozen=True, slots=True)
class ListMembers(Query[MemberList]):
    """Who is in, and who is asked to be; `page` counts from 0."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str
    page: int = 0

    def answer(self, context: Context) -> MemberList:
        """Everybody who is in, by role and then by name, and then those who are asked to be (MEM-13)."""
        resource, start = resolve_resource(context, self.what), self.page * PAGE_SIZE
        everybody = _get_roles_to_show(context, resource)
        shown = _list_page(context, resource, everybody, start)
        removable = authorization.list_removable_roles(
            context, context.actor.id, resource
        )
        given = {
            m.person: m
            for m in context.memberships.list_members_among(
                resource.id, [p.id for p, _ in shown], context.at
            )
        }
        members = [
            MemberRow(
                person,
                held.role,
                given[person.id].until if held.is_direct else None,
                held.role in removable and person.id != context.actor.id,
                None if held.is_direct else _get_role_source(context, held),
                person.guest,
                is_foreign(context, person),
            )
            for person, held in shown
        ]
        room, skip = PAGE_SIZE - len(shown), max(0, start - len(everybody))
        pending = context.invitations.list_pending_invitations_page(
            resource.id, context.at, skip, room + 1
        )
        more = (
            self.page + 1
            if len(everybody) > start + PAGE_SIZE or len(pending) > room
            else None
        )
        waiting = build_invitation_views(pending[:room], context)
        may_grant = bool(
            authorization.list_assignable_roles(context, context.actor.id, resource)
        )
        return MemberList(resource, members, waiting, len(everybody), more, may_grant)


@dataclass(frozen=True, slots=True)
class ListInvitations(Query[InvitationList]):
    """What waits for me, or what I sent; with `what` or `who` only what fits."""

    is_allowed_from_outside: ClassVar[bool] = True

    sent: bool = False
    what: str | None = None
    who: Account | Address | None = None
    page: int = 0

    def answer(self, context: Context) -> InvitationList:
        """What waits for the asker; or, as `sent`, what they sent, or what waits on a resource for somebody."""
        found: Sequence[Invitation]
        if self.who is not None:
            person = get_or_register_person(context, self.who)[0].id
            found = [
                i
                for i in context.invitations.list_pending_invitations_on(
                    resolve_resource(context, self.what or "").id
                )
                if i.person == person
            ]
        elif self.sent:
            found = context.invitations.list_invitations_sent_by(
                context.actor.id, PAGE_SIZE + 1, self.page * PAGE_SIZE
            )
        else:
            found = list_pending_invitations(context)
        more = self.page + 1 if self.sent and len(found) > PAGE_SIZE else None
        shown = build_invitation_views(
            found[:PAGE_SIZE] if self.sent else found, context
        )
        fitting = [
            i
            for i in shown
            if self.what is None
            or self.who
            or any(_matches_name(r, self.what) for r in i.resources)
        ]
        return InvitationList(fitting, self.sent, more)


@dataclass(frozen=True, slots=True)
class ShowOverview(Query[Overview]):
    """What waits for me and what I hold."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> Overview:
        """What waits for the asker and what they hold."""
        mine = context.memberships.list_memberships_of(context.actor.id, context.at)
        holds = [
            (r, m.role)
            for m in mine
            if (r := context.resources.get_resource(m.resource)) and not r.gone
        ]
        return Overview(build_open_items(list_pending_items(context), context), holds)


@dataclass(frozen=True, slots=True)
class ShowInvitation(Query[InvitationView | None]):
    """One invitation that concerns the asker."""

    is_allowed_from_outside: ClassVar[bool] = True

    invitation: str

    def answer(self, context: Context) -> InvitationView | None:
        """An invitation to those whom it concerns: invited, inviter, or whoever may view the resource."""
        found = context.invitations.get_invitation(self.invitation)
        if found is None:
            return None
        shown = build_invitation_view(context.repositories, found, context)
        concerned = context.actor.id == found.inviter or may_answer(
            context, context.actor.id, found
        )
        return (
            shown
            if concerned
            or authorization.check(context, context.actor.id, "view", shown.resource)
            else None
        )


@dataclass(frozen=True, slots=True)
class ShowLinkedResource(Query[Resource]):
    """The resource that a channel hears of."""

    channel: str

    def answer(self, context: Context) -> Resource:
        """The one resource that the channel hears of and the asker may view."""
        return get_linked_resource(context, self.channel)


def _get_roles_to_show(
    context: Context, resource: Resource
) -> dict[str, EffectiveRole]:
    """Everybody who holds a role there, with the one that was given, or else the highest that follows from others."""
    found: dict[str, EffectiveRole] = {}
    for held in authorization.list_users_with(context, resource):
        if held.person not in found or held.is_direct:
            found[held.person] = held
    return found


def _list_page(
    context: Context,
    resource: Resource,
    everybody: Mapping[str, EffectiveRole],
    start: int,
) -> list[tuple[Person, EffectiveRole]]:
    """A page of them, by the table's order of roles and then by name; no more names are read than that takes."""
    shown: list[tuple[Person, EffectiveRole]] = []
    for role in context.roles[resource.kind].roles:
        alike = [held for held in everybody.values() if held.role == role.name]
        if start < len(alike) and len(shown) < PAGE_SIZE:
            people = context.people.get_people([held.person for held in alike])
            named = [(people[held.person], held) for held in alike]
            named.sort(
                key=lambda each: (
                    normalize_for_comparison(each[0].title or each[0].email or ""),
                    each[0].id,
                )
            )
            shown += named[start : start + PAGE_SIZE - len(shown)]
        start = max(0, start - len(alike))
    return shown


def _get_role_source(context: Context, held: EffectiveRole) -> Resource | None:
    found = context.resources.get_resource(held.path[0].resource)
    return authorization.redact_resource(context, found) if found else None


def _matches_name(resource: Resource, what: str) -> bool:
    return normalize_for_comparison(what) in (
        resource.id.casefold(),
        resource.slug,
        normalize_for_comparison(resource.title),
    )

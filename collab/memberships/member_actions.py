"""What the reader of a list of members may do with each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from collab import authorization
from collab.command import Query
from collab.context import Context
from collab.memberships.queries import ListMembers, MemberList, MemberRow
from collab.model import InvitationId, PersonId
from collab.role_model import ResourceType


@dataclass(frozen=True, slots=True)
class MemberListActions:
    """The invitations and people of a list that its reader may change.

    `assignable_roles` are the roles that the reader may assign on the resource.
    """

    invitation_ids: frozenset[InvitationId] = frozenset()
    person_ids: frozenset[PersonId] = frozenset()
    assignable_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MembersWithActions:
    """A page of members, and what its reader may do with them."""

    members: MemberList
    reader_id: PersonId
    actions: MemberListActions


@dataclass(frozen=True, slots=True)
class ListMembersWithActions(Query[MembersWithActions]):
    """A page of members with what the caller may do; `page` counts from 0."""

    is_allowed_from_outside: ClassVar[bool] = ListMembers.is_allowed_from_outside

    what: str
    page: int = 0

    def answer(self, context: Context) -> MembersWithActions:
        """Return the page; what it offers is decided again when it is used."""
        members = ListMembers(self.by, self.what, self.page).answer(context)
        actions = _list_actions(context, members)
        return MembersWithActions(members, context.actor.id, actions)


def _list_actions(context: Context, members: MemberList) -> MemberListActions:
    reader_id, resource = context.actor.id, members.resource
    assignable = authorization.list_assignable_roles(context, reader_id, resource)
    removable = authorization.list_removable_roles(context, reader_id, resource)
    resource_type = context.roles[resource.kind]
    invitation_ids = [
        each.invitation.id
        for each in members.pending
        if each.inviter.id == reader_id or each.invitation.role in assignable
    ]
    person_ids = [
        member.person.id
        for member in members.members
        if _may_change_role(resource_type, member, assignable, removable)
    ]
    return MemberListActions(
        frozenset(invitation_ids), frozenset(person_ids), assignable
    )


def _may_change_role(
    resource_type: ResourceType,
    member: MemberRow,
    assignable: Collection[str],
    removable: Collection[str],
) -> bool:
    """Return whether the member can be given another role here.

    An inherited role is changed where it was assigned. One that is derived only, such
    as a collaborator's, can be raised here.
    """
    if member.through:
        role = resource_type.find_role(member.role)
        rank = resource_type.get_rank(member.role)
        return bool(role and role.is_derived_only) and any(
            resource_type.get_rank(name) < rank for name in assignable
        )
    return member.role in removable and any(name != member.role for name in assignable)

"""The roles that the caller may give a member, and what a choice would cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collab import authorization, errors
from collab.command import Query
from collab.context import Context
from collab.event_handlers import append_follow_up_events
from collab.events import InvitationRevoked
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import (
    NO_IMPACT,
    PreviewRoleChange,
    RoleChangeImpact,
)
from collab.model import Person, PersonId, Resource, ResourceId


@dataclass(frozen=True, slots=True)
class RoleChoices:
    """The roles that a member may be given, highest first.

    `capabilities_by_role` describes each of them and the current role. `selected` is the chosen
    role, or empty; `impact` and `revoked_count` are what the choice would cause if
    nothing were kept.
    """

    person: Person
    resource: Resource
    current: str
    choices: Sequence[str]
    capabilities_by_role: Mapping[str, Sequence[str]]
    selected: str = ""
    impact: RoleChangeImpact = NO_IMPACT
    revoked_count: int = 0


@dataclass(frozen=True, slots=True)
class ListRoleChoices(Query[RoleChoices]):
    """Which roles may the caller give a member? `selected` is one to preview."""

    person_id: PersonId
    resource_id: ResourceId
    selected: str = ""

    def answer(self, context: Context) -> RoleChoices:
        """Return the choices; raises the rejection of ChangeRole if there are none.

        A selected role that is no choice is ignored.
        """
        person = context.people.get_person(self.person_id)
        resource = context.resources.get_resource(self.resource_id)
        if person is None or resource is None:
            raise errors.UnknownResource(self.resource_id)
        choices = self._list_choices(context, person, resource)
        current = _get_current_role(context, person, resource)
        selected = self.selected if self.selected in choices else ""
        return RoleChoices(
            person,
            resource,
            current,
            choices,
            _describe_roles(context, resource, [current, *choices]),
            selected,
            self._preview_impact(context, selected) if selected else NO_IMPACT,
            self._count_revoked(context, selected) if selected else 0,
        )

    def _list_choices(
        self, context: Context, person: Person, resource: Resource
    ) -> list[str]:
        """Return each role that ChangeRole accepts, if need be with roles kept inside."""
        choices: list[str] = []
        rejection: errors.Rejected = errors.NotAMember(person.id, resource.title)
        for role in context.roles[resource.kind].roles:
            try:
                self._build_command(role.name).decide(context)
            except errors.AlreadyHolds:
                continue
            except errors.NothingFollows as rejected:
                rejection = rejected
                if not self._preview_impact(context, role.name).keepable:
                    continue
            except errors.Rejected as rejected:
                rejection = rejected
                continue
            choices.append(role.name)
        if not choices:
            raise rejection
        return choices

    def _build_command(self, role: str) -> ChangeRole:
        return ChangeRole(self.by, self.person_id, role, self.resource_id)

    def _preview_impact(self, context: Context, role: str) -> RoleChangeImpact:
        query = PreviewRoleChange(self.by, self.person_id, role, self.resource_id)
        return query.answer(context)

    def _count_revoked(self, context: Context, role: str) -> int:
        """Return how many invitations the change would revoke if nothing were kept."""
        try:
            happened = self._build_command(role).decide(context)
        except errors.NothingFollows:
            return 0
        happened = append_follow_up_events(context, happened)
        return sum(isinstance(event, InvitationRevoked) for event in happened)


def _get_current_role(context: Context, person: Person, resource: Resource) -> str:
    """Return a member's role: the direct one, else the first inherited one."""
    roles = authorization.list_effective_roles(context, person.id, resource)
    return min(roles, key=lambda role: not role.is_direct).role


def _describe_roles(
    context: Context, resource: Resource, names: Sequence[str]
) -> dict[str, Sequence[str]]:
    capabilities_by_role: dict[str, Sequence[str]] = {}
    for name in names:
        role = context.roles[resource.kind].find_role(name)
        if role:
            capabilities_by_role[name] = role.capabilities_and_grants
    return capabilities_by_role

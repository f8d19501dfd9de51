"""Open questions with everything that words about them need: invitations, requests, successions, ends that are near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collab.context import Context
from collab.invitations.rules import PENDING
from collab.limits import EXPIRY_WARNINGS
from collab.model import (
    NOBODY,
    AccessRequest,
    Invitation,
    Membership,
    Person,
    Resource,
    Succession,
)
from collab.repositories import Repositories


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation with everything that words about it need; `can` is what its role lets one do."""

    invitation: Invitation
    resource: Resource
    resources: tuple[Resource, ...]
    person: Person
    team: Resource | None
    inviter: Person
    can: tuple[str, ...]
    answered_by: Person | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it."""
        return self.invitation.state == PENDING

    @property
    def invitee(self) -> Person | Resource:
        """Whom it is addressed to."""
        return self.team or self.person


@dataclass(frozen=True, slots=True)
class AccessRequestView:
    """An access request with everything that words about it need."""

    request: AccessRequest
    resource: Resource
    person: Person
    can: tuple[str, ...]
    answered_by: Person | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it."""
        return self.request.state == PENDING


@dataclass(frozen=True, slots=True)
class SuccessionView:
    """Somebody is to follow somebody: who, on what, and who of those that choose is for whom."""

    succession: Succession
    resource: Resource
    person: Person
    support: Sequence[tuple[Person, Person]]
    chosen: Person | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody follows yet."""
        return self.succession.state == PENDING


@dataclass(frozen=True, slots=True)
class ExpiringMembershipView:
    """A membership for a limited time as it is now; none when it is over, and without an end when it lasts."""

    resource: Resource
    person: Person
    membership: Membership | None

    @property
    def waits(self) -> bool:
        """Whether it will end by time."""
        return self.membership is not None and self.membership.until is not None

    def ends_soon(self, at: datetime) -> bool:
        """Whether the end is as near as it is when people are warned of it."""
        until = self.membership.until if self.membership else None
        return until is not None and until - at <= EXPIRY_WARNINGS[0]


OpenItem = InvitationView | AccessRequestView | SuccessionView | ExpiringMembershipView


def build_invitation_view(
    repositories: Repositories, invitation: Invitation, context: Context
) -> InvitationView:
    """An invitation with everything that words about it need."""
    resources = tuple(
        repositories.resources.get_resource(r) or Resource(r, "", "", "")
        for r in invitation.resources
    )
    person, inviter = (
        repositories.people.get_person(p) if p else None
        for p in (invitation.person, invitation.inviter)
    )
    team = (
        repositories.resources.get_resource(invitation.team)
        if invitation.team
        else None
    )
    answered_by = (
        repositories.people.get_person(invitation.answered_by)
        if invitation.answered_by
        else None
    )
    can = _list_abilities(context, resources[0], invitation.role)
    return InvitationView(
        invitation,
        resources[0],
        resources,
        person or NOBODY,
        team,
        inviter or NOBODY,
        can,
        answered_by,
    )


def build_invitation_views(
    found: Sequence[Invitation], context: Context
) -> list[InvitationView]:
    """The same of several; everybody and everything that they name is looked up in one go."""
    context.people.get_people(
        {
            person
            for i in found
            for person in (i.person, i.inviter, i.answered_by)
            if person
        }
    )
    context.resources.get_resources(
        {place for i in found for place in (*i.resources, i.team) if place}
    )
    return [
        build_invitation_view(context.repositories, invitation, context)
        for invitation in found
    ]


def build_request_view(
    repositories: Repositories, request: AccessRequest, context: Context
) -> AccessRequestView:
    """An access request with everything that words about it need."""
    resource = repositories.resources.get_resource(request.resource) or Resource(
        request.resource, "", "", ""
    )
    person = repositories.people.get_person(request.person) or NOBODY
    answered_by = (
        repositories.people.get_person(request.answered_by)
        if request.answered_by
        else None
    )
    return AccessRequestView(
        request,
        resource,
        person,
        _list_abilities(context, resource, request.role),
        answered_by,
    )


def build_succession_view(
    repositories: Repositories, succession: Succession
) -> SuccessionView:
    """A succession with everything that words about it need."""
    resource = repositories.resources.get_resource(succession.resource) or Resource(
        succession.resource, "", "", ""
    )
    support = [
        (
            repositories.people.get_person(e) or NOBODY,
            repositories.people.get_person(c) or NOBODY,
        )
        for e, c in sorted(succession.support.items())
    ]
    chosen = (
        repositories.people.get_person(succession.chosen) if succession.chosen else None
    )
    return SuccessionView(
        succession,
        resource,
        repositories.people.get_person(succession.person) or NOBODY,
        support,
        chosen,
    )


def build_membership_view(
    repositories: Repositories, resource: str, person: str, at: datetime
) -> ExpiringMembershipView:
    """A membership for a limited time with everything that words about it need."""
    found = repositories.resources.get_resource(resource) or Resource(
        resource, "", "", ""
    )
    return ExpiringMembershipView(
        found,
        repositories.people.get_person(person) or NOBODY,
        repositories.graph.get_memberships_by_resource(person, [resource], at).get(
            resource
        ),
    )


def get_open_item(context: Context, about: str) -> OpenItem | None:
    """The open question of that id; of a membership the resource and the person."""
    repositories = context.repositories
    place, _, person = about.partition(" ")
    if person:
        return build_membership_view(repositories, place, person, context.at)
    if invitation := repositories.invitations.get_invitation(about):
        return build_invitation_view(repositories, invitation, context)
    if request := repositories.access_requests.get_access_request(about):
        return build_request_view(repositories, request, context)
    succession = repositories.successions.get_succession(about)
    return build_succession_view(repositories, succession) if succession else None


def _list_abilities(context: Context, resource: Resource, role: str) -> tuple[str, ...]:
    kind = context.roles.get(resource.kind)
    known = kind.find_role(role) if kind else None
    return known.abilities if known else ()

"""Open questions with everything that words about them need: invitations, requests, successions, ends that are near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab.access_requests import AccessRequest
from collab.invitations.rules import PENDING, Invitation
from collab.limits import EXPIRY_WARNINGS
from collab.people import NOBODY, Person
from collab.resources import Resource
from collab.successions import Succession

if TYPE_CHECKING:
    from collab.context import Context, Repositories
    from collab.memberships.commands import Membership


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
    facts: Repositories, invitation: Invitation, case: Context
) -> InvitationView:
    """An invitation with everything that words about it need."""
    resources = tuple(
        facts.get_resource(r) or Resource(r, "", "", "") for r in invitation.resources
    )
    person, inviter = (
        facts.get_person(p) if p else None
        for p in (invitation.person, invitation.inviter)
    )
    team = facts.get_resource(invitation.team) if invitation.team else None
    answered_by = (
        facts.get_person(invitation.answered_by) if invitation.answered_by else None
    )
    can = _list_abilities(case, resources[0], invitation.role)
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
    found: Sequence[Invitation], case: Context
) -> list[InvitationView]:
    """The same of several; everybody and everything that they name is looked up in one go."""
    case.repositories.get_people(
        {
            person
            for i in found
            for person in (i.person, i.inviter, i.answered_by)
            if person
        }
    )
    case.repositories.get_resources(
        {place for i in found for place in (*i.resources, i.team) if place}
    )
    return [
        build_invitation_view(case.repositories, invitation, case)
        for invitation in found
    ]


def build_request_view(
    facts: Repositories, request: AccessRequest, case: Context
) -> AccessRequestView:
    """An access request with everything that words about it need."""
    resource = facts.get_resource(request.resource) or Resource(
        request.resource, "", "", ""
    )
    person = facts.get_person(request.person) or NOBODY
    answered_by = facts.get_person(request.answered_by) if request.answered_by else None
    return AccessRequestView(
        request,
        resource,
        person,
        _list_abilities(case, resource, request.role),
        answered_by,
    )


def build_succession_view(
    facts: Repositories, succession: Succession
) -> SuccessionView:
    """A succession with everything that words about it need."""
    resource = facts.get_resource(succession.resource) or Resource(
        succession.resource, "", "", ""
    )
    support = [
        (facts.get_person(e) or NOBODY, facts.get_person(c) or NOBODY)
        for e, c in sorted(succession.support.items())
    ]
    chosen = facts.get_person(succession.chosen) if succession.chosen else None
    return SuccessionView(
        succession,
        resource,
        facts.get_person(succession.person) or NOBODY,
        support,
        chosen,
    )


def build_membership_view(
    facts: Repositories, resource: str, person: str, at: datetime
) -> ExpiringMembershipView:
    """A membership for a limited time with everything that words about it need."""
    found = facts.get_resource(resource) or Resource(resource, "", "", "")
    return ExpiringMembershipView(
        found,
        facts.get_person(person) or NOBODY,
        facts.get_memberships_by_resource(person, [resource], at).get(resource),
    )


def get_open_item(case: Context, about: str) -> OpenItem | None:
    """The open question of that id; of a membership the resource and the person."""
    facts = case.repositories
    place, _, person = about.partition(" ")
    if person:
        return build_membership_view(facts, place, person, case.at)
    if invitation := facts.get_invitation(about):
        return build_invitation_view(facts, invitation, case)
    if request := facts.get_access_request(about):
        return build_request_view(facts, request, case)
    succession = facts.get_succession(about)
    return build_succession_view(facts, succession) if succession else None


def _list_abilities(case: Context, resource: Resource, role: str) -> tuple[str, ...]:
    kind = case.roles.get(resource.kind)
    known = kind.find_role(role) if kind else None
    return known.abilities if known else ()

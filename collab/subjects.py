"""Open questions with everything that words about them need: invitations, requests, successions, ends that are near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collab.offers import PENDING, Invitation
from collab.people import NOBODY, Person
from collab.policy import WARNINGS
from collab.requests import Request
from collab.resources import Resource
from collab.successions import Succession

if TYPE_CHECKING:
    from collab.case import Case, Facts
    from collab.membership import Membership


@dataclass(frozen=True, slots=True)
class OpenInvitation:
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
class OpenRequest:
    """An access request with everything that words about it need."""

    request: Request
    resource: Resource
    person: Person
    can: tuple[str, ...]
    answered_by: Person | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it."""
        return self.request.state == PENDING


@dataclass(frozen=True, slots=True)
class OpenSuccession:
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
class OpenTerm:
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
        return until is not None and until - at <= WARNINGS[0]


Subject = OpenInvitation | OpenRequest | OpenSuccession | OpenTerm


def open_invitation(facts: Facts, invitation: Invitation, case: Case) -> OpenInvitation:
    """An invitation with everything that words about it need."""
    resources = tuple(facts.resource(r) or Resource(r, "", "", "") for r in invitation.resources)
    person, inviter = (facts.person(p) if p else None for p in (invitation.person, invitation.inviter))
    team = facts.resource(invitation.team) if invitation.team else None
    answered_by = facts.person(invitation.answered_by) if invitation.answered_by else None
    can = _can(case, resources[0], invitation.role)
    return OpenInvitation(
        invitation, resources[0], resources, person or NOBODY, team, inviter or NOBODY, can, answered_by
    )


def open_invitations(found: Sequence[Invitation], case: Case) -> list[OpenInvitation]:
    """The same of several; everybody and everything that they name is looked up in one go."""
    case.facts.people({person for i in found for person in (i.person, i.inviter, i.answered_by) if person})
    case.facts.resources({place for i in found for place in (*i.resources, i.team) if place})
    return [open_invitation(case.facts, invitation, case) for invitation in found]


def open_request(facts: Facts, request: Request, case: Case) -> OpenRequest:
    """An access request with everything that words about it need."""
    resource = facts.resource(request.resource) or Resource(request.resource, "", "", "")
    person = facts.person(request.person) or NOBODY
    answered_by = facts.person(request.answered_by) if request.answered_by else None
    return OpenRequest(request, resource, person, _can(case, resource, request.role), answered_by)


def open_succession(facts: Facts, succession: Succession) -> OpenSuccession:
    """A succession with everything that words about it need."""
    resource = facts.resource(succession.resource) or Resource(succession.resource, "", "", "")
    support = [(facts.person(e) or NOBODY, facts.person(c) or NOBODY) for e, c in sorted(succession.support.items())]
    chosen = facts.person(succession.chosen) if succession.chosen else None
    return OpenSuccession(succession, resource, facts.person(succession.person) or NOBODY, support, chosen)


def open_term(facts: Facts, resource: str, person: str, at: datetime) -> OpenTerm:
    """A membership for a limited time with everything that words about it need."""
    found = facts.resource(resource) or Resource(resource, "", "", "")
    return OpenTerm(found, facts.person(person) or NOBODY, facts.held(person, [resource], at).get(resource))


def subject(case: Case, about: str) -> Subject | None:
    """The open question of that id; of a membership the resource and the person."""
    facts = case.facts
    place, _, person = about.partition(" ")
    if person:
        return open_term(facts, place, person, case.at)
    if invitation := facts.invitation(about):
        return open_invitation(facts, invitation, case)
    if request := facts.request(about):
        return open_request(facts, request, case)
    succession = facts.succession_by_id(about)
    return open_succession(facts, succession) if succession else None


def _can(case: Case, resource: Resource, role: str) -> tuple[str, ...]:
    kind = case.kinds.get(resource.kind)
    known = kind.role(role) if kind else None
    return known.abilities if known else ()

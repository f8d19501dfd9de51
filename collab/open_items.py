"""Views of open items, with everything that texts about them name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collab import authorization
from collab.context import Context
from collab.handovers.facts import HandoverFacts, build_handover_facts
from collab.invitations.rules import (
    ACCEPTED,
    EXPIRED,
    JOIN,
    PAY,
    PENDING,
    TAKE_BACK,
    has_asked_again,
)
from collab.limits import get_last_warned_end
from collab.model import (
    NOBODY,
    AccessRequest,
    AccessRequestId,
    Invitation,
    InvitationId,
    MailProgress,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
    Succession,
    SuccessionId,
)
from collab.repositories import Repositories


@dataclass(frozen=True, slots=True)
class RoleInside:
    """A role on everything of a type inside a resource, and how much there is now."""

    role: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation with what it names; `can` are the capabilities that its role gives.

    `is_renewed`: it expired, and the same person or team was invited again.
    `has_asked_again`: the invited person asked for it again, as `get_open_item` alone
    reads. `handover` is what a handover changes. The messages of an accepted one name what the invited
    person has now: `current_role` on `current_resources`; who pays may have no own role.
    Those of a pending one name the roles that follow from it: `roles_inside`. `mail` is
    what became of its mail, as lists for its sender say.
    """

    invitation: Invitation
    resource: Resource
    resources: tuple[Resource, ...]
    person: Person
    team: Resource | None
    inviter: Person
    can: tuple[str, ...]
    answered_by: Person | None = None
    is_renewed: bool = False
    has_asked_again: bool = False
    handover: HandoverFacts | None = None
    current_role: str = ""
    current_resources: tuple[Resource, ...] = ()
    roles_inside: Sequence[RoleInside] = ()
    mail: MailProgress | None = None

    @property
    def waits(self) -> bool:
        """Whether it has no answer."""
        return self.invitation.state == PENDING and not self.invitation.agreed

    @property
    def is_overtaken(self) -> bool:
        """Whether a request to take back was closed because it had become impossible."""
        invitation = self.invitation
        is_closed = invitation.purpose == TAKE_BACK and invitation.state == "revoked"
        return is_closed and invitation.answered_by != invitation.inviter

    @property
    def invitee(self) -> Person | Resource:
        """The person or the team that is invited."""
        return self.team or self.person


@dataclass(frozen=True, slots=True)
class AccessRequestView:
    """An access request with what it names; `can` are the capabilities that its role
    gives.
    """

    request: AccessRequest
    resource: Resource
    person: Person
    can: tuple[str, ...]
    answered_by: Person | None = None

    @property
    def waits(self) -> bool:
        """Whether it has no answer."""
        return self.request.state == PENDING


@dataclass(frozen=True, slots=True)
class SuccessionView:
    """A succession with what it names; `support` are pairs of an elector and their
    choice.
    """

    succession: Succession
    resource: Resource
    person: Person
    support: Sequence[tuple[Person, Person]]
    chosen: Person | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody is chosen yet."""
        return self.succession.state == PENDING


@dataclass(frozen=True, slots=True)
class ExpiringMembershipView:
    """The current state of a time-limited membership; None if it has ended.

    `others` are the resources on which the person has the same role until the same time.
    """

    resource: Resource
    person: Person
    membership: Membership | None
    others: tuple[Resource, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The resource and the others."""
        return (self.resource, *self.others)

    @property
    def waits(self) -> bool:
        """Whether it will end by time."""
        return self.membership is not None and self.membership.until is not None

    def ends_soon(self, at: datetime) -> bool:
        """Return whether people are warned of the end by then."""
        if self.membership is None or self.membership.until is None:
            return False
        return self.membership.until <= get_last_warned_end(at)


OpenItem = InvitationView | AccessRequestView | SuccessionView | ExpiringMembershipView


def build_invitation_view(
    repositories: Repositories, invitation: Invitation, context: Context
) -> InvitationView:
    """Return an invitation with what it names."""
    renewed_ids = _list_renewed_ids(repositories, [invitation])
    return _build_invitation_view(repositories, invitation, context, renewed_ids)


def build_invitation_views(
    invitations: Sequence[Invitation], context: Context
) -> list[InvitationView]:
    """Return invitations with what they name, read at once."""
    person_ids: set[PersonId] = set()
    resource_ids: set[ResourceId] = set()
    for invitation in invitations:
        ids = (invitation.person, invitation.inviter, invitation.answered_by)
        person_ids.update(filter(None, ids))
        resource_ids.update(filter(None, (*invitation.resources, invitation.team)))
    # The repositories remember within the transaction what is read here.
    context.people.get_people(person_ids)
    context.resources.get_resources(resource_ids)
    renewed_ids = _list_renewed_ids(context.repositories, invitations)
    return [
        _build_invitation_view(context.repositories, invitation, context, renewed_ids)
        for invitation in invitations
    ]


def _list_renewed_ids(
    repositories: Repositories, invitations: Sequence[Invitation]
) -> frozenset[InvitationId]:
    expired_ids = [each.id for each in invitations if each.state == EXPIRED]
    if not expired_ids:
        return frozenset()
    return repositories.invitations.list_renewed_ids(expired_ids)


def _build_invitation_view(
    repositories: Repositories,
    invitation: Invitation,
    context: Context,
    renewed_ids: frozenset[InvitationId],
) -> InvitationView:
    resources = tuple(_get_resource(repositories, r) for r in invitation.resources)
    team_id = invitation.team
    handover = build_handover_facts(context, invitation)
    return InvitationView(
        invitation=invitation,
        resource=resources[0],
        resources=resources,
        person=_find_person(repositories, invitation.person) or NOBODY,
        team=repositories.resources.get_resource(team_id) if team_id else None,
        inviter=_find_person(repositories, invitation.inviter) or NOBODY,
        can=_list_capabilities(
            context, resources[0], handover.role if handover else invitation.role
        ),
        answered_by=_find_person(repositories, invitation.answered_by),
        is_renewed=invitation.id in renewed_ids,
        handover=handover,
    )


def build_request_view(
    repositories: Repositories, request: AccessRequest, context: Context
) -> AccessRequestView:
    """Return an access request with what it names."""
    resource = _get_resource(repositories, request.resource)
    return AccessRequestView(
        request=request,
        resource=resource,
        person=_get_person(repositories, request.person),
        can=_list_capabilities(context, resource, request.role),
        answered_by=_find_person(repositories, request.answered_by),
    )


def build_succession_view(
    repositories: Repositories, succession: Succession
) -> SuccessionView:
    """Return a succession with what it names."""
    support = [
        (_get_person(repositories, elector), _get_person(repositories, chosen))
        for elector, chosen in sorted(succession.support.items())
    ]
    return SuccessionView(
        succession=succession,
        resource=_get_resource(repositories, succession.resource),
        person=_get_person(repositories, succession.person),
        support=support,
        chosen=_find_person(repositories, succession.chosen),
    )


def build_membership_view(
    repositories: Repositories,
    resource_id: ResourceId,
    person_id: PersonId,
    at: datetime,
) -> ExpiringMembershipView:
    """Return a person's membership on a resource with what it names."""
    memberships = repositories.graph.get_memberships_by_resource(
        person_id, [resource_id], at
    )
    return ExpiringMembershipView(
        resource=_get_resource(repositories, resource_id),
        person=_get_person(repositories, person_id),
        membership=memberships.get(resource_id),
    )


def get_open_item(context: Context, item_id: str) -> OpenItem | None:
    """Return the open item of an id; that of a membership is a resource's and a
    person's with a space between.
    """
    repositories = context.repositories
    resource_id, _, person_id = item_id.partition(" ")
    if person_id:
        return build_membership_view(
            repositories, ResourceId(resource_id), PersonId(person_id), context.at
        )
    if invitation := repositories.invitations.get_invitation(InvitationId(item_id)):
        view = build_invitation_view(repositories, invitation, context)
        if context.at >= invitation.expires:
            view = replace(view, has_asked_again=has_asked_again(context, invitation))
        if view.waits:
            return replace(view, roles_inside=_list_roles_inside(context, view))
        return _add_current_role(context, view)
    if request := repositories.access_requests.get_access_request(
        AccessRequestId(item_id)
    ):
        return build_request_view(repositories, request, context)
    succession = repositories.successions.get_succession(SuccessionId(item_id))
    return build_succession_view(repositories, succession) if succession else None


def _list_roles_inside(context: Context, view: InvitationView) -> list[RoleInside]:
    """Return the roles that follow from what is offered on what is inside now."""
    resource, role = view.resource, view.invitation.role
    if view.invitation.purpose != JOIN or not resource.kind:
        return []
    derived: dict[str, str] = {}
    for kind in context.roles:
        roles = context.roles.list_derived_roles(role, resource.kind, "holds", kind)
        if roles:
            derived[kind] = min(roles, key=context.roles[kind].get_rank)
    if not derived:
        return []
    kinds = [each.kind for each in context.resources.list_descendants(resource.id)]
    return [
        RoleInside(derived[kind], kind, kinds.count(kind))
        for kind in derived
        if kind in kinds
    ]


def _add_current_role(context: Context, view: InvitationView) -> InvitationView:
    """Return an accepted invitation with what the invited person has by now."""
    person_id = view.invitation.person
    if view.invitation.state != ACCEPTED or person_id is None:
        return view
    resources = [each for each in view.resources if each.kind and not each.gone]
    if view.invitation.purpose == PAY:
        visible = [
            resource
            for resource in resources
            if authorization.check(context, person_id, "view", resource)
        ]
        return replace(view, current_resources=tuple(visible))
    memberships = context.graph.get_memberships_by_resource(
        person_id, [each.id for each in resources], context.at
    )
    if not memberships:
        return view
    roles = [memberships[r.id].role if r.id in memberships else "" for r in resources]
    current_role = next(filter(None, roles))
    held = [
        resource
        for resource, role in zip(resources, roles, strict=True)
        if role == current_role
    ]
    return replace(view, current_role=current_role, current_resources=tuple(held))


def _get_resource(repositories: Repositories, resource_id: ResourceId) -> Resource:
    """Return a resource; one without names if it does not exist."""
    resource = repositories.resources.get_resource(resource_id)
    return resource or Resource(resource_id, "", "", "")


def _find_person(
    repositories: Repositories, person_id: PersonId | None
) -> Person | None:
    return repositories.people.get_person(person_id) if person_id else None


def _get_person(repositories: Repositories, person_id: PersonId) -> Person:
    """Return a person; nobody if they do not exist."""
    return repositories.people.get_person(person_id) or NOBODY


def _list_capabilities(
    context: Context, resource: Resource, role: str
) -> tuple[str, ...]:
    kind = context.roles.get(resource.kind)
    known_role = kind.find_role(role) if kind else None
    return known_role.capabilities_and_grants if known_role else ()

"""Rules for invitations: what may be offered, by whom, to whom, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TypedDict

from collab import authorization, errors
from collab.context import Context
from collab.events import InvitationAskedAgain, InvitationRevoked
from collab.limits import LONGEST_MEMBERSHIP, NOTE_LIMIT, SHORTEST_MEMBERSHIP
from collab.model import (
    Invitation,
    InvitationId,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
    Term,
)
from collab.text import clean_text
from collab.what_if import build_enabled_context, hypothetical_context

PENDING, ACCEPTED, EXPIRED = "pending", "accepted", "expired"
AGREED = "agreed"  # shown for a pending handover on a later day after the yes
JOIN, PAY, OWN = "join", "pay", "own"
HANDOVER, TAKE_BACK = "handover", "takeback"
OWNERSHIP_PURPOSES = frozenset({OWN, HANDOVER, TAKE_BACK})
BILLING_PURPOSES = frozenset({PAY, HANDOVER, TAKE_BACK})
NO_END = Term()
SMALLEST_DURATION = timedelta(microseconds=1)


class InvitationFields(TypedDict):
    """The fields that every event about an existing invitation has."""

    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    also: tuple[ResourceId, ...]


def get_event_fields(invitation: Invitation) -> InvitationFields:
    """Return the fields of an invitation that every event about it has."""
    return {
        "invitation": invitation.id,
        "resource": invitation.resource,
        "person": invitation.person,
        "inviter": invitation.inviter,
        "also": invitation.also,
    }


def build_revoked_event(invitation: Invitation, why: str) -> InvitationRevoked:
    """Return the revocation of a pending invitation."""
    return InvitationRevoked(
        **get_event_fields(invitation), role=invitation.role, why=why
    )


def may_offer(context: Context, person_id: PersonId, invitation: Invitation) -> bool:
    """Return whether a person may make the offer of an invitation, on each of its
    resources (INV-04).

    To join: they may assign the role. To pay: they may transfer the billing. To own:
    they may transfer the ownership. To hand over: both, of what it is about.
    """
    may_offer_resource = OFFER_RULES[invitation.purpose]
    return all(
        may_offer_resource(context, person_id, resource, invitation)
        for resource in list_resources_of_invitation(context, invitation)
    )


def revoke_invitations_losing_authorization(
    context: Context,
    person_id: PersonId,
    lost: Iterable[ResourceId],
    added: Iterable[Membership] = (),
) -> list[InvitationRevoked]:
    """Revoke the pending invitations that a person may not make without some
    memberships (INV-09).

    `lost` are the ids of the resources on which their memberships end, `added` the
    memberships that start at the same time.
    """
    later = hypothetical_context(
        context,
        ended_memberships=[(person_id, resource_id) for resource_id in lost],
        added_memberships=added,
    )
    return revoke_unauthorized(
        later, context.invitations.list_pending_invitations_by(person_id)
    )


def revoke_unauthorized(
    later: Context, pending: Iterable[Invitation]
) -> list[InvitationRevoked]:
    """Revoke each invitation whose inviter may not make it in the hypothetical context
    `later` (INV-09).
    """
    return [
        build_revoked_event(invitation, "right_lost")
        for invitation in pending
        if not may_offer(later, invitation.inviter, invitation)
    ]


def list_team_approvers(
    context: Context, team_id: ResourceId | None
) -> tuple[PersonId, ...]:
    """Return the ids of the members who may answer for a team: those who may edit it
    (RES-05).
    """
    team = context.graph.get_resource(team_id) if team_id else None
    if team is None:
        return ()
    return tuple(
        member.person
        for member in context.memberships.list_members(team.id, context.at)
        if authorization.check(context, member.person, "edit", team)
    )


def get_reminder_time_zone(context: Context, invitation: Invitation) -> str:
    """Return the time zone for reminders: the invited person's, or that of the first
    recipient in a team.
    """
    recipients = (invitation.person,) if invitation.person else invitation.asked
    return get_time_zone_of_first(context, recipients)


def get_time_zone_of_first(context: Context, person_ids: tuple[PersonId, ...]) -> str:
    """Return the time zone of the first of some people; UTC if there is none."""
    person = context.people.get_person(person_ids[0]) if person_ids else None
    return person.tz if person else "UTC"


def check_role_not_held(
    context: Context, resource: Resource, person: Person, role: str
) -> None:
    """Reject an offer of a role to a person who directly has it or a higher one
    (INV-05).
    """
    membership = find_membership_at_least(context, person.id, resource, role)
    if membership:
        raise errors.AlreadyHolds(person.id, membership.role, resource.title)


def find_membership_at_least(
    context: Context, person_id: PersonId, resource: Resource, role: str
) -> Membership | None:
    """Return a person's membership on a resource if its role is `role` or a higher one."""
    membership = authorization.direct_membership(context, person_id, resource)
    if membership is None:
        return None
    get_rank = context.roles[resource.kind].get_rank
    return membership if get_rank(membership.role) <= get_rank(role) else None


def check_invitation_pending(context: Context, invitation: Invitation) -> None:
    """Reject an invitation that cannot be answered: it is over, or was agreed on."""
    check_invitation_open(context, invitation)
    if invitation.agreed:
        other_id = invitation.person if invitation.person != context.actor.id else None
        raise errors.AlreadyAnswered(invitation.id, AGREED, other_id)


def check_invitation_open(context: Context, invitation: Invitation) -> None:
    """Reject an invitation that is over, or whose expiry has passed though nothing
    recorded it yet.

    One that was agreed on is open until its day (HND-04).
    """
    if invitation.state != PENDING:
        raise errors.AlreadyAnswered(invitation.id, invitation.state)
    if context.at >= invitation.expires:
        raise errors.InvitationExpired(invitation.id, invitation.expires)


def has_asked_again(context: Context, invitation: Invitation) -> bool:
    """Return whether the invited person asked for an expired invitation again (INV-15)."""
    if invitation.person is None:
        return False
    recorded = context.events.list_events_about(
        invitation.person, [InvitationAskedAgain], invitation.expires
    )
    return any(
        isinstance(each.event, InvitationAskedAgain)
        and each.event.invitation == invitation.id
        for each in recorded
    )


def check_not_being_handed_over(context: Context, resource: Resource) -> None:
    """Reject a resource that an open handover is about (HND-05)."""
    handover = find_open_handover(context, resource)
    if handover:
        raise build_handover_open(context, handover, resource)


def find_open_handover(context: Context, resource: Resource) -> Invitation | None:
    """Return the open handover that includes a resource or its billing, if any."""
    for invitation in context.invitations.list_pending_invitations_on(resource.id):
        if invitation.purpose == HANDOVER and context.at < invitation.expires:
            return invitation
    return None


def build_handover_open(
    context: Context, handover: Invitation, resource: Resource
) -> errors.HandoverOpen:
    """Return the rejection that names an open handover; what is only paid for is in
    that of what contains it.
    """
    if not is_handed_over(context, handover, resource):
        resource = context.graph.get_resource(handover.resource) or resource
    return errors.HandoverOpen(
        resource.title,
        handover.person or PersonId(""),
        handover.agreed is not None,
        handover.inviter,
    )


def check_offer(
    context: Context,
    granter: PersonId,
    resource: Resource,
    role: str,
    term: Term = NO_END,
) -> None:
    """Reject a role or a term that a person may not offer (ROL-05); `granter` is their
    id.
    """
    kind = context.roles[resource.kind]
    known_role = kind.find_role(role)
    if known_role is None or known_role.is_derived_only:
        raise errors.UnknownRole(
            role, kind.name, tuple(r.name for r in kind.assignable_roles)
        )
    if role not in authorization.list_assignable_roles(context, granter, resource):
        raise build_assignment_rejection(context, resource, role, granter)
    _check_term(context, term)


def _check_term(context: Context, term: Term) -> None:
    if term.until:
        # The last day that was named may be today.
        duration, shortest = term.until - context.at, SMALLEST_DURATION
    elif term.lasts is not None:
        duration, shortest = term.lasts, SHORTEST_MEMBERSHIP
    else:
        return
    if not shortest <= duration <= LONGEST_MEMBERSHIP:
        raise errors.BadDuration(duration, SHORTEST_MEMBERSHIP, LONGEST_MEMBERSHIP)


def check_may_assign_roles(context: Context, resource: Resource, role: str) -> None:
    """Reject an actor who may assign no role at all, before anything else is checked
    (ROL-05).
    """
    if not authorization.list_assignable_roles(context, context.actor.id, resource):
        raise build_assignment_rejection(context, resource, role, context.actor.id)


def build_assignment_rejection(
    context: Context, resource: Resource, role: str, granter: PersonId
) -> errors.Rejected:
    """Return why a person may not assign a role: it is disabled, or their own roles do
    not allow it.
    """
    enabled, enabled_resource = build_enabled_context(context, resource)
    if authorization.is_disabled(
        context, resource
    ) and authorization.list_assignable_roles(enabled, granter, enabled_resource):
        slug = authorization.find_slug_to_enable(context, resource)
        return errors.IsDisabled(resource.title, slug)
    assignable = authorization.list_assignable_roles(context, granter, resource)
    return errors.MayNotGrant(role, resource.title, assignable)


def get_invitee(context: Context, person_id: PersonId | None) -> Person:
    """Return the invited person; raises UnknownInvitation if there is none."""
    person = context.people.get_person(person_id) if person_id else None
    if person is None:
        raise errors.UnknownInvitation
    return person


def validate_note(field: str, typed: str | None) -> str | None:
    """Return a note or reason without invisible characters and outer white space; None
    if empty.

    Raises TooLong, naming the field, above 500 characters.
    """
    note = clean_text(typed or "").strip()
    if len(note) > NOTE_LIMIT:
        raise errors.TooLong(field, len(note), NOTE_LIMIT)
    return note or None


def may_transfer_billing(
    context: Context, person_id: PersonId, resource: Resource
) -> bool:
    """Return whether a person may delete a resource and use its payment method, if it
    has one (BIL-03).

    Nobody may while it is disabled: it may be deleted then, but its payer stays (ROL-04).
    """
    method = context.graph.get_resource(resource.payer) if resource.payer else None
    if method and not authorization.check(context, person_id, "pay", method):
        return False
    if not authorization.check(context, person_id, "delete", resource):
        return False
    return not authorization.is_disabled(context, resource)


def may_transfer_ownership(
    context: Context, person_id: PersonId, resource: Resource, role: str
) -> bool:
    """Return whether a person owns a resource, directly or as an owner of its company
    (BIL-06, BIL-10).

    Of an app this is its admin, where it is inside nothing.
    """
    if resource.gone or authorization.is_disabled(context, resource):
        return False
    if resource.parent and context.roles[resource.kind].must_stay_controlled:
        return False
    membership = authorization.direct_membership(context, person_id, resource)
    if membership and membership.role == role:
        return True
    return authorization.holds_role_by_parent(context, person_id, resource, role)


def is_handed_over(
    context: Context, invitation: Invitation, resource: Resource
) -> bool:
    """Return whether a handover changes the ownership of one of its resources; of
    another one inside it only the billing (HND-01).
    """
    if resource.id == invitation.resource:
        return True
    first = context.graph.get_resource(invitation.resource)
    return first is not None and context.roles[first.kind].must_stay_controlled


def _may_assign_role(
    context: Context, person_id: PersonId, resource: Resource, invitation: Invitation
) -> bool:
    return invitation.role in authorization.list_assignable_roles(
        context, person_id, resource
    )


def _may_offer_billing(
    context: Context, person_id: PersonId, resource: Resource, _invitation: Invitation
) -> bool:
    return may_transfer_billing(context, person_id, resource)


def _may_offer_ownership(
    context: Context, person_id: PersonId, resource: Resource, invitation: Invitation
) -> bool:
    return may_transfer_ownership(context, person_id, resource, invitation.role)


def _may_hand_over(
    context: Context, person_id: PersonId, resource: Resource, invitation: Invitation
) -> bool:
    """Return whether a person may hand over one of the resources of a handover."""
    is_paid_for = resource.id in invitation.pays
    if is_paid_for and not may_transfer_billing(context, person_id, resource):
        return False
    if is_handed_over(context, invitation, resource):
        highest_role = context.roles[resource.kind].highest_role
        return may_transfer_ownership(context, person_id, resource, highest_role)
    containers = authorization.iterate_containers(context, resource)
    return any(each.id == invitation.resource for each in containers)


def _may_take_back(
    context: Context, person_id: PersonId, resource: Resource, invitation: Invitation
) -> bool:
    """Return whether a person is one of both sides; acceptance checks all the rest."""
    if person_id not in {invitation.inviter, invitation.person}:
        return False
    person = context.people.get_person(person_id)
    return person is not None and person.active and not resource.gone


OfferRule = Callable[[Context, PersonId, Resource, Invitation], bool]
# What the person who offers must be allowed to do, by the invitation's purpose.
OFFER_RULES: Mapping[str, OfferRule] = {
    JOIN: _may_assign_role,
    PAY: _may_offer_billing,
    OWN: _may_offer_ownership,
    HANDOVER: _may_hand_over,
    TAKE_BACK: _may_take_back,
}


def list_resources_of_invitation(
    context: Context, invitation: Invitation
) -> list[Resource]:
    """Return the resources of an invitation that exist."""
    resources = map(context.graph.get_resource, invitation.resources)
    return [resource for resource in resources if resource]

"""Doing a handover: at the yes, or on its day (HND-01, HND-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from collab import authorization, errors
from collab.billing.payment_method_choice import (
    PaymentMethodChoice,
    choose_payment_method,
)
from collab.billing.plans import check_seats_after_handover
from collab.context import Context
from collab.events import (
    Event,
    HandoverAgreed,
    HandoverDone,
    HandoverFailed,
    InvitationAccepted,
    InvitationRevoked,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    PayerChanged,
)
from collab.handovers.offers import is_owned_by
from collab.handovers.scope import (
    check_managed_here,
    list_code_losses,
    list_handed_over,
)
from collab.invitations.rules import (
    list_resources_of_invitation,
    may_offer,
    revoke_unauthorized,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.departures import build_departures_of_former_owner
from collab.memberships.holders import demote_holders
from collab.model import (
    Invitation,
    InvitationId,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.what_if import hypothetical_context


class _HandoverFields(TypedDict):
    """The fields that every event about a handover has."""

    invitation: InvitationId
    resource: ResourceId
    person: PersonId
    inviter: PersonId
    also: tuple[ResourceId, ...]


MembershipChange = MemberJoined | MemberRoleChanged | MemberLeft


def accept_handover(
    context: Context, invitation: Invitation, choice: PaymentMethodChoice
) -> list[Event]:
    """Do a handover for its invited person, who acts; one on a later day is only
    agreed on (HND-03).
    """
    created, method_id = _choose_method(context, invitation, choice)
    done = _complete(context, invitation, method_id)
    if invitation.starts and context.at < invitation.starts:
        agreed = HandoverAgreed(
            **_get_fields(invitation, context.actor),
            starts=invitation.starts,
            payer=method_id,
        )
        return [agreed, *created]
    accepted = InvitationAccepted(**_get_fields(invitation, context.actor))
    return [accepted, *created, *done]


def complete_due_handovers(context: Context, due: Sequence[Invitation]) -> list[Event]:
    """Do agreed handovers whose day has come, or say why they are not allowed."""
    return [event for each in due for event in _complete_due(context, each)]


def _complete_due(context: Context, invitation: Invitation) -> list[Event]:
    person = invitation.person and context.people.get_person(invitation.person)
    if not person:
        return []
    acting = replace(context, actor=person)
    fields = _get_fields(invitation, person)
    try:
        _check_still_allowed(acting, invitation)
        _, method_id = _choose_method(acting, invitation, invitation.payer)
        return _complete(acting, invitation, method_id)
    except errors.Rejected as rejected:
        title = str(getattr(rejected, "title", ""))
        return [HandoverFailed(**fields, why=rejected.name, title=title)]


def _check_still_allowed(context: Context, invitation: Invitation) -> None:
    """Reject a handover of which either side is gone, or what it is about."""
    resources = list_resources_of_invitation(context, invitation)
    if not context.actor.active:
        raise errors.InactiveActor
    if not resources or any(each.gone for each in resources):
        raise errors.InviterLostRight(invitation.inviter, "")
    check_enabled(context, resources)
    if not may_offer(context, invitation.inviter, invitation):
        raise errors.InviterLostRight(invitation.inviter, resources[0].title)


def check_enabled(context: Context, resources: Sequence[Resource]) -> None:
    """Reject resources of which one is disabled (INV-04, ROL-04)."""
    for resource in resources:
        if authorization.is_disabled(context, resource):
            slug = authorization.find_slug_to_enable(context, resource)
            raise errors.IsDisabled(resource.title, slug)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a handover changes: memberships, and payers, in their order."""

    memberships: Sequence[MembershipChange]
    payers: Sequence[PayerChanged]


def _complete(
    context: Context, invitation: Invitation, method_id: ResourceId | None
) -> list[Event]:
    """Return the handover and all that it changes (HND-01)."""
    handed_over = list_handed_over(context, invitation)
    if not invitation.role:
        paid = context.resources.get_resources(invitation.pays).values()
        check_managed_here(
            context, context.actor, invitation.inviter, handed_over, list(paid)
        )
    changes = _Changes(
        _list_membership_changes(context, invitation),
        _change_payers(context, invitation, method_id),
    )
    later = _build_later_context(context, changes)
    for resource in handed_over:
        check_seats_after_handover(
            context, resource, context.actor.id, invitation.inviter, invitation.role
        )
    done = HandoverDone(
        **_get_fields(invitation, context.actor),
        role=invitation.role,
        payer=method_id,
        before=tuple(
            dict.fromkeys(each.before for each in changes.payers if each.before)
        ),
        pays=invitation.pays,
        rotate=list_code_losses(context, later, invitation.inviter, handed_over),
        is_scheduled=invitation.agreed is not None,
    )
    revoked = _revoke_unauthorized(context, later, invitation, changes)
    return [done, *changes.memberships, *changes.payers, *revoked]


@dataclass(frozen=True, slots=True)
class DirectEffects:
    """What a handover means for its former owners.

    `other_owner_ids` are those of owners other than the inviter.
    """

    keys_to_rotate: Sequence[ResourceId]
    other_owner_ids: Sequence[PersonId]
    is_inviter_affected: bool


def list_direct_effects(context: Context, invitation: Invitation) -> DirectEffects:
    """Return what a handover would mean now; the invited person acts."""
    changes = _list_membership_changes(context, invitation)
    later = _build_later_context(context, _Changes(changes, ()))
    handed_over = list_handed_over(context, invitation)
    sides = {invitation.inviter, context.actor.id}
    affected_ids = dict.fromkeys(each.person for each in changes)
    return DirectEffects(
        list_code_losses(context, later, invitation.inviter, handed_over),
        [each for each in affected_ids if each not in sides],
        invitation.inviter in affected_ids,
    )


def _list_membership_changes(
    context: Context, invitation: Invitation
) -> list[MembershipChange]:
    return [
        change
        for resource in list_handed_over(context, invitation)
        for change in _change_memberships(context, invitation, resource)
    ]


def _change_memberships(
    context: Context, invitation: Invitation, resource: Resource
) -> list[MembershipChange]:
    """Return how the former owner, other holders of a single role, and the new owner
    change, in that order.
    """
    highest_role = context.roles[resource.kind].highest_role
    demoted = demote_holders(
        context,
        resource,
        highest_role,
        except_person_id=context.actor.id,
        invitation=invitation.id,
    )
    changes: list[MembershipChange] = [
        *_change_former_owner(context, invitation, resource),
        *(each for each in demoted if each.person != invitation.inviter),
    ]
    if not is_owned_by(context, resource, context.actor.id):
        changes.append(_raise_new_owner(context, invitation, resource, highest_role))
    return changes


def _change_former_owner(
    context: Context, invitation: Invitation, resource: Resource
) -> list[MembershipChange]:
    """Return how the inviter's own membership changes; a role that they have otherwise
    stays.
    """
    if not invitation.role:
        return [
            *build_departures_of_former_owner(
                context, resource, invitation.inviter, invitation.id
            )
        ]
    membership = authorization.direct_membership(context, invitation.inviter, resource)
    if (
        membership is None
        or membership.role != context.roles[resource.kind].highest_role
    ):
        return []
    change = MemberRoleChanged(
        resource=resource.id,
        person=invitation.inviter,
        role=invitation.role,
        until=membership.until,
        before=membership.role,
        before_until=membership.until,
        due=get_next_expiry_notice(membership.until, context.at),
        invitation=invitation.id,
    )
    return [change]


def _raise_new_owner(
    context: Context, invitation: Invitation, resource: Resource, role: str
) -> MemberJoined | MemberRoleChanged:
    membership = authorization.direct_membership(context, context.actor.id, resource)
    if membership is None:
        return MemberJoined(
            resource.id, context.actor.id, role, until=None, invitation=invitation.id
        )
    return MemberRoleChanged(
        resource=resource.id,
        person=context.actor.id,
        role=role,
        until=None,
        before=membership.role,
        before_until=membership.until,
        invitation=invitation.id,
    )


def _choose_method(
    context: Context, invitation: Invitation, choice: PaymentMethodChoice
) -> tuple[list[Event], ResourceId | None]:
    """Return the payment method of the new owner, and the events that create it; none
    where nothing is to be paid for.
    """
    if not invitation.pays:
        return [], None
    about = context.graph.get_resource(invitation.pays[0])
    if about is None:
        raise errors.InviterLostRight(invitation.inviter, "")
    return choose_payment_method(context, choice, about, invitation.id)


def _change_payers(
    context: Context, invitation: Invitation, method_id: ResourceId | None
) -> list[PayerChanged]:
    if method_id is None:
        return []
    paid = [
        each
        for each in list_resources_of_invitation(context, invitation)
        if each.id in invitation.pays and each.payer != method_id
    ]
    return [
        PayerChanged(each.id, method_id, each.payer, invitation.id) for each in paid
    ]


def _build_later_context(context: Context, changes: _Changes) -> Context:
    """Return the context as it will be after the handover."""
    ended = [(e.person, e.resource) for e in changes.memberships]
    added = [
        Membership(each.resource, each.person, each.role, context.at, each.until)
        for each in changes.memberships
        if not isinstance(each, MemberLeft)
    ]
    paid = context.resources.get_resources([each.resource for each in changes.payers])
    return hypothetical_context(
        context,
        resources=[
            replace(paid[each.resource], payer=each.payer) for each in changes.payers
        ],
        ended_memberships=ended,
        added_memberships=added,
    )


def _revoke_unauthorized(
    context: Context, later: Context, invitation: Invitation, changes: _Changes
) -> list[InvitationRevoked]:
    """Revoke the invitations that only the former roles or payers allowed (INV-09)."""
    senders = dict.fromkeys(
        [invitation.inviter, *(e.person for e in changes.memberships)]
    )
    pending = [
        each
        for person_id in senders
        for each in context.invitations.list_pending_invitations_by(person_id)
    ]
    for change in changes.payers:
        pending += context.invitations.list_pending_invitations_on(change.resource)
    others = {each.id: each for each in pending if each.id != invitation.id}
    return revoke_unauthorized(later, others.values())


def _get_fields(invitation: Invitation, person: Person) -> _HandoverFields:
    return {
        "invitation": invitation.id,
        "resource": invitation.resource,
        "person": person.id,
        "inviter": invitation.inviter,
        "also": invitation.also,
    }

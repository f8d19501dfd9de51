"""Transfers: billing and ownership change hands by an offer and its acceptance (BIL-03 to BIL-06, BIL-10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from collab import accessible_resources, authorization, errors
from collab.billing.payment_method_choice import (
    NewPaymentMethod,
    PaymentMethodChoice,
    choose_payment_method,
    create_payment_method,
)
from collab.command import Command, Query
from collab.context import Context
from collab.events import (
    BillingTransferred,
    Event,
    InvitationRevoked,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    OwnershipTransferred,
    PayerChanged,
)
from collab.invitations.offers import (
    Offer,
    check_may_invite_person,
    check_not_recently_declined,
    send_or_resend,
)
from collab.invitations.rules import (
    OWN,
    PAY,
    check_not_being_handed_over,
    check_role_not_held,
    may_transfer_billing,
    may_transfer_ownership,
    revoke_invitations_losing_authorization,
    revoke_unauthorized,
    validate_note,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.holders import build_demotion_event, demote_holders
from collab.model import (
    Account,
    Address,
    Invitation,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.people import get_or_register_person
from collab.resource_lookup import resolve_resources
from collab.what_if import build_enabled_context, hypothetical_context


@dataclass(frozen=True, slots=True)
class TransferBilling(Command):
    """Offer a person to pay for apps and databases.

    With `leaves`, the one who offers gives up their own roles there.
    """

    who: Account | Address | PersonId
    what: str | tuple[str, ...]
    note: str | None = None
    leaves: bool = False

    def decide(self, context: Context) -> list[Event]:
        """Offer the billing; needs control of it, or of the trial apps (BIL-03)."""
        resources = resolve_resources(context, self.what)
        _check_may_transfer_billing(context, resources)
        stays_as = context.roles[resources[0].kind].stays_as
        return _offer_transfer(
            context,
            self.who,
            resources,
            PAY,
            "" if self.leaves else stays_as or "",
            self.note,
        )


@dataclass(frozen=True, slots=True)
class BillingTransferImpact:
    """The resources, what pays for them, who would lose access, and the role kept."""

    resources: Sequence[Resource]
    methods: Sequence[Resource]
    losing: Sequence[tuple[Person, Sequence[Resource]]]
    stays_as: str


@dataclass(frozen=True, slots=True)
class PreviewBillingTransfer(Query[BillingTransferImpact]):
    """Show what a transfer of billing would change."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: tuple[str, ...]

    def answer(self, context: Context) -> BillingTransferImpact:
        """List who would lose what they may do only because they pay now (BIL-04)."""
        resources = resolve_resources(context, self.what)
        losing: dict[PersonId, list[Resource]] = {}
        _check_may_transfer_billing(context, resources)
        for resource in resources:
            unpaid = replace(resource, payer=None)
            for person in dict.fromkeys(
                h.person for h in authorization.list_users_with(context, resource)
            ):
                may = authorization.check(context, person, "edit", resource)
                if may and not authorization.check(
                    hypothetical_context(context, resources=[unpaid]),
                    person,
                    "edit",
                    unpaid,
                ):
                    losing.setdefault(person, []).append(resource)
        people = context.people.get_people(list(losing))
        methods = [
            m
            for place in dict.fromkeys(r.payer for r in resources if r.payer)
            if (m := context.graph.get_resource(place))
        ]
        stays_as = context.roles[resources[0].kind].stays_as
        return BillingTransferImpact(
            resources,
            methods,
            [(people[p], places) for p, places in losing.items()],
            stays_as or "",
        )


@dataclass(frozen=True, slots=True)
class TransferOwnership(Command):
    """Offer a person the ownership of a resource."""

    who: Account | Address | PersonId
    what: str
    note: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Offer the ownership; needs the highest role on the resource (BIL-06, BIL-10)."""
        resource = resolve_resources(context, self.what)[0]
        check_may_transfer_ownership(context, resource)
        check_not_being_handed_over(context, resource)
        if authorization.is_disabled(context, resource):
            raise errors.IsDisabled(
                resource.title, authorization.find_slug_to_enable(context, resource)
            )
        kind = context.roles[resource.kind]
        return _offer_transfer(
            context, self.who, [resource], OWN, kind.highest_role, self.note
        )


def check_may_transfer_ownership(context: Context, resource: Resource) -> None:
    """Reject a person who is not the owner, and a resource that is transferred only
    with its container (BIL-10). A disabled one counts as enabled.
    """
    kind = context.roles[resource.kind]
    if kind.stays_as is None:
        may_invite = kind.highest_role in authorization.list_assignable_roles(
            context, context.actor.id, resource
        )
        raise errors.NotHandedOver(
            resource.title,
            kind.name,
            kind.highest_role,
            resource.slug if may_invite else "",
        )
    parent = context.graph.get_resource(resource.parent) if resource.parent else None
    later, open_again = build_enabled_context(context, resource)
    if parent and kind.must_stay_controlled:
        if all(
            effective.role != kind.highest_role
            for effective in authorization.list_effective_roles(
                later, context.actor.id, open_again
            )
        ):
            raise errors.NotOwner(kind.highest_role, resource.title)
        hands_over = may_transfer_ownership(
            context, context.actor.id, parent, context.roles[parent.kind].highest_role
        )
        raise errors.StandsInSomething(
            resource.title,
            authorization.redact_resource(context, parent).title,
            hands_over,
        )
    if not may_transfer_ownership(
        later, context.actor.id, open_again, kind.highest_role
    ):
        supplied = parent is not None and authorization.is_role_supplied_by_parent(
            context, resource, kind.highest_role
        )
        raise errors.NotOwner(
            kind.highest_role,
            resource.title,
            parent.kind if parent and supplied else "",
        )


def accept_billing(
    context: Context,
    invitation: Invitation,
    found: Sequence[Resource],
    choice: PaymentMethodChoice,
) -> list[Event]:
    """Return the events of accepted billing; developers keep their access (BIL-04)."""
    made, method = choose_payment_method(context, choice, found[0], invitation.id)
    before = tuple(dict.fromkeys(r.payer for r in found if r.payer))
    ids = (context.actor.id, invitation.inviter, invitation.id)
    transferred = BillingTransferred(
        found[0].id, tuple(r.id for r in found[1:]), *ids, method, before
    )
    changed = [
        PayerChanged(r.id, method, r.payer, invitation.id)
        for r in found
        if r.payer != method
    ]
    sides = [
        event
        for r in found
        for event in _change_role_of_inviter(context, invitation, r)
    ]
    return [
        *made,
        transferred,
        *changed,
        *sides,
        *_revoke_unauthorized_by_billing(context, invitation, found, method),
    ]


def _revoke_unauthorized_by_billing(
    context: Context,
    invitation: Invitation,
    found: Sequence[Resource],
    method: ResourceId,
) -> list[InvitationRevoked]:
    """Revoke invitations that only the old payer, or the role that the inviter gives
    up, authorized (INV-09).
    """
    person, stays_as = invitation.inviter, invitation.role
    later = hypothetical_context(
        context,
        resources=[replace(r, payer=method) for r in found],
        ended_memberships=[(person, r.id) for r in found],
        added_memberships=[
            Membership(r.id, person, stays_as, context.at, None) for r in found
        ]
        if stays_as
        else (),
    )
    waiting = [
        *context.invitations.list_pending_invitations_by(person),
        *(
            i
            for r in found
            for i in context.invitations.list_pending_invitations_on(r.id)
        ),
    ]
    return revoke_unauthorized(
        later, {i.id: i for i in waiting if i.id != invitation.id}.values()
    )


def accept_ownership(
    context: Context,
    invitation: Invitation,
    resource: Resource,
    choice: PaymentMethodChoice,
) -> list[Event]:
    """Return the events of accepted ownership; the inviter keeps the role that the role
    model names (BIL-06, BIL-10).
    """
    stays_as = context.roles[resource.kind].stays_as or invitation.role
    role, by = invitation.role, invitation.id
    check_role_not_held(context, resource, context.actor, role)
    now = authorization.direct_membership(context, context.actor.id, resource)
    taken: Event = MemberJoined(resource.id, context.actor.id, role, None, by)
    if now:
        taken = MemberRoleChanged(
            resource.id,
            context.actor.id,
            role,
            None,
            now.role,
            now.until,
            invitation=by,
        )
    demoted = _demote_inviter(context, invitation, resource)
    return [
        OwnershipTransferred(
            resource.id, context.actor.id, invitation.inviter, by, role, stays_as
        ),
        *demoted,
        taken,
        *(
            create_payment_method(context, choice, resource, invitation.id)[0]
            if isinstance(choice, NewPaymentMethod)
            else ()
        ),
        *_exclude_accepted(
            invitation,
            [
                lost
                for old in demoted
                for lost in _revoke_unauthorized_by_demotion(context, old)
            ],
        ),
    ]


def _demote_inviter(
    context: Context, invitation: Invitation, resource: Resource
) -> list[MemberRoleChanged]:
    """Demote the inviter, and others whose role has a limited number of holders.

    An inviter who owns the resource through its container keeps that role.
    """
    role, by = invitation.role, invitation.id
    demoted = demote_holders(
        context, resource, role, except_person_id=context.actor.id, invitation=by
    )
    old = authorization.direct_membership(context, invitation.inviter, resource)
    if old is None or old.role != role or any(e.person == old.person for e in demoted):
        return demoted
    return [*demoted, build_demotion_event(context, old, invitation=by)]


def _revoke_unauthorized_by_demotion(
    context: Context, demoted: MemberRoleChanged
) -> list[InvitationRevoked]:
    """Revoke pending invitations that only the former role of the demoted person authorized (INV-09)."""
    membership = Membership(
        demoted.resource, demoted.person, demoted.role, context.at, demoted.until
    )
    return revoke_invitations_losing_authorization(
        context, demoted.person, frozenset(), [membership]
    )


def _check_may_transfer_billing(
    context: Context, resources: Sequence[Resource]
) -> None:
    """Reject resources that cannot be paid for, or whose billing the actor lacks."""
    for resource in resources:
        later, open_again = build_enabled_context(context, resource)
        if not may_transfer_billing(later, context.actor.id, open_again):
            raise errors.NoBilling(resource.title)
        if not context.roles[resource.kind].is_paid:
            raise errors.NotPaidFor(resource.title, resource.kind)
        check_not_being_handed_over(context, resource)
        if authorization.is_disabled(context, resource):
            raise errors.IsDisabled(
                resource.title, authorization.find_slug_to_enable(context, resource)
            )


def _offer_transfer(
    context: Context,
    who: Account | Address | PersonId,
    resources: Sequence[Resource],
    purpose: str,
    role: str,
    note: str | None,
) -> list[Event]:
    """Offer a transfer; for billing, `role` is the one that the inviter keeps."""
    known = context.people.get_person(who) if isinstance(who, str) else None
    person, events = (known, []) if known else _register_recipient(context, who)
    if purpose == OWN and person.id == context.actor.id:
        raise errors.AlreadyHolds(person.id, role, resources[0].title)
    check_may_invite_person(context, person)
    for resource in resources:
        check_not_recently_declined(context, resource, person.id, purpose=purpose)
        if purpose == OWN:
            check_role_not_held(context, resource, person, role)
    return events + send_or_resend(
        context,
        Offer(
            tuple(resources),
            role,
            note=validate_note("note", note),
            person=person,
            tz=person.tz,
            purpose=purpose,
        ),
    )


def _register_recipient(
    context: Context, who: Account | Address | PersonId
) -> tuple[Person, list[Event]]:
    if isinstance(who, str):
        raise errors.NotAPerson(who, "unknown")
    return get_or_register_person(context, who)


def _change_role_of_inviter(
    context: Context, invitation: Invitation, resource: Resource
) -> Iterator[Event]:
    """Give the inviter the role that the offer names, or end their membership."""
    person, stays_as = invitation.inviter, invitation.role
    kind, now = (
        context.roles[resource.kind],
        authorization.direct_membership(context, person, resource),
    )
    if not stays_as:
        if now:
            rotate = accessible_resources.list_capability_losses(
                context, person, "code", frozenset({resource.id})
            )
            yield MemberLeft(resource.id, person, now.role, rotate=rotate)
        return
    if now is None:
        yield MemberJoined(resource.id, person, stays_as, None, invitation.id)
    elif kind.get_rank(now.role) < kind.get_rank(stays_as):
        before, due = (
            (now.role, now.until),
            get_next_expiry_notice(now.until, context.at),
        )
        yield MemberRoleChanged(
            resource.id,
            person,
            stays_as,
            now.until,
            *before,
            due=due,
            invitation=invitation.id,
        )


def _exclude_accepted(
    invitation: Invitation, ended: Sequence[InvitationRevoked]
) -> list[Event]:
    """Return each revocation once, without the invitation that was just accepted."""
    return [*{e.invitation: e for e in ended if e.invitation != invitation.id}.values()]

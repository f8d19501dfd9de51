"""What pays for a resource, and billing details; never card data (BIL-01)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from collab import accessible_resources, authorization, errors
from collab.card_numbers import holds_card_number
from collab.command import Command, Query
from collab.context import Context
from collab.events import BillingDetailed, Event, PayerChanged
from collab.limits import NOTE_LIMIT
from collab.model import BillingDetails, Resource, ResourceId
from collab.resource_lookup import resolve_with_capability
from collab.resource_rules import (
    check_controlled,
    check_payer_may_change,
    revoke_unauthorized_by_change,
)
from collab.text import clean_text, is_email_address

ADDRESS_LIMIT, REFERENCE_LIMIT, EMAIL_LIMIT = NOTE_LIMIT, 80, 254


NO_DETAILS = BillingDetails()


@dataclass(frozen=True, slots=True)
class SetPaymentMethod(Command):
    """Set who pays for an app or a database; None makes it a trial again."""

    what: str
    method: str | None

    def decide(self, context: Context) -> list[Event]:
        """Attach or detach: needs `delete` on the app and `pay` on the payment method (BIL-02)."""
        resource = resolve_with_capability(context, self.what, "delete")
        if not context.roles[resource.kind].is_paid:
            raise errors.NotPaidFor(resource.title, resource.kind)
        method = resolve_payment_method(context, self.method) if self.method else None
        before, now = resource.payer, method.id if method else None
        if before == now:
            return []
        paying_now = context.resources.get_resource(before) if before else None
        if paying_now and not authorization.check(
            context, context.actor.id, "pay", paying_now
        ):
            raise errors.NoBilling(resource.title)
        check_payer_may_change(context, resource)
        check_controlled(context, resource, replace(resource, payer=now))
        return [
            PayerChanged(resource.id, now, before),
            *revoke_unauthorized_by_change(context, replace(resource, payer=now)),
        ]


@dataclass(frozen=True, slots=True)
class ChangeBillingDetails(Command):
    """Change a payment method's billing address, e-mail and outside reference."""

    what: str
    details: BillingDetails

    def decide(self, context: Context) -> list[Event]:
        """Change the details; needs `edit` on the payment method (BIL-01)."""
        method = resolve_with_capability(context, self.what, "edit")
        if not context.roles[method.kind].is_payment_method:
            raise errors.DoesNotPay(method.title, method.kind)
        details, before = (
            validate_details(self.details),
            context.billing.get_billing_details(method.id),
        )
        return (
            []
            if details == before
            else [build_details_event(method.id, details, before)]
        )


@dataclass(frozen=True, slots=True)
class BillingView:
    """A payment method with its details, and whether the caller may edit it."""

    resource: Resource
    details: BillingDetails
    pays_for: tuple[Resource, ...]
    invoices: int
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ShowBilling(Query[BillingView]):
    """Show a payment method: its details and what it pays for."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str

    def answer(self, context: Context) -> BillingView:
        """Return the details; needs `invoices` on the payment method."""
        method = resolve_with_capability(context, self.what, "invoices")
        if not context.roles[method.kind].is_payment_method:
            raise errors.DoesNotPay(method.title, method.kind)
        pays_for = tuple(
            r
            for r in context.resources.list_resources_paid_by(method.id)
            if authorization.check(context, context.actor.id, "view", r)
        )
        may_edit = authorization.check(context, context.actor.id, "edit", method)
        return BillingView(
            method,
            context.billing.get_billing_details(method.id),
            pays_for,
            context.billing.count_invoices(method.id),
            may_edit,
        )


@dataclass(frozen=True, slots=True)
class ListPaymentMethods(Query[list[Resource]]):
    """List the payment methods with which the caller may pay."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> list[Resource]:
        """Return them by name, without those that are retired."""
        mine = [
            r
            for r in accessible_resources.list_visible_resources(
                context, context.actor.id
            )
            if context.roles[r.kind].is_payment_method and not r.retired
        ]
        return [
            method
            for method in mine
            if authorization.check(context, context.actor.id, "pay", method)
        ]


def resolve_payment_method(context: Context, typed: str) -> Resource:
    """Resolve a typed payment method; reject one with which the actor may not pay."""
    method = resolve_with_capability(context, typed, "pay")
    if not context.roles[method.kind].is_payment_method:
        raise errors.DoesNotPay(method.title, method.kind)
    if method.retired:
        raise errors.Retired(method.title)
    return method


def build_details_event(
    method: ResourceId, details: BillingDetails, before: BillingDetails = NO_DETAILS
) -> BillingDetailed:
    """Return the event that sets the details of a payment method."""
    was = (before.address, before.email, before.reference)
    return BillingDetailed(
        method, details.address, details.email, details.reference, *was
    )


def validate_details(details: BillingDetails) -> BillingDetails:
    """Return the details stripped; reject long texts, bad addresses and card numbers."""
    said = BillingDetails(
        *(
            (clean_text(value or "").strip() or None)
            for value in (details.address, details.email, details.reference)
        )
    )
    for what, value, limit in (
        ("address", said.address, ADDRESS_LIMIT),
        ("email", said.email, EMAIL_LIMIT),
        ("reference", said.reference, REFERENCE_LIMIT),
    ):
        if value and len(value) > limit:
            raise errors.TooLong(what, len(value), limit)
        if value and holds_card_number(value):
            raise errors.CardNumber
    if said.email and not is_email_address(said.email):
        raise errors.BadAddress(said.email, is_optional=True)
    return said

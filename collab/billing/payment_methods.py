"""Billing: what pays for what, and what a payment method says of itself; never card data (BIL-01)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.card_numbers import holds_card_number
from collab.events import BillingDetailed, Event, PayerChanged
from collab.limits import NOTE_LIMIT
from collab.resources import (
    Resource,
    check_controlled,
    check_payer_may_change,
    resolve_with_capability,
    revoke_unauthorized_by_change,
)
from collab.text import clean_text, is_email_address

if TYPE_CHECKING:
    from collab.context import Context
    from collab.people import Caller

ADDRESS_LIMIT, REFERENCE_LIMIT, EMAIL_LIMIT = NOTE_LIMIT, 80, 254


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """What a payment method says of itself: where bills go, and by which reference another system knows it."""

    address: str | None = None
    email: str | None = None
    reference: str | None = None


NO_DETAILS = BillingDetails()


@dataclass(frozen=True, slots=True)
class SetPaymentMethod:
    """Let a payment method pay for an app or a database; without one, let it be a trial again."""

    by: Caller
    what: str
    method: str | None


@dataclass(frozen=True, slots=True)
class ChangeBillingDetails:
    """Say where a payment method's bills go, and by which reference another system knows it."""

    by: Caller
    what: str
    details: BillingDetails


@dataclass(frozen=True, slots=True)
class ShowBilling:
    """What a payment method says of itself, and what it pays for."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class BillingView:
    """A payment method for those who hold it or look after its books; `may_edit` when the asker may change it."""

    resource: Resource
    details: BillingDetails
    pays_for: tuple[Resource, ...]
    invoices: int
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ListPaymentMethods:
    """The payment methods that the asker may let pay."""

    by: Caller


def list_payment_methods(ask: ListPaymentMethods, case: Context) -> list[Resource]:  # noqa: ARG001 - every question has this form
    """By name; those that are retired pay for nothing more."""
    mine = [
        r
        for r in authorization.list_visible_resources(case, case.actor.id)
        if case.roles[r.kind].is_payment_method and not r.retired
    ]
    return [
        method
        for method in mine
        if authorization.check(case, case.actor.id, "pay", method)
    ]


def set_payment_method(act: SetPaymentMethod, case: Context) -> list[Event]:
    """Whoever may take care of the method's billing and may delete the app attaches or detaches it (BIL-02, RES-02)."""
    resource = resolve_with_capability(case, act.what, "delete")
    if not case.roles[resource.kind].is_paid:
        raise errors.NotPaidFor(resource.title, resource.kind)
    method = resolve_payment_method(case, act.method) if act.method else None
    before, now = resource.payer, method.id if method else None
    if before == now:
        return []
    paying_now = case.repositories.get_resource(before) if before else None
    if paying_now and not authorization.check(case, case.actor.id, "pay", paying_now):
        raise errors.NoBilling(resource.title)
    check_payer_may_change(case, resource)
    check_controlled(case, resource, payer=now)
    return [
        PayerChanged(resource.id, now, before),
        *revoke_unauthorized_by_change(case, replace(resource, payer=now)),
    ]


def resolve_payment_method(case: Context, typed: str) -> Resource:
    """The payment method that words mean, when the actor may let it pay."""
    method = resolve_with_capability(case, typed, "pay")
    if not case.roles[method.kind].is_payment_method:
        raise errors.DoesNotPay(method.title, method.kind)
    if method.retired:
        raise errors.Retired(method.title)
    return method


def change_billing_details(act: ChangeBillingDetails, case: Context) -> list[Event]:
    """Whoever may edit a payment method says where its bills go (BIL-01)."""
    method = resolve_with_capability(case, act.what, "edit")
    if not case.roles[method.kind].is_payment_method:
        raise errors.DoesNotPay(method.title, method.kind)
    details, before = (
        validate_details(act.details),
        case.repositories.get_billing_details(method.id),
    )
    return (
        [] if details == before else [build_details_event(method.id, details, before)]
    )


def build_details_event(
    method: str, details: BillingDetails, before: BillingDetails = NO_DETAILS
) -> BillingDetailed:
    """The fact that a payment method says this of itself."""
    was = (before.address, before.email, before.reference)
    return BillingDetailed(
        method, details.address, details.email, details.reference, *was
    )


def validate_details(details: BillingDetails) -> BillingDetails:
    """The details without outer white space; refused when too long, no address, or what looks like a card number."""
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
        raise errors.BadAddress(said.email)
    return said


def show_billing(ask: ShowBilling, case: Context) -> BillingView:
    """Whoever may read its invoices sees what a payment method says of itself."""
    method = resolve_with_capability(case, ask.what, "invoices")
    if not case.roles[method.kind].is_payment_method:
        raise errors.DoesNotPay(method.title, method.kind)
    pays_for = tuple(
        r
        for r in case.repositories.list_resources_paid_by(method.id)
        if authorization.check(case, case.actor.id, "view", r)
    )
    may_edit = authorization.check(case, case.actor.id, "edit", method)
    return BillingView(
        method,
        case.repositories.get_billing_details(method.id),
        pays_for,
        case.repositories.count_invoices(method.id),
        may_edit,
    )

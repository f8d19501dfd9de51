"""Billing: what pays for what, and what a payment method says of itself; never card data (BIL-01)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.card_numbers import holds_card_number
from collab.events import BillingDetailed, Event, PayerChanged
from collab.policy import NOTE_LIMIT
from collab.resources import Resource, able, check_controlled, check_payer_may_change, unupheld_by
from collab.text import clean, is_address

if TYPE_CHECKING:
    from collab.case import Case
    from collab.people import Caller

ADDRESS_LIMIT, REFERENCE_LIMIT, EMAIL_LIMIT = NOTE_LIMIT, 80, 254


@dataclass(frozen=True, slots=True)
class Details:
    """What a payment method says of itself: where bills go, and by which reference another system knows it."""

    address: str | None = None
    email: str | None = None
    reference: str | None = None


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Pay:
    """Let a payment method pay for an app or a database; without one, let it be a trial again."""

    by: Caller
    what: str
    method: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """Say where a payment method's bills go, and by which reference another system knows it."""

    by: Caller
    what: str
    details: Details


@dataclass(frozen=True, slots=True)
class ShowBilling:
    """What a payment method says of itself, and what it pays for."""

    by: Caller
    what: str


@dataclass(frozen=True, slots=True)
class Billing:
    """A payment method for those who hold it or look after its books; `may_edit` when the asker may change it."""

    resource: Resource
    details: Details
    pays_for: tuple[Resource, ...]
    invoices: int
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ListMethods:
    """The payment methods that the asker may let pay."""

    by: Caller


def list_methods(ask: ListMethods, case: Case) -> list[Resource]:  # noqa: ARG001 - every question has this form
    """By name; those that are retired pay for nothing more."""
    mine = [r for r in access.visible(case, case.actor.id) if case.kinds[r.kind].pays and not r.retired]
    return [method for method in mine if access.may(case, case.actor.id, "pay", method)]


def pay(act: Pay, case: Case) -> list[Event]:
    """Whoever may take care of the method's billing and may delete the app attaches or detaches it (BIL-02, RES-02)."""
    resource = able(case, act.what, "delete")
    if not case.kinds[resource.kind].is_paid:
        raise refusals.NotPaidFor(resource.title, resource.kind)
    method = paying(case, act.method) if act.method else None
    before, now = resource.payer, method.id if method else None
    if before == now:
        return []
    paying_now = case.facts.resource(before) if before else None
    if paying_now and not access.may(case, case.actor.id, "pay", paying_now):
        raise refusals.NoBilling(resource.title)
    check_payer_may_change(case, resource)
    check_controlled(case, resource, payer=now)
    return [PayerChanged(resource.id, now, before), *unupheld_by(case, replace(resource, payer=now))]


def paying(case: Case, typed: str) -> Resource:
    """The payment method that words mean, when the actor may let it pay."""
    method = able(case, typed, "pay")
    if not case.kinds[method.kind].pays:
        raise refusals.DoesNotPay(method.title, method.kind)
    if method.retired:
        raise refusals.Retired(method.title)
    return method


def detail(act: Detail, case: Case) -> list[Event]:
    """Whoever may edit a payment method says where its bills go (BIL-01)."""
    method = able(case, act.what, "edit")
    if not case.kinds[method.kind].pays:
        raise refusals.DoesNotPay(method.title, method.kind)
    details, before = checked(act.details), case.facts.details(method.id)
    return [] if details == before else [detailed(method.id, details, before)]


def detailed(method: str, details: Details, before: Details = NO_DETAILS) -> BillingDetailed:
    """The fact that a payment method says this of itself."""
    was = (before.address, before.email, before.reference)
    return BillingDetailed(method, details.address, details.email, details.reference, *was)


def checked(details: Details) -> Details:
    """The details without outer white space; refused when too long, no address, or what looks like a card number."""
    said = Details(
        *((clean(value or "").strip() or None) for value in (details.address, details.email, details.reference))
    )
    for what, value, limit in (
        ("address", said.address, ADDRESS_LIMIT),
        ("email", said.email, EMAIL_LIMIT),
        ("reference", said.reference, REFERENCE_LIMIT),
    ):
        if value and len(value) > limit:
            raise refusals.TooLong(what, len(value), limit)
        if value and holds_card_number(value):
            raise refusals.CardNumber
    if said.email and not is_address(said.email):
        raise refusals.BadAddress(said.email)
    return said


def show_billing(ask: ShowBilling, case: Case) -> Billing:
    """Whoever may read its invoices sees what a payment method says of itself."""
    method = able(case, ask.what, "invoices")
    if not case.kinds[method.kind].pays:
        raise refusals.DoesNotPay(method.title, method.kind)
    pays_for = tuple(r for r in case.facts.paid_by(method.id) if access.may(case, case.actor.id, "view", r))
    may_edit = access.may(case, case.actor.id, "edit", method)
    return Billing(method, case.facts.details(method.id), pays_for, case.facts.count_invoices(method.id), may_edit)

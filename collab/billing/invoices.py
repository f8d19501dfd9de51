"""Invoices: each payment method has its own, added by the operator (BIL-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from collab import errors
from collab.card_numbers import holds_card_number
from collab.command import Command, Query
from collab.context import Context
from collab.events import Event, InvoiceAdded
from collab.model import Invoice, InvoiceId, Resource
from collab.resource_lookup import resolve_with_capability
from collab.text import clean_text_line

PAGE_SIZE = 20
NUMBER_LIMIT = 40


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """An invoice to add; `method` is the payment method, by slug or id."""

    method: str
    number: str
    day: date
    amount: Decimal
    currency: str
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class AddInvoices(Command):
    """Add invoices to the archives of their payment methods: all, or none."""

    invoices: tuple[NewInvoice, ...]

    def decide(self, context: Context) -> list[Event]:
        """Reject anybody but the operator, and a number that an archive already has."""
        if not self.by.is_system:
            raise errors.MayNotManage
        seen: set[tuple[str, str]] = set()
        added: list[Event] = []
        for new in self.invoices:
            method = _get_payment_method(context, new.method)
            event = _build_added_event(context, method, new)
            if (method.id, event.number) in seen or context.billing.has_invoice(
                method.id, event.number
            ):
                raise errors.KnownInvoice(event.number, method.title)
            seen.add((method.id, event.number))
            added.append(event)
        return added


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """A page of invoices, the totals by year and currency, and the next page."""

    resource: Resource
    invoices: Sequence[Invoice]
    totals: Sequence[tuple[int, str, Decimal]]
    next_page: int | None


@dataclass(frozen=True, slots=True)
class ListInvoices(Query[InvoiceList]):
    """List the invoices of a payment method, newest first; `page` counts from 0."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: str
    page: int = 0

    def answer(self, context: Context) -> InvoiceList:
        """Return a page; needs the capability `invoices` on the payment method."""
        method = _resolve_readable_method(context, self.what)
        found = context.billing.list_invoices(
            method.id, PAGE_SIZE + 1, self.page * PAGE_SIZE
        )
        more = self.page + 1 if len(found) > PAGE_SIZE else None
        return InvoiceList(
            method,
            found[:PAGE_SIZE],
            context.billing.get_invoice_totals(method.id),
            more,
        )


@dataclass(frozen=True, slots=True)
class ShowInvoice(Query[Invoice]):
    """Show one invoice, for its file."""

    is_allowed_from_outside: ClassVar[bool] = True

    invoice: InvoiceId

    def answer(self, context: Context) -> Invoice:
        """Return the invoice; needs the same capability as the list."""
        found = context.billing.get_invoice(self.invoice)
        if found is None:
            raise errors.UnknownInvoice
        _resolve_readable_method(context, found.resource)
        return found


def _resolve_readable_method(context: Context, what: str) -> Resource:
    method = resolve_with_capability(context, what, "invoices")
    if not context.roles[method.kind].is_payment_method:
        raise errors.DoesNotPay(method.title, method.kind)
    return method


def _get_payment_method(context: Context, typed: str) -> Resource:
    """Return a payment method by slug or id, without checking who may view it."""
    found = context.resources.find_resource_by_id_or_slug(clean_text_line(typed))
    if found is None or found.gone:
        raise errors.UnknownResource(typed)
    if not context.roles[found.kind].is_payment_method:
        raise errors.DoesNotPay(found.title, found.kind)
    return found


def _build_added_event(
    context: Context, method: Resource, new: NewInvoice
) -> InvoiceAdded:
    number = clean_text_line(new.number)
    if not number or len(number) > NUMBER_LIMIT:
        raise errors.TooLong("number", len(number), NUMBER_LIMIT)
    if holds_card_number(number):
        raise errors.CardNumber
    return InvoiceAdded(
        resource=method.id,
        invoice=InvoiceId(context.new_id("V")),
        number=number,
        day=new.day.isoformat(),
        amount=str(new.amount),
        currency=new.currency,
        file=new.file,
        size=new.size,
    )

"""Invoices: each payment method has an archive of its own, filled by the operator (BIL-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from collab import errors
from collab.card_numbers import holds_card_number
from collab.events import Event, InvoiceAdded
from collab.people import Caller
from collab.resources import Resource, resolve_with_capability
from collab.text import clean_text_line

if TYPE_CHECKING:
    from collab.context import Context

PAGE_SIZE = 20
NUMBER_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice of a payment method; `file` is its content's hash, `size` in bytes."""

    id: str
    resource: str
    number: str
    day: date
    amount: Decimal
    currency: str
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """An invoice as the operator gives it: the payment method by its short name or id."""

    method: str
    number: str
    day: date
    amount: Decimal
    currency: str
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class AddInvoices:
    """Put invoices into their archives: all of them, or none."""

    by: Caller
    invoices: tuple[NewInvoice, ...]


@dataclass(frozen=True, slots=True)
class ListInvoices:
    """The invoices of a payment method, newest first; `page` counts from 0."""

    by: Caller
    what: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowInvoice:
    """One invoice, to hand out its file."""

    by: Caller
    invoice: str


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """A page of invoices, the totals of every year and currency, and where to go on."""

    resource: Resource
    invoices: Sequence[Invoice]
    totals: Sequence[tuple[int, str, Decimal]]
    next_page: int | None


def add_invoices(act: AddInvoices, case: Context) -> list[Event]:
    """The operator alone adds invoices; a number stands once in one archive."""
    if act.by.account:
        raise errors.MayNotManage
    seen: set[tuple[str, str]] = set()
    added: list[Event] = []
    for new in act.invoices:
        method = _get_payment_method(case, new.method)
        event = _build_added_event(case, method, new)
        if (method.id, event.number) in seen or case.repositories.has_invoice(
            method.id, event.number
        ):
            raise errors.KnownInvoice(event.number, method.title)
        seen.add((method.id, event.number))
        added.append(event)
    return added


def list_invoices(ask: ListInvoices, case: Context) -> InvoiceList:
    """Whoever has `invoices` on a payment method lists them."""
    method = _resolve_readable_method(case, ask.what)
    found = case.repositories.list_invoices(
        method.id, PAGE_SIZE + 1, ask.page * PAGE_SIZE
    )
    more = ask.page + 1 if len(found) > PAGE_SIZE else None
    return InvoiceList(
        method, found[:PAGE_SIZE], case.repositories.get_invoice_totals(method.id), more
    )


def show_invoice(ask: ShowInvoice, case: Context) -> Invoice:
    """Whoever may list an invoice may have its file."""
    found = case.repositories.get_invoice(ask.invoice)
    if found is None:
        raise errors.UnknownInvoice
    _resolve_readable_method(case, found.resource)
    return found


def _resolve_readable_method(case: Context, what: str) -> Resource:
    method = resolve_with_capability(case, what, "invoices")
    if not case.roles[method.kind].is_payment_method:
        raise errors.DoesNotPay(method.title, method.kind)
    return method


def _get_payment_method(case: Context, typed: str) -> Resource:
    """A payment method as the operator names it, who sees all."""
    found = case.repositories.find_resource_by_id_or_slug(clean_text_line(typed))
    if found is None or found.gone:
        raise errors.UnknownResource(typed)
    if not case.roles[found.kind].is_payment_method:
        raise errors.DoesNotPay(found.title, found.kind)
    return found


def _build_added_event(
    case: Context, method: Resource, new: NewInvoice
) -> InvoiceAdded:
    number = clean_text_line(new.number)
    if not number or len(number) > NUMBER_LIMIT:
        raise errors.TooLong("number", len(number), NUMBER_LIMIT)
    if holds_card_number(number):
        raise errors.CardNumber
    return InvoiceAdded(
        resource=method.id,
        invoice=case.new_id("V"),
        number=number,
        day=new.day.isoformat(),
        amount=str(new.amount),
        currency=new.currency,
        file=new.file,
        size=new.size,
    )

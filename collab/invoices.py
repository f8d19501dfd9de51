"""Invoices: each payment method has an archive of its own, filled by the operator (BIL-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from collab import refusals
from collab.card_numbers import holds_card_number
from collab.events import Event, InvoiceAdded
from collab.people import Caller
from collab.resources import Resource, able
from collab.text import clean_line

if TYPE_CHECKING:
    from collab.case import Case

PAGE = 20
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


def add_invoices(act: AddInvoices, case: Case) -> list[Event]:
    """The operator alone adds invoices; a number stands once in one archive."""
    if act.by.account:
        raise refusals.MayNotManage
    seen: set[tuple[str, str]] = set()
    added: list[Event] = []
    for new in act.invoices:
        method = _method(case, new.method)
        event = _added(case, method, new)
        if (method.id, event.number) in seen or case.facts.has_invoice(method.id, event.number):
            raise refusals.KnownInvoice(event.number, method.title)
        seen.add((method.id, event.number))
        added.append(event)
    return added


def list_invoices(ask: ListInvoices, case: Case) -> InvoiceList:
    """Whoever has `invoices` on a payment method lists them."""
    method = _readable(case, ask.what)
    found = case.facts.invoices(method.id, PAGE + 1, ask.page * PAGE)
    more = ask.page + 1 if len(found) > PAGE else None
    return InvoiceList(method, found[:PAGE], case.facts.invoice_totals(method.id), more)


def show_invoice(ask: ShowInvoice, case: Case) -> Invoice:
    """Whoever may list an invoice may have its file."""
    found = case.facts.invoice(ask.invoice)
    if found is None:
        raise refusals.UnknownInvoice
    _readable(case, found.resource)
    return found


def _readable(case: Case, what: str) -> Resource:
    method = able(case, what, "invoices")
    if not case.kinds[method.kind].pays:
        raise refusals.DoesNotPay(method.title, method.kind)
    return method


def _method(case: Case, typed: str) -> Resource:
    """A payment method as the operator names it, who sees all."""
    found = case.facts.resource_called(clean_line(typed))
    if found is None or found.gone:
        raise refusals.UnknownResource(typed)
    if not case.kinds[found.kind].pays:
        raise refusals.DoesNotPay(found.title, found.kind)
    return found


def _added(case: Case, method: Resource, new: NewInvoice) -> InvoiceAdded:
    number = clean_line(new.number)
    if not number or len(number) > NUMBER_LIMIT:
        raise refusals.TooLong("number", len(number), NUMBER_LIMIT)
    if holds_card_number(number):
        raise refusals.CardNumber
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

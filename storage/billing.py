"""What payment methods say of themselves, and their invoices, as stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, exists, func, select

from collab import events
from collab.billing import NO_DETAILS, Details
from collab.events import Recorded
from collab.invoices import Invoice
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import details, invoices

_I = invoices.c
_INVOICE = select(_I.id, _I.resource, _I.number, _I.day, _I.amount, _I.currency, _I.file, _I.size).where(
    in_workspace(invoices)
)
_BY_ID = _INVOICE.where(_I.id == given("id"))
_OF_METHOD = _INVOICE.where(_I.resource == given("resource"))
_PAGE = _OF_METHOD.order_by(_I.day.desc(), _I.id.desc()).limit(given("most")).offset(given("skip"))
_AMOUNTS = select(_I.day, _I.currency, _I.amount).where(in_workspace(invoices), _I.resource == given("resource"))
_COUNT = select(func.count()).where(in_workspace(invoices), _I.resource == given("resource"))
_HAS = select(exists().where(in_workspace(invoices), _I.resource == given("resource"), _I.number == given("number")))
_DETAILS = select(details.c.address, details.c.email, details.c.reference).where(
    in_workspace(details), details.c.resource == given("resource")
)


class BillingFacts(Reader):
    """Answers about payment methods and their invoices."""

    def details(self, resource: str) -> Details:
        """What a payment method says of itself."""
        row = self._row(_DETAILS, resource=resource)
        return Details(*row) if row else NO_DETAILS

    def invoice(self, invoice: str) -> Invoice | None:
        """An invoice by id."""
        row = self._row(_BY_ID, id=invoice)
        return _invoice(row) if row else None

    def invoices(self, resource: str, most: int, skip: int) -> Sequence[Invoice]:
        """The invoices of a payment method, newest first, after the newest few."""
        return [_invoice(row) for row in self._rows(_PAGE, resource=resource, most=most, skip=skip)]

    def invoice_totals(self, resource: str) -> Sequence[tuple[int, str, Decimal]]:
        """What the invoices of a payment method come to, by year and currency, the newest year first."""
        totals: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for row in self._rows(_AMOUNTS, resource=resource):
            totals[int(row.day[:4]), row.currency] += Decimal(row.amount)
        return [(year, currency, total) for (year, currency), total in sorted(totals.items(), key=_newest)]

    def count_invoices(self, resource: str) -> int:
        """How many invoices a payment method has."""
        counted: int = self._row(_COUNT, resource=resource)[0]
        return counted

    def has_invoice(self, resource: str, number: str) -> bool:
        """Whether a payment method has an invoice of that number."""
        return bool(self._row(_HAS, resource=resource, number=number)[0])


def _newest(total: tuple[tuple[int, str], Decimal]) -> tuple[int, str]:
    (year, currency), _ = total
    return -year, currency


def _invoice(row: Any) -> Invoice:
    day, amount = date.fromisoformat(row.day), Decimal(row.amount)
    return Invoice(row.id, row.resource, row.number, day, amount, row.currency, row.file, row.size)


_FORGET = delete(details).where(in_workspace(details), details.c.resource == given("of"))
_DETAIL = details.insert()
_ADD = invoices.insert()


def detailed(recorded: Recorded, event: events.BillingDetailed) -> Iterator[Write]:
    """A payment method says this of itself, in place of what it said."""
    yield _FORGET, {"w": recorded.workspace, "of": event.resource}
    row = {"address": event.address, "email": event.email, "reference": event.reference}
    yield _DETAIL, {"workspace": recorded.workspace, "resource": event.resource, **row}


def invoice_added(recorded: Recorded, event: events.InvoiceAdded) -> Iterator[Write]:
    """One more invoice stands in the archive."""
    told = {name: getattr(event, name) for name in ("resource", "number", "day", "amount", "currency", "file", "size")}
    yield _ADD, {"workspace": recorded.workspace, "id": event.invoice, **told}

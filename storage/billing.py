"""Billing details and invoices in the database: queries and projections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, exists, func, select

from collab import events
from collab.billing.payment_methods import NO_DETAILS
from collab.events import RecordedEvent
from collab.model import BillingDetails, Invoice, InvoiceId, ResourceId
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import billing_details, invoices

_COLUMNS = invoices.c
_SELECT_INVOICE = select(
    _COLUMNS.id,
    _COLUMNS.resource,
    _COLUMNS.number,
    _COLUMNS.day,
    _COLUMNS.amount,
    _COLUMNS.currency,
    _COLUMNS.file,
    _COLUMNS.size,
).where(of_workspace(invoices))
_INVOICE_BY_ID = _SELECT_INVOICE.where(_COLUMNS.id == param("id"))
_INVOICES_OF_METHOD = _SELECT_INVOICE.where(_COLUMNS.resource == param("resource"))
_INVOICE_PAGE = (
    _INVOICES_OF_METHOD.order_by(_COLUMNS.day.desc(), _COLUMNS.id.desc())
    .limit(param("most"))
    .offset(param("skip"))
)
_INVOICE_AMOUNTS = select(_COLUMNS.day, _COLUMNS.currency, _COLUMNS.amount).where(
    of_workspace(invoices), _COLUMNS.resource == param("resource")
)
_INVOICE_COUNT = select(func.count()).where(
    of_workspace(invoices), _COLUMNS.resource == param("resource")
)
_HAS_INVOICE_NUMBER = select(
    exists().where(
        of_workspace(invoices),
        _COLUMNS.resource == param("resource"),
        _COLUMNS.number == param("number"),
    )
)
_SELECT_DETAILS = select(
    billing_details.c.address, billing_details.c.email, billing_details.c.reference
).where(of_workspace(billing_details), billing_details.c.resource == param("resource"))


class BillingRepository(WorkspaceReader):
    """Reads billing details and invoices."""

    def get_billing_details(self, resource: ResourceId) -> BillingDetails:
        """Return the billing details of a payment method."""
        row = self._read_row(_SELECT_DETAILS, resource=resource)
        return BillingDetails(*row) if row else NO_DETAILS

    def get_invoice(self, invoice: InvoiceId) -> Invoice | None:
        """Return an invoice by id."""
        row = self._read_row(_INVOICE_BY_ID, id=invoice)
        return _invoice_from_row(row) if row else None

    def list_invoices(
        self, resource: ResourceId, most: int, skip: int
    ) -> Sequence[Invoice]:
        """Return invoices of a payment method, newest first, after `skip` of them."""
        return [
            _invoice_from_row(row)
            for row in self._read_rows(
                _INVOICE_PAGE, resource=resource, most=most, skip=skip
            )
        ]

    def get_invoice_totals(
        self, resource: ResourceId
    ) -> Sequence[tuple[int, str, Decimal]]:
        """Return the sums of a payment method's invoices by year and currency.

        The newest year comes first.
        """
        totals: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for row in self._read_rows(_INVOICE_AMOUNTS, resource=resource):
            totals[int(row.day[:4]), row.currency] += Decimal(row.amount)
        return [
            (year, currency, total)
            for (year, currency), total in sorted(
                totals.items(), key=_newest_year_first
            )
        ]

    def count_invoices(self, resource: ResourceId) -> int:
        """Return how many invoices a payment method has."""
        counted: int = self._read_row(_INVOICE_COUNT, resource=resource)[0]
        return counted

    def has_invoice(self, resource: ResourceId, number: str) -> bool:
        """Return whether a payment method has an invoice with a number."""
        return bool(
            self._read_row(_HAS_INVOICE_NUMBER, resource=resource, number=number)[0]
        )


def _newest_year_first(total: tuple[tuple[int, str], Decimal]) -> tuple[int, str]:
    (year, currency), _ = total
    return -year, currency


def _invoice_from_row(row: Any) -> Invoice:
    day, amount = date.fromisoformat(row.day), Decimal(row.amount)
    return Invoice(
        row.id, row.resource, row.number, day, amount, row.currency, row.file, row.size
    )


_DELETE_DETAILS = delete(billing_details).where(
    of_workspace(billing_details), billing_details.c.resource == param("of")
)
_INSERT_DETAILS = billing_details.insert()
_INSERT_INVOICE = invoices.insert()


def replace_billing_details(
    recorded: RecordedEvent, event: events.BillingDetailed
) -> Iterator[Write]:
    """Replace the billing details of a payment method."""
    yield _DELETE_DETAILS, {"w": recorded.workspace, "of": event.resource}
    row = {"address": event.address, "email": event.email, "reference": event.reference}
    yield (
        _INSERT_DETAILS,
        {"workspace": recorded.workspace, "resource": event.resource, **row},
    )


def insert_invoice(
    recorded: RecordedEvent, event: events.InvoiceAdded
) -> Iterator[Write]:
    """Insert an invoice."""
    values = {
        name: getattr(event, name)
        for name in ("resource", "number", "day", "amount", "currency", "file", "size")
    }
    yield (
        _INSERT_INVOICE,
        {"workspace": recorded.workspace, "id": event.invoice, **values},
    )

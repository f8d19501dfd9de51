"""Invoices as an operator adds them, which Slack users cannot do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from tests.gallery.scene_actions import SceneActions

PDF = b"%PDF-1.7\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class InvoiceCommands:
    """Build the commands that add invoices."""

    by: Caller
    file: str

    def add(
        self, method: str, number: str, amount: str, currency: str = "EUR"
    ) -> AddInvoices:
        """Return the command that adds one invoice."""
        new = NewInvoice(
            method,
            number,
            date(2026, 10, 31),
            Decimal(amount),
            currency,
            self.file,
            len(PDF),
        )
        return AddInvoices(self.by, (new,))


def invoice_commands(actions: SceneActions) -> InvoiceCommands:
    """Return the builder of the scene's workspace."""
    return InvoiceCommands(
        Caller(actions.harness.workspace, None, "cli"),
        actions.harness.app.files.save(PDF),
    )


def add_invoice(actions: SceneActions, method: str, number: str, amount: str) -> None:
    """Add an invoice, which notifies its readers."""
    actions.harness.app.bus.execute(
        invoice_commands(actions).add(method, number, amount),
        actions.playground.clock.now(),
    )
    actions.take_new_pictures()

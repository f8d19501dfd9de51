"""Invoices as an operator adds them, which Slack users cannot do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from tests.gallery.hands import Hands

PDF = b"%PDF-1.7\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Clerk:
    """Build the commands that add invoices."""

    by: Caller
    file: str

    def act(
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


def clerk(hands: Hands) -> Clerk:
    """Return a clerk of the scene's workspace."""
    return Clerk(
        Caller(hands.stage.workspace, None, "cli"), hands.stage.app.files.save(PDF)
    )


def invoices(hands: Hands, method: str, number: str, amount: str) -> None:
    """Add an invoice, which notifies its readers."""
    hands.stage.app.bus.execute(
        clerk(hands).act(method, number, amount), hands.playground.clock.now()
    )
    hands.looks()

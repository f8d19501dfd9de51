"""Invoices as an operator adds them: no road through Slack leads to these."""

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
    """Whoever runs the app, who has a payment method's invoices at hand."""

    by: Caller
    file: str

    def act(
        self, method: str, number: str, amount: str, currency: str = "EUR"
    ) -> AddInvoices:
        """The act that adds one invoice."""
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
    """Their clerk."""
    return Clerk(
        Caller(hands.stage.workspace, None, "cli"), hands.stage.app.files.save(PDF)
    )


def invoices(hands: Hands, method: str, number: str, amount: str) -> None:
    """An invoice is added, and those who read it hear of it."""
    hands.stage.app.bus.execute(
        clerk(hands).act(method, number, amount), hands.playground.clock.now()
    )
    hands.looks()

"""An invoice's PDF in the database arrives in Slack, without a folder on this machine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from tests.support.app_harness import run_app

PDF = b"%PDF-1.7\nOctober\n%%EOF\n"
pytestmark = pytest.mark.pooled


@pytest.mark.rule("BIL-07")
def test_a_pdf_in_the_database_is_sent(database_url: str, tmp_path: Path) -> None:
    with run_app(database_url, folder=tmp_path, files_folder=None) as harness:
        harness.run_command("ada", "/collab create payment Card")
        digest = harness.app.files.save(PDF)
        invoice = NewInvoice(
            "card",
            "2026-1",
            date(2026, 10, 31),
            Decimal("119.00"),
            "EUR",
            digest,
            len(PDF),
        )
        harness.app.bus.execute(
            AddInvoices(Caller(harness.workspace, None, "cli"), (invoice,)),
            harness.playground.clock.now(),
        )
        harness.run_command("ada", "/collab invoices card")

        invoices = harness.latest_message("ada", "general")
        harness.press_button("ada", invoices, "invoice")

        [file] = harness.latest_message("ada")["files"]
        assert harness.playground.get_user("ada").download_file(file) == PDF
        assert list(tmp_path.rglob("*.pdf")) == []

"""Billing changes hands in the playground's page, as a freelancer, a client and an accountant do it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness
from tests.support.tty import build_environment, run_as_program

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.7\nOctober\n%%EOF\n"


def fills(window: Window, fields: dict[str, str]) -> None:
    """Fill the open window's fields, by their labels."""
    for label, text in fields.items():
        window.modal.get_by_role("textbox", name=label).fill(text)


def offered(window: Window) -> None:
    """Devi builds the trial app Shop and offers Carl to pay for it; the page is left as Devi."""
    window.act_as("Devi", "#general")
    expect(window.asks("/collab create app Shop")).to_contain_text("trial")
    preview = window.asks("/collab transfer billing shop @carl")
    expect(preview).to_contain_text("Offer @Carl Mendes to pay for Shop?")
    expect(preview).to_contain_text("Until then it stays a trial")
    expect(preview).to_contain_text("You stay as developer")
    window.press("Transfer", preview)
    expect(preview).to_contain_text("You invited @Carl Mendes to pay for Shop")


def pays(window: Window) -> None:
    """Carl accepts with a new payment method, Office; the page is left as Carl."""
    window.act_as("Carl")
    asked = window.message("invites you to pay for Shop")
    expect(asked).to_contain_text("pays through the day of your answer (UTC)")
    window.press("Accept", asked)
    expect(window.modal).to_be_visible()
    fills(
        window, {"Name of a new payment method": "Office", "Billing e-mail": "nobody"}
    )
    window.modal.get_by_role("button", name="Accept", exact=True).click()
    expect(window.modal.get_by_role("alert")).to_contain_text("no e-mail address")
    fills(
        window,
        {
            "Billing e-mail": "bills@client.example",
            "Billing address": "1 Client Street",
            "Reference": "PO-7",
        },
    )
    window.modal.get_by_role("button", name="Accept", exact=True).click()
    expect(window.modal).to_contain_text("You pay for Shop from tomorrow (UTC) on")
    expect(window.modal).to_have_attribute("aria-busy", "false")
    window.modal.get_by_role("button", name="Close", exact=True).last.click()
    expect(asked).to_contain_text("You accepted this invitation")
    expect(window.live_buttons).to_have_count(0)


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-04")
@pytest.mark.rule("BIL-07")
def test_a_freelancer_transfers_billing_and_keeps_their_role(
    window: Window, harness: AppHarness, tmp_path: Path
) -> None:
    offered(window)
    pays(window)

    window.go("#general")
    expect(window.asks("/collab show shop")).to_contain_text("Office pays for it from")
    expect(window.asks("/collab billing office")).to_contain_text("1 Client Street")
    expect(window.asks("/collab invite @bo accountant office")).to_contain_text(
        "You invited @Bo Chen"
    )
    window.act_as("Bo")
    window.press("Accept", window.message("invites you to Office as accountant"))

    (tmp_path / "october.pdf").write_bytes(PDF)
    env = build_environment(
        DATABASE_URL=harness.app.database.masked_url,
        COLLAB_FILES=str(harness.app.files.folder),
    )
    words = (
        "--number",
        "2026-10",
        "--date",
        "2026-10-31",
        "--amount",
        "119.00",
        "--currency",
        "EUR",
    )
    added = run_as_program(
        tmp_path, env, "invoices", "add", "office", "october.pdf", *words
    )
    assert added.returncode == 0, added.stderr

    window.go("#general")
    listed = window.asks("/collab invoices office")
    expect(listed).to_contain_text("2026: 119.00 EUR")
    window.press("Send me the PDF", listed)
    window.message("The file of invoice 2026-10 is on its way")
    window.go("Collab")
    link = window.message("Invoice 2026-10, 2026-10-31: 119.00 EUR").get_by_role("link")
    with window.page.expect_download() as download:
        link.press("Enter")
    download.value.save_as(tmp_path / "got.pdf")
    assert (tmp_path / "got.pdf").read_bytes() == PDF

    window.act_as("Devi", "#general")
    expect(window.asks("/collab why @devi shop code")).to_contain_text(
        "You can deploy Shop"
    )
    expect(window.asks("/collab why @devi shop delete")).to_contain_text(
        "You cannot delete Shop"
    )
    expect(window.asks("/collab billing office")).to_contain_text(
        "I know nothing called “office”"
    )
    told = window.asks("/collab events shop")
    for fact in (
        "@Carl Mendes took over the billing",
        "invited @Carl Mendes to pay for it",
        "created Shop",
    ):
        expect(told).to_contain_text(fact)


@pytest.mark.rule("BIL-05")
def test_a_billing_offer_ends_when_the_payment_method_changes(window: Window) -> None:
    offered(window)
    window.asks("/collab create payment Purse")
    expect(window.asks("/collab pay shop purse")).to_contain_text(
        "Purse now pays for Shop"
    )
    window.act_as("Carl")
    window.message("no longer open, because something else pays by now")
    expect(window.live_buttons).to_have_count(0)


@pytest.mark.rule("BIL-10")
def test_the_ownership_of_a_project_is_transferred(window: Window) -> None:
    window.asks("/collab create project Website in acme")
    preview = window.asks("/collab transfer ownership website @carl")
    expect(preview).to_contain_text("You keep your access through the company")
    window.press("Transfer", preview)
    window.act_as("Carl")
    asked = window.message("invites you to own Website")
    window.press("Accept", asked)
    expect(asked).to_contain_text("You accepted this invitation")
    window.go("#general")
    expect(window.asks("/collab members website")).to_contain_text(
        re.compile("@Ada Lindqvist, owner, through Acme.*@Carl Mendes, owner")
    )

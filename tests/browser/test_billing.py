"""Billing is transferred in the page, by a freelancer, a client and an accountant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness
from tests.support.tty import build_environment, run_as_program

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.7\nOctober\n%%EOF\n"


def fill_fields(slack_page: PlaygroundPage, fields: dict[str, str]) -> None:
    """Fill the modal's fields, by their labels."""
    for label, text in fields.items():
        slack_page.modal.get_by_role("textbox", name=label).fill(text)


def offer_billing(slack_page: PlaygroundPage) -> None:
    """Create the trial app Shop as Devi and offer its billing to Carl."""
    slack_page.act_as("Devi", "#general")
    expect(slack_page.run_command("/collab create app Shop")).to_contain_text("trial")
    preview = slack_page.run_command("/collab transfer billing shop @carl")
    expect(preview).to_contain_text(
        "Invite @Carl Mendes to take over billing for Shop?"
    )
    expect(preview).to_contain_text("Until then it stays a trial")
    expect(preview).to_contain_text("You stay on as a developer")
    slack_page.press("Send invitation", preview)
    expect(preview).to_contain_text(
        "You invited @Carl Mendes to take over billing for Shop"
    )


def accept_billing(slack_page: PlaygroundPage) -> None:
    """Accept as Carl with the new payment method Office."""
    slack_page.act_as("Carl")
    invitation = slack_page.message("invited you to take over billing for Shop")
    expect(invitation).to_contain_text("from the day after you accept (UTC)")
    slack_page.press("Accept", invitation)
    expect(slack_page.modal).to_be_visible()
    fill_fields(
        slack_page,
        {"Name of a new payment method": "Office", "Billing email": "nobody"},
    )
    slack_page.modal.get_by_role("button", name="Accept", exact=True).click()
    expect(slack_page.modal.get_by_role("alert")).to_contain_text(
        "isn't a valid email address"
    )
    fill_fields(
        slack_page,
        {
            "Billing email": "bills@client.example",
            "Billing address": "1 Client Street",
            "Reference": "PO-7",
        },
    )
    slack_page.modal.get_by_role("button", name="Accept", exact=True).click()
    expect(slack_page.modal).to_contain_text("You'll pay for Shop from")
    expect(slack_page.modal).to_have_attribute("aria-busy", "false")
    slack_page.modal.get_by_role("button", name="Close", exact=True).last.click()
    expect(invitation).to_contain_text("You accepted this invitation")
    expect(slack_page.message_buttons).to_have_text(["Open Shop", "Members"])


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-04")
@pytest.mark.rule("BIL-07")
def test_a_freelancer_transfers_billing_and_keeps_their_role(
    slack_page: PlaygroundPage, harness: AppHarness, tmp_path: Path
) -> None:
    offer_billing(slack_page)
    accept_billing(slack_page)

    slack_page.go_to("#general")
    expect(slack_page.run_command("/collab show shop")).to_contain_text("Office, from")
    expect(slack_page.run_command("/collab billing office")).to_contain_text(
        "1 Client Street"
    )
    expect(
        slack_page.run_command("/collab invite @bo accountant office")
    ).to_contain_text("You invited @Bo Chen")
    slack_page.act_as("Bo")
    slack_page.press(
        "Accept", slack_page.message("invited you to Office as an accountant")
    )

    (tmp_path / "october.pdf").write_bytes(PDF)
    environment = build_environment(
        DATABASE_URL=harness.app.database.masked_url,
        COLLAB_FILES=str(harness.app.files.folder),
    )
    arguments = (
        "--number",
        "2026-10",
        "--date",
        "2026-10-31",
        "--amount",
        "119.00",
        "--currency",
        "EUR",
    )
    result = run_as_program(
        tmp_path, environment, "invoices", "add", "office", "october.pdf", *arguments
    )
    assert result.returncode == 0, result.stderr

    slack_page.go_to("#general")
    invoice_list = slack_page.run_command("/collab invoices office")
    expect(invoice_list).to_contain_text("2026: EUR 119.00")
    slack_page.press("Send me the PDF", invoice_list)
    slack_page.message("I'll send you invoice 2026-10")
    slack_page.go_to("Collab")
    link = slack_page.message(
        "Invoice 2026-10 · EUR 119.00 · issued Oct 31, 2026"
    ).get_by_role("link")
    with slack_page.page.expect_download() as download:
        link.press("Enter")
    download.value.save_as(tmp_path / "got.pdf")
    assert (tmp_path / "got.pdf").read_bytes() == PDF

    slack_page.act_as("Devi", "#general")
    expect(slack_page.run_command("/collab why @devi shop code")).to_contain_text(
        "You can deploy Shop"
    )
    expect(slack_page.run_command("/collab why @devi shop delete")).to_contain_text(
        "You can't delete Shop"
    )
    expect(slack_page.run_command("/collab billing office")).to_contain_text(
        "I can't find “office”"
    )
    log = slack_page.run_command("/collab events shop")
    for text in (
        "@Carl Mendes took over billing",
        "invited @Carl Mendes to take over billing",
        "created Shop",
    ):
        expect(log).to_contain_text(text)


@pytest.mark.rule("BIL-05")
def test_a_billing_offer_ends_when_the_payment_method_changes(
    slack_page: PlaygroundPage,
) -> None:
    offer_billing(slack_page)
    slack_page.run_command("/collab create payment Purse")
    expect(slack_page.run_command("/collab pay shop purse")).to_contain_text(
        "Purse now pays for Shop"
    )
    slack_page.act_as("Carl")
    slack_page.message("was withdrawn, because the payment method has changed")
    expect(slack_page.message_buttons).to_have_count(0)


@pytest.mark.rule("BIL-10")
def test_the_ownership_of_a_project_is_transferred(slack_page: PlaygroundPage) -> None:
    slack_page.run_command("/collab create project Website in acme")
    preview = slack_page.run_command("/collab transfer ownership website @carl")
    expect(preview).to_contain_text("You keep your access through the company")
    slack_page.press("Send invitation", preview)
    slack_page.act_as("Carl")
    invitation = slack_page.message("invited you to take over ownership of Website")
    slack_page.press("Accept", invitation)
    expect(invitation).to_contain_text("You accepted this invitation")
    slack_page.go_to("#general")
    expect(slack_page.run_command("/collab members website")).to_contain_text(
        re.compile(r"Owners.*@Ada Lindqvist · via Acme.*@Carl Mendes \(you\)")
    )

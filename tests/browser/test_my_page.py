"""My page in a browser: signing in, and an accountant who takes over billing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot import demo
from bot.delivery.email import SmtpMailer
from bot.playground import user_actions
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from tests.browser.test_invitation_page import NINA, check_page, outside
from tests.support.app_harness import AppHarness, run_app
from tests.support.mail_sink import MailSink, run_mail_sink

pytestmark = pytest.mark.browser
__all__ = ["outside"]

OTTO = "otto@books.example"
PDF = b"%PDF-1.4 an invoice %%EOF"
SMALLEST = ViewportSize(width=320, height=640)
INVITATION = re.compile(r"http://\S+/i/[A-Za-z0-9_-]+")
LINK = re.compile(r"http://\S+/me/enter/[A-Za-z0-9_.-]+")


@pytest.mark.rule("OUT-03")
def test_a_person_signs_in_by_a_mailed_link(harness: AppHarness, outside: Page) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    outside.goto(f"{harness.playground.url}/me")
    check_page(outside)
    outside.get_by_label("Your email address").fill(NINA)
    outside.get_by_role("button", name="Email me a link").click()
    expect(outside.get_by_role("heading")).to_have_text("Check your mailbox")
    check_page(outside)
    harness.drain_outbox()
    mail = harness.playground.mailboxes.list_mails(NINA)[-1]
    outside.goto(LINK.findall(mail.text)[0])
    check_page(outside)
    outside.get_by_role("button", name="Open my page").click()
    expect(outside.get_by_role("heading", name="Needs your answer")).to_be_visible()
    check_page(outside)
    outside.get_by_role("link", name="Open invitation").click()
    outside.get_by_role("button", name="Accept").click()
    outside.get_by_role("link", name="My page").click()
    outside.get_by_role("link", name="Acme", exact=True).click()
    expect(outside.get_by_text("People (2)")).to_be_visible()
    check_page(outside)
    outside.get_by_role("link", name="Leave Acme …").click()
    check_page(outside)
    outside.get_by_role("button", name="Leave").click()
    expect(outside.get_by_text("You can undo this for 10 minutes")).to_be_visible()
    outside.get_by_role("button", name="Undo").click()
    outside.get_by_role("button", name="Deutsch").click()
    expect(outside.get_by_text("Deine Zugänge (1)")).to_be_visible()
    check_page(outside)
    outside.get_by_role("button", name="Abmelden").click()
    expect(outside.get_by_role("textbox")).to_be_visible()


WORDS = {
    "en": {
        "open": "Open invitation",
        "method": "Name of a new payment method",
        "slug": "To accept, type “shop”, the short name of Shop",
        "accept": "Accept",
        "mine": "My page",
        "download": "Download 2026-11 (PDF)",
    },
    "de": {
        "open": "Einladung öffnen",
        "method": "Name einer neuen Zahlungsart",
        "slug": "Zum Annehmen „shop“ eingeben",
        "accept": "Annehmen",
        "mine": "Meine Seite",
        "download": "2026-11 herunterladen (PDF)",
    },
}


@pytest.fixture
def mailed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[AppHarness, MailSink]]:
    """Run the app with a real mail server in place of the playground's mailboxes."""
    with run_mail_sink() as (sink, server):
        monkeypatch.setattr(demo, "DemoMailer", lambda _boxes: SmtpMailer(server))
        with run_app(f"sqlite:///{tmp_path / 'collab.sqlite3'}") as harness:
            yield harness, sink


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-07")
@pytest.mark.parametrize("language", ["en", "de"])
def test_an_accountant_takes_over_billing_and_downloads_an_invoice(
    mailed: tuple[AppHarness, MailSink], browser: Browser, language: str
) -> None:
    harness, sink = mailed
    words = WORDS[language]
    context = browser.new_context(locale=language, viewport=SMALLEST)
    page = context.new_page()
    # The page is in the inviter's language, as the mail is.
    locale = {"en": "en-GB", "de": "de-DE"}[language]
    user_actions.change_account(harness.playground.state, "UADA", {"locale": locale})
    harness.run_command("ada", "/collab create app Shop in acme", "acme")
    harness.run_command("ada", f"/collab transfer billing shop {OTTO}")
    harness.press_button("ada", harness.latest_message("ada", "general"), "transfer")

    (mail,) = sink.mails
    assert mail["To"] == OTTO
    text = mail.get_body(("plain",))
    assert text is not None
    page.goto(INVITATION.findall(text.get_content())[0])
    page.get_by_label(words["method"]).fill("Otto Books")
    page.get_by_label(words["slug"]).fill("shop")
    page.get_by_role("button", name=words["accept"]).click()
    add_invoice(harness)

    page.get_by_role("link", name=words["mine"]).click()
    check_page(page)
    page.get_by_role("link", name="Otto Books").click()
    check_page(page)
    with page.expect_download() as started:
        page.get_by_role("link", name=words["download"]).click()

    assert Path(started.value.path()).read_bytes() == PDF
    assert started.value.suggested_filename == "2026-11.pdf"
    context.close()


def add_invoice(harness: AppHarness) -> None:
    """Add an invoice of the new payment method, as the operator does."""
    app, now = harness.app, harness.playground.clock.now()
    file = app.files.save(PDF)
    amount = Decimal("119.00")
    invoice = NewInvoice(
        "otto-books", "2026-11", now.date(), amount, "EUR", file, len(PDF)
    )
    caller = Caller(harness.workspace, None, "cli")
    app.bus.execute(AddInvoices(caller, (invoice,)), now)

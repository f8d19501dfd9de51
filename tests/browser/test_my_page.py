"""My page in a browser: signing in, and an accountant who takes over billing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_invitation_page import (
    NINA,
    check_page,
    outside,
)
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser
__all__ = ["outside"]

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
    expect(outside.get_by_text("Needs your answer")).to_be_visible()
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

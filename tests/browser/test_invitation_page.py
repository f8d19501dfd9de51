"""The page of an invitation in a browser: a stranger with only a mailbox accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bot.playground.tutorial import TUTORIAL_STEPS_WITH_HISTORY
from tests.browser.playground_page import PlaygroundPage
from tests.browser.test_accessibility import SCHEMES, SEVERE
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser

NINA = "nina@client.example"
SMALLEST = {"width": 320, "height": 640}
LINK = re.compile(r"http://\S+/i/[A-Za-z0-9_-]+")


@pytest.fixture
def outside(page: Page) -> Iterator[Page]:
    """Return the page as small as it gets, without scripts of ours to help it."""
    before = page.viewport_size
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    yield page
    page.goto("about:blank")
    if before:
        page.set_viewport_size(before)


def open_latest_link(harness: AppHarness, page: Page) -> None:
    """Open the link in the newest mail."""
    mail = harness.playground.mailboxes.list_mails(NINA)[-1]
    page.goto(LINK.findall(mail.text)[0])


def check_page(page: Page) -> None:
    """Check that a page fits and has no serious violation, light and dark."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    check_accessible(page)


def check_accessible(page: Page) -> None:
    """Check that a page has no serious violation, light and dark, besides its frames."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        result = Axe().run(page, options={"iframes": False}).response
        assert result["passes"]
        assert [v["id"] for v in result["violations"] if v["impact"] in SEVERE] == []


@pytest.mark.rule("OUT-03")
def test_a_stranger_accepts_in_two_clicks(harness: AppHarness, outside: Page) -> None:
    harness.run_command("ada", f'/collab invite {NINA} admin acme note "Welcome"')

    open_latest_link(harness, outside)
    expect(outside.get_by_role("heading")).to_contain_text("Ada invited you to Acme")
    check_page(outside)
    outside.get_by_role("button", name="Accept").click()

    expect(outside.get_by_text("You accepted this invitation")).to_be_visible()
    check_page(outside)


@pytest.mark.rule("INV-06")
def test_a_stranger_declines_with_a_reason(harness: AppHarness, outside: Page) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")

    open_latest_link(harness, outside)
    outside.get_by_text("Decline", exact=True).first.click()
    outside.get_by_label("Reason (optional)").fill("No time")
    check_page(outside)
    outside.get_by_role("button", name="Decline").click()

    expect(outside.get_by_text("You declined this invitation")).to_be_visible()
    harness.drain_outbox()
    assert "No time" in str(harness.latest_message("ada"))


@pytest.mark.rule("OUT-02")
def test_paying_is_typed(harness: AppHarness, outside: Page) -> None:
    harness.run_command("ada", "/collab create app Shop in acme", "acme")
    harness.run_command("ada", f"/collab transfer billing shop {NINA}")
    harness.press_button("ada", harness.latest_message("ada", "general"), "transfer")

    open_latest_link(harness, outside)
    check_page(outside)
    outside.get_by_label("Name of a new payment method").fill("Nina Ltd")
    outside.get_by_label("To accept, type “shop”, the short name of Shop").fill(
        "nothing"
    )
    outside.get_by_role("button", name="Accept").click()
    expect(outside.get_by_role("alert")).to_contain_text("the short name of Shop")
    check_page(outside)
    expect(outside.get_by_label("Name of a new payment method")).to_have_value(
        "Nina Ltd"
    )
    outside.get_by_label("To accept, type “shop”, the short name of Shop").fill("shop")
    outside.get_by_role("button", name="Accept").click()

    expect(outside.get_by_text("You accepted this invitation")).to_be_visible()


@pytest.mark.rule("OUT-03")
def test_nina_accepts_from_her_mailbox_in_the_playground(
    harness: AppHarness, slack_page: PlaygroundPage
) -> None:
    harness.playground.state.tutorial.steps = TUTORIAL_STEPS_WITH_HISTORY
    page = slack_page.page
    slack_page.open_as("Ada", "#acme")
    slack_page.run_command(f"/collab invite {NINA} admin acme")
    page.get_by_role("button", name="Mailbox of Nina, 1 new").click()
    mailbox = page.get_by_role("dialog", name="Nina's mailbox")
    expect(mailbox.get_by_role("heading", level=3)).to_contain_text("Ada invited you")
    check_accessible(page)
    mail = page.frame_locator(".mail-body")

    with page.expect_popup() as opened:
        mail.get_by_role("link", name="Open invitation").click()
    invitation = opened.value
    invitation.get_by_role("button", name="Accept").click()
    expect(invitation.get_by_text("You accepted this invitation")).to_be_visible()
    invitation.close()
    page.frame_locator("iframe.mail-body").first.get_by_text("Acme").first.click()
    page.keyboard.press("Escape")
    expect(mailbox).to_be_hidden()

    expect(
        page.get_by_role("button", name="Mailbox of Nina", exact=True)
    ).to_be_visible()
    done = [
        s["name"] for s in harness.playground.state.tutorial.list_steps() if s["done"]
    ]
    assert "mail" in done
    harness.drain_outbox()
    assert f"{NINA} accepted" in harness.latest_message("ada")["text"]
    # The test's own scripts are refused, as every script in a mail is.
    assert all("about:srcdoc" in error for error in slack_page.errors)
    slack_page.errors.clear()

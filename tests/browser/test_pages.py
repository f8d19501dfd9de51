"""Pages of resources and people are used by clicking alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def pixel_page(harness: AppHarness, slack_page: PlaygroundPage) -> PlaygroundPage:
    """Return the page with Ada's Pixel, an app in it, and Devi as its developer."""
    for line in ("create company Pixel", "create app Shop in pixel"):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    harness.run_command("ada", "/collab invite @devi developer shop", channel="acme")
    harness.press_button("devi", harness.latest_message("devi"), "accept")
    return slack_page


def test_an_app_is_renamed_on_its_page_which_then_has_the_new_name(
    pixel_page: PlaygroundPage,
) -> None:
    pixel_page.go_to("#general")
    answer = pixel_page.run_command("/collab show pixel")
    answer.get_by_role("button", name="Open Shop").click()
    expect(pixel_page.modal.get_by_role("heading", name="Shop")).to_be_visible()
    pixel_page.modal.get_by_role("button", name="Rename: Shop").click()
    pixel_page.modal.get_by_role("textbox", name="Name").fill("Boutique")
    pixel_page.modal.get_by_role("button", name="Rename", exact=True).click()
    expect(pixel_page.modal).to_contain_text("Boutique")
    pixel_page.modal.get_by_role("button", name="Close").last.click()
    expect(pixel_page.modal.get_by_role("heading", name="Boutique")).to_be_visible()


def test_a_person_is_found_among_the_members_and_removed_on_their_page(
    pixel_page: PlaygroundPage,
) -> None:
    pixel_page.go_to("#general")
    answer = pixel_page.run_command("/collab show shop")
    answer.get_by_role("button", name="Members: Shop").click()
    expect(pixel_page.modal).to_contain_text("2 people have access to Shop")
    pixel_page.choose_in_row("All their access", "@Devi Rao", pixel_page.modal)
    expect(pixel_page.modal).to_contain_text("Shop · App · developer")
    pixel_page.choose_in_row("Remove…", "Shop · App", pixel_page.modal)
    expect(pixel_page.modal).to_contain_text("Remove @Devi Rao from Shop?")
    pixel_page.modal.get_by_role("button", name="Remove this person").click()
    expect(pixel_page.modal).to_contain_text("You removed @Devi Rao from Shop.")
    pixel_page.modal.get_by_role("button", name="Close").last.click()
    expect(pixel_page.modal).to_contain_text("No access to anything that you can see.")

"""The Home tab in the page: its actions and updates, by mouse and keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def pixel_page(harness: AppHarness, slack_page: PlaygroundPage) -> PlaygroundPage:
    """Return the page with Ada's Pixel, two apps, and Carl's pending invitation."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
        'invite @carl admin pixel note "Welcome aboard"',
    ):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    return slack_page


def test_an_invitation_is_accepted_from_home_which_is_updated(
    pixel_page: PlaygroundPage,
) -> None:
    home = pixel_page.open_home("Carl")
    expect(home).to_contain_text("Accept your invitation")
    expect(home).to_contain_text("Welcome aboard")
    with pixel_page.at_most(1, "accept an invitation"):
        pixel_page.button("Accept", home).click()
        expect(pixel_page.modal).to_contain_text("You're now an admin of Pixel")
    pixel_page.submit_modal("Close")
    expect(home).to_contain_text("Pixel · Company · admin")
    expect(home).to_contain_text("• Shop · App · admin (via Pixel)")
    expect(pixel_page.button("Accept", home)).to_have_count(0)


def test_the_tabs_are_reached_by_keyboard(pixel_page: PlaygroundPage) -> None:
    pixel_page.act_as("Carl")
    expect(pixel_page.composer("Collab")).to_be_focused()  # who arrives can type
    pixel_page.page.get_by_role("tab", name="Messages").focus()
    pixel_page.page.keyboard.press("ArrowLeft")
    home = pixel_page.page.get_by_role("tabpanel", name="Home")
    expect(home).to_contain_text("Needs you")
    expect(pixel_page.page.get_by_role("tab", name="Home")).to_be_focused()
    pixel_page.page.keyboard.press("ArrowRight")
    expect(pixel_page.page.get_by_role("tab", name="Messages")).to_be_focused()
    pixel_page.message("invited you to Pixel as an admin")


def test_a_resource_at_home_is_opened_requested_and_left_on_its_page(
    pixel_page: PlaygroundPage,
) -> None:
    home = pixel_page.open_home("Carl")
    pixel_page.button("Accept", home).click()
    pixel_page.submit_modal("Close")
    pixel_page.open_page_of("Shop", home)
    expect(pixel_page.modal).to_contain_text("App · Pixel · shop")
    pixel_page.submit_modal("Close")
    with pixel_page.at_most(5, "request a role"):
        pixel_page.open_page_of("Pixel", home)
        pixel_page.act_on_page("Request access")
        pixel_page.pick_option("Role", "owner")
        pixel_page.modal.get_by_role("textbox", name="Note").fill("I sign for it")
        pixel_page.button("Request", pixel_page.modal).click()
    expect(pixel_page.modal).to_contain_text("who can approve it")
    pixel_page.submit_modal("Dismiss")

    pixel_page.open_page_of("Pixel", home)
    pixel_page.act_on_page("Leave")
    expect(pixel_page.modal).to_contain_text("admin of Pixel")
    pixel_page.button("Leave", pixel_page.modal).click()
    expect(pixel_page.modal).to_contain_text("You can undo this for 10 minutes")
    expect(home).not_to_contain_text("Pixel · Company")
    pixel_page.button("Undo", pixel_page.modal).click()
    expect(pixel_page.modal).to_contain_text("again")
    expect(home).to_contain_text("Pixel · Company · admin")


def test_a_sent_invitation_is_edited_and_revoked_at_home(
    pixel_page: PlaygroundPage,
) -> None:
    home = pixel_page.open_home("Ada")
    expect(home).to_contain_text(
        "@Carl Mendes to Pixel as an admin · Pending · expires"
    )
    pixel_page.choose_in_row("Edit", "@Carl Mendes to Pixel", home)
    pixel_page.pick_option("Ends", "30 days")
    pixel_page.submit_modal("Save")
    expect(home).to_contain_text("@Carl Mendes to Pixel as an admin for 30 days")
    pixel_page.choose_in_row("Withdraw…", "@Carl Mendes to Pixel", home)
    pixel_page.press("Withdraw", pixel_page.modal)
    expect(pixel_page.modal).to_contain_text("You withdrew the invitation")
    pixel_page.submit_modal("Close")
    expect(home).to_contain_text("Withdrawn by @Ada Lindqvist")


def test_a_button_keeps_the_focus_when_its_row_is_redrawn(
    pixel_page: PlaygroundPage, harness: AppHarness
) -> None:
    home = pixel_page.open_home("Ada")
    home.get_by_role("button", name="Open Pixel", exact=True).focus()
    harness.run_command("ada", "/collab rename pixel Pixels")
    expect(home).to_contain_text("Pixels · Company")
    pixel_page.page.keyboard.press("Enter")
    expect(pixel_page.modal).to_contain_text("Pixels")

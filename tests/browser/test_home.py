"""Home in the playground's page: answered from, left from, requested from, and changing by itself; by keyboard too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def pixel(harness: AppHarness, window: Window) -> Window:
    """Ada's company Pixel with two apps; Carl is asked to be an admin of it."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
        'invite @carl admin pixel note "Welcome aboard"',
    ):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    return window


def test_an_invitation_is_accepted_from_home_which_is_updated(pixel: Window) -> None:
    home = pixel.home_of("Carl")
    expect(home).to_contain_text("1 thing needs your answer")
    expect(home).to_contain_text("Welcome aboard")
    pixel.button("Accept", home).click()
    expect(pixel.modal).to_contain_text("You are now an admin of Pixel")
    pixel.sends("Close")
    expect(home).to_contain_text("Pixel (pixel), company: admin")
    expect(home).to_contain_text("• Shop (shop), app: admin, by another role")
    expect(pixel.button("Accept", home)).to_have_count(0)


def test_the_tabs_are_reached_by_keyboard(pixel: Window) -> None:
    pixel.act_as("Carl")
    pixel.page.get_by_role("tab", name="Messages").focus()
    pixel.page.keyboard.press("ArrowLeft")
    home = pixel.page.get_by_role("tabpanel", name="Home")
    expect(home).to_contain_text("Waiting for you")
    expect(pixel.page.get_by_role("tab", name="Home")).to_be_focused()
    pixel.page.keyboard.press("ArrowRight")
    expect(pixel.page.get_by_role("tab", name="Messages")).to_be_focused()
    pixel.message("invites you to Pixel as admin")


def test_a_resource_at_home_is_shown_requested_and_left_by_its_menu(
    pixel: Window,
) -> None:
    home = pixel.home_of("Carl")
    pixel.button("Accept", home).click()
    pixel.sends("Close")
    pixel.chooses("Show", "Shop (shop)", home)
    expect(pixel.modal).to_contain_text("Shop (shop) is an app in Pixel.")
    pixel.sends("Close")
    pixel.chooses("Members", "Pixel (pixel)", home)
    expect(pixel.modal).to_contain_text("@Ada Lindqvist, owner")
    pixel.sends("Close")
    pixel.chooses("Request more…", "Pixel (pixel)", home)
    pixel.modal.get_by_role("textbox", name="Note").fill("I sign for it")
    pixel.modal.get_by_role("button", name="Request", exact=True).click()
    expect(pixel.modal).to_contain_text("got a message")
    pixel.sends("Close")

    pixel.chooses("Leave…", "Pixel (pixel)", home)
    expect(pixel.modal).to_contain_text("admin of Pixel")
    pixel.modal.get_by_role("button").filter(has_text=re.compile("^Leave$")).click()
    expect(pixel.modal).to_contain_text("Undo takes it back for ten minutes")
    expect(home).not_to_contain_text("Pixel (pixel)")
    pixel.modal.get_by_role("button").filter(has_text=re.compile("^Undo$")).click()
    expect(pixel.modal).to_contain_text("again")
    expect(home).to_contain_text("Pixel (pixel), company: admin")


def test_a_sent_invitation_is_edited_and_revoked_at_home(pixel: Window) -> None:
    home = pixel.home_of("Ada")
    expect(home).to_contain_text("@Carl Mendes to Pixel as admin: waits for an answer")
    pixel.chooses("Edit", "@Carl Mendes to Pixel", home)
    pixel.modal.get_by_role("textbox", name="For how long").fill("30d")
    pixel.sends("Save")
    expect(home).to_contain_text("@Carl Mendes to Pixel as admin for 30 days")
    pixel.chooses("Revoke", "@Carl Mendes to Pixel", home)
    pixel.sends("Close")
    expect(home).to_contain_text("taken back by @Ada Lindqvist")


def test_a_menu_stays_open_when_its_row_is_redrawn(
    pixel: Window, harness: AppHarness
) -> None:
    home = pixel.home_of("Ada")
    row = home.locator(".block-section").filter(has_text="Pixel (pixel)").last
    row.get_by_role("button", name="More actions").click()
    harness.run_command("ada", "/collab rename pixel Pixels")
    expect(home).to_contain_text("Pixels (pixel)")
    pixel.page.get_by_role("menuitem", name="Members").click()
    expect(pixel.modal).to_contain_text("@Ada Lindqvist, owner")
    pixel.sends("Close")

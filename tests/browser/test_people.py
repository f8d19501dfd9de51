"""Members by clicking alone, from Home on: another role with what is kept, a removal taken back, and a leave."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def pixel(harness: AppHarness, window: Window) -> Window:
    """Ada's company Pixel with two apps, of which Carl is an admin."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    ):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    harness.run_command("ada", "/collab invite @carl admin pixel", channel="acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    return window


def button(window: Window, label: str) -> Locator:
    """The button with that label in the window on top."""
    return window.modal.get_by_role("button").filter(has_text=re.compile(f"^{label}$"))


@pytest.mark.rule("MEM-02")
def test_a_role_is_lowered_and_retained_memberships_are_chosen(pixel: Window) -> None:
    pixel.chooses("Members", "Pixel (pixel)", pixel.home_of("Ada"))
    pixel.chooses("Change role…", "@Carl Mendes, admin", pixel.modal)
    expect(pixel.modal).to_contain_text("@Carl Mendes is an admin of Pixel now")
    pixel.modal.get_by_role("combobox", name="New role").click()
    pixel.page.get_by_role("option", name="collaborator").click()
    expect(pixel.modal).to_contain_text("would lose 2 roles inside")
    pixel.modal.get_by_role("button", name="Save").click()
    expect(pixel.modal).to_contain_text(
        "holds nothing else that would make them a collaborator"
    )
    pixel.modal.get_by_role("combobox", name="What they keep").click()
    pixel.page.get_by_role("option", name="Shop").click()
    pixel.modal.get_by_role("button", name="Save").click()
    expect(pixel.modal).to_contain_text(
        "@Carl Mendes is now a collaborator of Pixel; before, an admin."
    )
    expect(pixel.modal).to_contain_text("They keep:")
    expect(pixel.modal).to_contain_text("Shop as admin")

    home = home_of_closed(pixel, "Carl")
    expect(home).to_contain_text("Shop (shop), app: admin")
    expect(home).not_to_contain_text("Blog (blog)")


def home_of_closed(window: Window, person: str) -> Locator:
    """Dismiss all open windows, then go to somebody's Home."""
    window.sends("Dismiss")
    return window.home_of(person)


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("MEM-11")
def test_a_member_is_removed_and_restored(pixel: Window) -> None:
    pixel.chooses("Members", "Pixel (pixel)", pixel.home_of("Ada"))
    pixel.chooses("Remove…", "@Carl Mendes, admin", pixel.modal)
    expect(pixel.modal).to_contain_text("Remove @Carl Mendes from Pixel?")
    button(pixel, "Remove").click()
    expect(pixel.modal).to_contain_text("Undo takes it back for ten minutes")
    button(pixel, "Undo").click()
    expect(pixel.modal).to_contain_text("is an admin of Pixel again")
    expect(home_of_closed(pixel, "Carl")).to_contain_text(
        "Pixel (pixel), company: admin"
    )


@pytest.mark.rule("MEM-04")
def test_a_member_leaves_from_the_list_of_members(pixel: Window) -> None:
    home = pixel.home_of("Carl")
    pixel.chooses("Members", "Pixel (pixel)", home)
    pixel.chooses("Leave…", "@Carl Mendes, admin", pixel.modal)
    expect(pixel.modal).to_contain_text("Pixel")
    button(pixel, "Leave").click()
    expect(pixel.modal).to_contain_text("Undo takes it back for ten minutes")
    pixel.sends("Close")
    expect(home).not_to_contain_text("Pixel (pixel)")

"""Members are changed, removed and restored by clicking alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def pixel_page(harness: AppHarness, slack_page: PlaygroundPage) -> PlaygroundPage:
    """Return the page with Ada's Pixel and two apps; Carl is its admin."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    ):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    harness.run_command("ada", "/collab invite @carl admin pixel", channel="acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    return slack_page


def modal_button(slack_page: PlaygroundPage, label: str) -> Locator:
    """Return the button with this label in the top modal."""
    return slack_page.modal.get_by_role("button").filter(
        has_text=re.compile(f"^{label}$")
    )


@pytest.mark.rule("MEM-02")
def test_a_role_is_lowered_and_retained_memberships_are_chosen(
    pixel_page: PlaygroundPage,
) -> None:
    home = pixel_page.open_home("Ada")
    with pixel_page.at_most(9, "lower a role"):
        pixel_page.open_page_of("Pixel", home)
        pixel_page.act_on_page("Members")
        pixel_page.choose_in_row("Change role…", "@Carl Mendes", pixel_page.modal)
        expect(pixel_page.modal).to_contain_text(
            "@Carl Mendes is an admin of Pixel now"
        )
        pixel_page.modal.get_by_role("combobox", name="New role").click()
        pixel_page.page.get_by_role("option", name="collaborator").click()
        expect(pixel_page.modal).to_contain_text("will lose 2 roles inside")
        pixel_page.modal.get_by_role("button", name="Save").click()
        expect(pixel_page.modal).to_contain_text(
            "has no other access that would make them a collaborator"
        )
        pixel_page.modal.get_by_role("combobox", name="Keeps access to").click()
        pixel_page.page.get_by_role("option", name="Shop").click()
    pixel_page.modal.get_by_role("button", name="Save").click()
    expect(pixel_page.modal).to_contain_text(
        "You changed the role of @Carl Mendes on Pixel from admin to collaborator."
    )
    expect(pixel_page.modal).to_contain_text("They keep:")
    expect(pixel_page.modal).to_contain_text("Shop as an admin")

    home = close_and_open_home(pixel_page, "Carl")
    expect(home).to_contain_text("Shop · App · admin")
    expect(home).not_to_contain_text("Blog · App")


def close_and_open_home(slack_page: PlaygroundPage, person: str) -> Locator:
    """Dismiss all modals, then open the user's Home tab."""
    slack_page.submit_modal("Dismiss")
    return slack_page.open_home(person)


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("MEM-11")
def test_a_member_is_removed_and_restored(pixel_page: PlaygroundPage) -> None:
    home = pixel_page.open_home("Ada")
    with pixel_page.at_most(5, "remove a member"):
        pixel_page.open_page_of("Pixel", home)
        pixel_page.act_on_page("Members")
        pixel_page.choose_in_row("Remove…", "@Carl Mendes", pixel_page.modal)
        expect(pixel_page.modal).to_contain_text("Remove @Carl Mendes from Pixel?")
        modal_button(pixel_page, "Remove").click()
    expect(pixel_page.modal).to_contain_text("You can undo this for 10 minutes")
    with pixel_page.at_most(1, "undo a removal"):
        modal_button(pixel_page, "Undo").click()
    expect(pixel_page.modal).to_contain_text("is an admin of Pixel again")
    expect(close_and_open_home(pixel_page, "Carl")).to_contain_text(
        "Pixel · Company · admin"
    )


@pytest.mark.rule("MEM-04")
def test_a_member_leaves_from_the_list_of_members(pixel_page: PlaygroundPage) -> None:
    home = pixel_page.open_home("Carl")
    pixel_page.open_page_of("Pixel", home)
    pixel_page.act_on_page("Members")
    pixel_page.choose_in_row("Leave…", "@Carl Mendes (you)", pixel_page.modal)
    expect(pixel_page.modal).to_contain_text("Pixel")
    modal_button(pixel_page, "Leave").click()
    expect(pixel_page.modal).to_contain_text("You can undo this for 10 minutes")
    pixel_page.submit_modal("Dismiss")
    expect(home).not_to_contain_text("Pixel · Company")

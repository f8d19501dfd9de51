"""By clicking alone, from Home: making, handing over, finding out why, renaming and deleting, sharing and assigning."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def agency(harness: AppHarness, window: Window) -> Window:
    """Ada's company Pixel with an app; Devi is in her team; a payment method pays."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create payment Card in pixel",
        "create team Crew",
        "invite @devi limited crew",
        "invite @carl admin pixel",
    ):
        harness.run_command("ada", f"/collab {line}")
    for who in ("devi", "carl"):
        harness.press_button(who, harness.latest_message(who), "accept")
    return window


def begins(window: Window, home: Locator, verb: str) -> None:
    """“Do something else…” and a choice."""
    window.button("Do something else…", home).click()
    window.picks("Choose what to do", verb)


def does(window: Window, label: str) -> None:
    """The button that sends the window in, or one that stands in it."""
    window.modal.get_by_role("button").filter(has_text=re.compile(f"^{label}$")).click()


def test_a_company_and_an_app_in_it_are_created(window: Window) -> None:
    home = window.home_of("Ada")
    window.button("Create", home).click()
    window.picks("Kind", "Company")
    window.modal.get_by_role("textbox", name="Name").fill("Pixel")
    does(window, "Create")
    expect(window.modal).to_contain_text("Pixel is there, and you are an owner of it")
    window.sends("Close")
    expect(home).to_contain_text("Pixel (pixel), company: owner")
    begins(window, home, "Create")
    window.picks("Kind", "App")
    window.modal.get_by_role("textbox", name="Name").fill("Shop")
    window.picks("In what", "Pixel", "pix")
    does(window, "Create")
    expect(window.modal).to_contain_text("Shop is there")
    window.sends("Close")
    expect(home).to_contain_text("Shop (shop), app")


def test_ownership_is_offered_and_accepted(agency: Window) -> None:
    home = agency.home_of("Ada")
    agency.chooses("Something else…", "Pixel (pixel)", home)
    agency.picks("Choose what to do", "Transfer")
    agency.picks("What changes hands", "Ownership")
    agency.picks("Person", "Carl Mendes")
    does(agency, "Continue")
    expect(agency.modal).to_contain_text("Carl Mendes")
    does(agency, "Transfer")
    expect(agency.modal).to_contain_text("You invited @Carl Mendes to own Pixel")
    agency.sends("Close")
    home = agency.home_of("Carl")
    agency.button("Accept", home).click()
    does(agency, "Accept")
    expect(agency.modal).to_contain_text("an owner of Pixel")
    agency.sends("Close")
    expect(home).to_contain_text("Pixel (pixel), company: owner")


def test_billing_is_offered_and_accepted_with_a_new_payment_method(
    agency: Window,
) -> None:
    home = agency.home_of("Devi")
    agency.button("Create", home).click()
    agency.picks("Kind", "App")
    agency.modal.get_by_role("textbox", name="Name").fill("Blog")
    does(agency, "Create")
    expect(agency.modal).to_contain_text("trial")
    agency.sends("Close")
    agency.chooses("Something else…", "Blog (blog)", home)
    agency.picks("Choose what to do", "Transfer")
    agency.picks("What changes hands", "Billing")
    agency.picks("Person", "Carl Mendes")
    does(agency, "Continue")
    expect(agency.modal).to_contain_text("Offer @Carl Mendes to pay for Blog?")
    does(agency, "Transfer")
    expect(agency.modal).to_contain_text("You invited @Carl Mendes to pay for Blog")
    agency.sends("Close")

    home = agency.home_of("Carl")
    agency.button("Accept", home).click()
    agency.modal.get_by_role("textbox", name="Name of a new payment method").fill(
        "Office"
    )
    does(agency, "Accept")
    expect(agency.modal).to_contain_text("You pay for Blog from tomorrow")
    agency.sends("Close")
    agency.chooses("Show", "Blog (blog)", home)
    expect(agency.modal).to_contain_text("Office pays for it")


def test_a_project_is_disabled_after_a_preview(
    agency: Window, harness: AppHarness
) -> None:
    harness.run_command("ada", "/collab create project Website in pixel")
    harness.run_command("ada", "/collab move shop to website")
    harness.press_button("ada", harness.latest_message("ada", "general"), "move")
    home = agency.home_of("Ada")
    agency.chooses("Something else…", "Website (website)", home)
    agency.picks("Choose what to do", "Disable")
    expect(agency.modal).to_contain_text("Disable the project Website?")
    expect(agency.modal).to_contain_text("app Shop")
    does(agency, "Disable")
    expect(agency.modal).to_contain_text(
        "Website is disabled, with all that stands in it"
    )
    agency.sends("Close")


def test_access_is_explained_by_form(agency: Window) -> None:
    home = agency.home_of("Ada")
    begins(agency, home, "Find why")
    agency.picks("Person", "Carl Mendes")
    agency.picks("What", "Shop", "sho")
    agency.picks("What they would do", "code")
    does(agency, "Find why")
    expect(agency.modal).to_contain_text("admin of Pixel → admin of Shop")
    agency.sends("Close")


def test_a_resource_is_renamed_and_deleted_by_its_name(agency: Window) -> None:
    home = agency.home_of("Ada")
    agency.chooses("Show", "Pixel (pixel)", home)
    does(agency, "Do something with it…")
    agency.picks("Choose what to do", "Rename")
    agency.modal.get_by_role("textbox", name="Name").fill("Pixel Works")
    does(agency, "Rename")
    expect(agency.modal).to_contain_text("Pixel Works")
    agency.sends("Close")
    expect(home).to_contain_text("Pixel Works (pixel)")

    agency.chooses("Something else…", "Pixel Works (pixel)", home)
    agency.picks("Choose what to do", "Delete")
    expect(agency.modal).to_contain_text("Shop")
    does(agency, "Delete")
    agency.modal.get_by_role("textbox", name="Its name").fill("Pixel Works")
    does(agency, "Delete")
    expect(agency.modal).to_contain_text("deleted")
    agency.sends("Close")
    expect(home).not_to_contain_text("Pixel Works (pixel)")


def test_an_app_is_shared_with_a_team_and_assigned_to_a_member(agency: Window) -> None:
    home = agency.home_of("Ada")
    begins(agency, home, "Share with a team")
    agency.picks("What", "Shop", "shop")
    agency.picks("Team", "Crew", "crew")
    agency.picks("Role", "manager")
    does(agency, "Share")
    expect(agency.modal).to_contain_text("Crew is now a manager of Shop")
    agency.sends("Close")
    begins(agency, home, "Assign")
    agency.picks("Person", "Devi Rao")
    agency.picks("What", "Shop", "shop")
    agency.picks("Team", "Crew", "crew")
    does(agency, "Assign")
    expect(agency.modal).to_contain_text("now assigned to")
    agency.sends("Close")
    home = agency.home_of("Devi")
    expect(home).to_contain_text("Shop (shop), app: developer, by another role")


def test_a_rejection_is_shown_at_its_field(agency: Window) -> None:
    home = agency.home_of("Ada")
    begins(agency, home, "Extend")
    agency.picks("What", "Pixel", "pix")
    does(agency, "Extend")
    expect(agency.modal.get_by_role("alert")).to_contain_text("Choose somebody here")
    agency.picks("Person", "Carl Mendes")
    agency.modal.get_by_role("textbox", name="For how long").fill("soon")
    does(agency, "Extend")
    expect(agency.modal.get_by_role("alert")).to_contain_text("30d or 12w")
    agency.modal.get_by_role("textbox", name="For how long").fill("30d")
    does(agency, "Extend")
    expect(agency.modal).to_contain_text("no end")
    agency.sends("Cancel")

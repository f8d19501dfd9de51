"""Commands by clicking alone: forms that are opened from Home."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def agency_page(harness: AppHarness, slack_page: PlaygroundPage) -> PlaygroundPage:
    """Return the page with Ada's Pixel, its app, a team and a payment method."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create payment Card in pixel",
        "create team Crew",
        "invite @devi limited crew",
        "invite @carl admin pixel",
    ):
        harness.run_command("ada", f"/collab {line}")
    for user_name in ("devi", "carl"):
        harness.press_button(user_name, harness.latest_message(user_name), "accept")
    return slack_page


def open_form(slack_page: PlaygroundPage, home: Locator, verb: str) -> None:
    """Open a verb's form with “More actions…”."""
    slack_page.button("More actions…", home).click()
    slack_page.pick_option("Choose an action", verb)


def press_in_modal(slack_page: PlaygroundPage, label: str) -> None:
    """Press the modal's button with this label."""
    slack_page.modal.get_by_role("button").filter(
        has_text=re.compile(f"^{label}$")
    ).click()


def test_a_company_and_an_app_in_it_are_created(slack_page: PlaygroundPage) -> None:
    home = slack_page.open_home("Ada")
    slack_page.button("Create", home).click()
    slack_page.pick_option("Type", "Company")
    slack_page.modal.get_by_role("textbox", name="Name").fill("Pixel")
    press_in_modal(slack_page, "Create")
    expect(slack_page.modal).to_contain_text("Created Pixel. You're its owner.")
    slack_page.submit_modal("Close")
    expect(home).to_contain_text("Pixel · Company · owner")
    with slack_page.at_most(8, "create an app"):
        open_form(slack_page, home, "Create")
        slack_page.pick_option("Type", "App")
        slack_page.modal.get_by_role("textbox", name="Name").fill("Shop")
        slack_page.pick_option("Part of", "Pixel", "pix")
        press_in_modal(slack_page, "Create")
    expect(slack_page.modal).to_contain_text("Created Shop")
    slack_page.submit_modal("Close")
    expect(home).to_contain_text("Shop · App")


def test_ownership_is_offered_and_accepted(agency_page: PlaygroundPage) -> None:
    home = agency_page.open_home("Ada")
    with agency_page.at_most(9, "offer ownership"):
        agency_page.open_page_of("Pixel", home)
        agency_page.act_on_page("Transfer")
        agency_page.pick_option("Hand over", "Ownership")
        agency_page.pick_option("Person", "Carl Mendes")
        press_in_modal(agency_page, "Continue")
        expect(agency_page.modal).to_contain_text("Carl Mendes")
        press_in_modal(agency_page, "Send invitation")
    expect(agency_page.modal).to_contain_text(
        "You invited @Carl Mendes to take over ownership of Pixel"
    )
    agency_page.submit_modal("Dismiss")
    home = agency_page.open_home("Carl")
    agency_page.button("Accept", home).click()
    press_in_modal(agency_page, "Accept")
    expect(agency_page.modal).to_contain_text("an owner of Pixel")
    agency_page.submit_modal("Close")
    expect(home).to_contain_text("Pixel · Company · owner")


def test_somebody_is_invited_from_a_page(agency_page: PlaygroundPage) -> None:
    home = agency_page.open_home("Ada")
    with agency_page.at_most(7, "invite"):
        agency_page.open_page_of("Pixel", home)
        agency_page.act_on_page("Invite")
        agency_page.pick_option("People", "Bo Chen")
        agency_page.pick_option("Role", "admin")
        press_in_modal(agency_page, "Invite")
    expect(agency_page.modal).to_contain_text("invited @Bo Chen")


def test_a_company_is_handed_over_from_its_page(agency_page: PlaygroundPage) -> None:
    home = agency_page.open_home("Ada")
    with agency_page.at_most(7, "hand over"):
        agency_page.open_page_of("Pixel", home)
        agency_page.act_on_page("Hand over")
        agency_page.pick_option("Person", "Carl Mendes")
        press_in_modal(agency_page, "Continue")
        expect(agency_page.modal).to_contain_text("Nothing changes until they accept.")
        press_in_modal(agency_page, "Send invitation")
    expect(agency_page.modal).to_contain_text("@Carl Mendes")
    agency_page.submit_modal("Dismiss")
    expect(home).to_contain_text("Pending")


def test_billing_is_offered_and_accepted_with_a_new_payment_method(
    agency_page: PlaygroundPage,
) -> None:
    home = agency_page.open_home("Devi")
    agency_page.button("Create", home).click()
    agency_page.pick_option("Type", "App")
    agency_page.modal.get_by_role("textbox", name="Name").fill("Blog")
    press_in_modal(agency_page, "Create")
    expect(agency_page.modal).to_contain_text("trial")
    agency_page.submit_modal("Close")
    with agency_page.at_most(9, "offer billing"):
        agency_page.open_page_of("Blog", home)
        agency_page.act_on_page("Transfer")
        agency_page.pick_option("Hand over", "Billing")
        agency_page.pick_option("Person", "Carl Mendes")
        press_in_modal(agency_page, "Continue")
        expect(agency_page.modal).to_contain_text(
            "Invite @Carl Mendes to take over billing for Blog?"
        )
        press_in_modal(agency_page, "Send invitation")
    expect(agency_page.modal).to_contain_text(
        "You invited @Carl Mendes to take over billing for Blog"
    )
    agency_page.submit_modal("Dismiss")

    home = agency_page.open_home("Carl")
    agency_page.button("Accept", home).click()
    agency_page.modal.get_by_role("textbox", name="Name of a new payment method").fill(
        "Office"
    )
    press_in_modal(agency_page, "Accept")
    expect(agency_page.modal).to_contain_text("You'll pay for Blog from")
    agency_page.submit_modal("Close")
    agency_page.open_page_of("Blog", home)
    expect(agency_page.modal).to_contain_text("Office")


def test_a_project_is_disabled_after_a_preview(
    agency_page: PlaygroundPage, harness: AppHarness
) -> None:
    harness.run_command("ada", "/collab create project Website in pixel")
    harness.run_command("ada", "/collab move shop to website")
    harness.press_button("ada", harness.latest_message("ada", "general"), "move")
    home = agency_page.open_home("Ada")
    agency_page.open_page_of("Website", home)
    agency_page.act_on_page("Disable")
    expect(agency_page.modal).to_contain_text("Disable the project Website?")
    expect(agency_page.modal).to_contain_text("app Shop")
    press_in_modal(agency_page, "Disable")
    expect(agency_page.modal).to_contain_text("Disabled Website and everything in it")
    agency_page.submit_modal("Dismiss")


def test_access_is_explained_by_form(agency_page: PlaygroundPage) -> None:
    home = agency_page.open_home("Ada")
    with agency_page.at_most(10, "explain access"):
        open_form(agency_page, home, "Explain access")
        agency_page.pick_option("Person", "Carl Mendes")
        agency_page.pick_option("What", "Shop", "sho")
        agency_page.pick_option("Action", "Deploy")
        press_in_modal(agency_page, "Explain access")
    expect(agency_page.modal).to_contain_text("admin of Pixel → admin of Shop")
    agency_page.submit_modal("Close")


def test_a_resource_is_renamed_and_deleted_by_its_name(
    agency_page: PlaygroundPage,
) -> None:
    home = agency_page.open_home("Ada")
    agency_page.open_page_of("Pixel", home)
    agency_page.act_on_page("Rename")
    agency_page.modal.get_by_role("textbox", name="Name").fill("Pixel Works")
    press_in_modal(agency_page, "Rename")
    expect(agency_page.modal).to_contain_text("Pixel Works")
    agency_page.submit_modal("Dismiss")
    expect(home).to_contain_text("Pixel Works · Company")

    agency_page.open_page_of("Pixel Works", home)
    agency_page.act_on_page("Delete")
    expect(agency_page.modal).to_contain_text("Shop")
    press_in_modal(agency_page, "Delete")
    agency_page.modal.get_by_role("textbox", name="Name").fill("Pixel Works")
    press_in_modal(agency_page, "Delete")
    expect(agency_page.modal).to_contain_text("Deleted")
    agency_page.submit_modal("Dismiss")
    expect(home).not_to_contain_text("Pixel Works · Company")


def test_an_app_is_shared_with_a_team_and_assigned_to_a_member(
    agency_page: PlaygroundPage,
) -> None:
    home = agency_page.open_home("Ada")
    open_form(agency_page, home, "Share with a team")
    agency_page.pick_option("What", "Shop", "shop")
    agency_page.pick_option("Team", "Crew", "crew")
    agency_page.pick_option("Role", "manager")
    press_in_modal(agency_page, "Share")
    expect(agency_page.modal).to_contain_text("Crew is now a manager of Shop")
    agency_page.submit_modal("Close")
    open_form(agency_page, home, "Assign")
    agency_page.pick_option("Person", "Devi Rao")
    agency_page.pick_option("What", "Shop", "shop")
    agency_page.pick_option("Team", "Crew", "crew")
    press_in_modal(agency_page, "Assign")
    expect(agency_page.modal).to_contain_text("Assigned ")
    agency_page.submit_modal("Close")
    home = agency_page.open_home("Devi")
    expect(home).to_contain_text("Shop · App · developer (via Crew)")


def test_a_rejection_is_shown_at_its_field(agency_page: PlaygroundPage) -> None:
    home = agency_page.open_home("Ada")
    open_form(agency_page, home, "Extend")
    agency_page.pick_option("What", "Pixel", "pix")
    press_in_modal(agency_page, "Extend")
    expect(agency_page.modal.get_by_role("alert")).to_contain_text(
        "Choose a person here"
    )
    agency_page.pick_option("Person", "Carl Mendes")
    agency_page.pick_option("Extend by", "30 days")
    press_in_modal(agency_page, "Extend")
    expect(agency_page.modal).to_contain_text("no end")
    agency_page.submit_modal("Cancel")

"""The invitation form in the page: by shortcut and command, with mouse and keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def agency_page(harness: AppHarness, slack_page: PlaygroundPage) -> PlaygroundPage:
    """Return the page with Ada's Acme and two apps."""
    for line in ("create app Shop in acme", "create app Blog in acme"):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    return slack_page


def expect_roles(slack_page: PlaygroundPage, *names: str) -> None:
    """Wait until the form offers exactly these roles."""
    expect(
        slack_page.modal.locator(f'[data-block-id="role invite {",".join(names)}"]')
    ).to_be_visible()


def test_several_people_are_invited_to_two_apps_by_shortcut(
    agency_page: PlaygroundPage,
) -> None:
    agency_page.page.get_by_role("button", name="Shortcuts").click()
    agency_page.page.get_by_role("menuitem", name="Invite a collaborator").click()
    expect(agency_page.modal).to_contain_text("Invite to collaborate")
    agency_page.pick_option_by_keys("People", "Carl Mendes", "Carl")
    agency_page.pick_option_by_keys("People", "Devi Rao", "Devi")
    agency_page.modal.get_by_role("textbox", name="Email addresses").fill(
        "client@studio.example, nobody@"
    )

    agency_page.field("Access to").click()
    group = agency_page.page.get_by_role("group", name="Acme")
    expect(group.get_by_role("option")).to_have_count(3)
    agency_page.field("Access to").press("Escape")
    agency_page.pick_option_by_keys("Access to", "Shop", "sho")
    expect_roles(agency_page, "admin", "manager", "developer")
    agency_page.field("Role").click()
    expect(
        agency_page.page.get_by_role("option", name=re.compile("^developer"))
    ).to_contain_text("See, configure and deploy")
    expect(agency_page.page.get_by_role("option", name="owner")).to_have_count(0)
    agency_page.field("Role").press("Escape")
    expect(agency_page.modal.get_by_role("button", name="Remove Shop")).to_be_visible()
    agency_page.pick_option_by_keys("Access to", "Blog", "blo")
    agency_page.pick_option_by_keys("Role", "developer", "dev")

    send = agency_page.modal.get_by_role("button", name="Invite", exact=True)
    send.click()
    expect(agency_page.modal.get_by_role("alert")).to_contain_text(
        "“nobody@” isn't a valid email address"
    )
    agency_page.modal.get_by_role("textbox", name="Email addresses").fill(
        "client@studio.example"
    )
    send.click()
    expect(agency_page.modal).to_contain_text("Results for 3 people:")
    expect(agency_page.modal).to_contain_text(
        "You invited @Devi Rao to Shop and Blog as a developer"
    )
    agency_page.submit_modal("Close")
    agency_page.act_as("Carl")
    agency_page.message("invited you to Shop and Blog as a developer")


def test_an_invite_command_without_a_role_opens_the_form_with_its_values(
    agency_page: PlaygroundPage,
) -> None:
    agency_page.send_line("/collab invite @carl shop")
    expect(
        agency_page.modal.get_by_role("button", name="Remove Carl Mendes")
    ).to_be_visible()
    expect(agency_page.modal.get_by_role("button", name="Remove Shop")).to_be_visible()
    agency_page.pick_option_by_keys("Access to", "Blog", "blo")
    expect(agency_page.modal.get_by_role("button", name="Remove Blog")).to_be_visible()
    agency_page.field("Access to").press("Backspace")
    expect(agency_page.modal.get_by_role("button", name="Remove Blog")).to_have_count(0)
    agency_page.field("Access to").press("Backspace")
    expect(agency_page.modal).to_contain_text("Then you can choose the role.")
    expect(agency_page.field("Role")).to_have_count(0)
    agency_page.pick_option_by_keys("Access to", "Acme", "acme")
    expect_roles(agency_page, "owner", "admin", "accountant")
    agency_page.field("Role").click()
    expect(
        agency_page.page.get_by_role("option", name=re.compile("^developer"))
    ).to_have_count(0)
    agency_page.page.get_by_role("option", name="accountant").click()
    agency_page.modal.get_by_role("button", name="Invite", exact=True).click()
    expect(agency_page.modal).to_contain_text(
        "You invited @Carl Mendes to Acme as an accountant"
    )

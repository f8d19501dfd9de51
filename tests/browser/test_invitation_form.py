"""The window that invites, in the playground's page: by the shortcut and by a line, with mouse and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def agency(harness: AppHarness, window: Window) -> Window:
    """Acme of Ada with two apps."""
    for line in ("create app Shop in acme", "create app Blog in acme"):
        harness.run_command("ada", f"/collab {line}", channel="acme")
    return window


def roles(window: Window, *names: str) -> None:
    """The roles to choose from follow what was chosen."""
    expect(
        window.modal.locator(f'[data-block-id="role invite {",".join(names)}"]')
    ).to_be_visible()


def test_several_people_are_invited_to_two_apps_by_shortcut(agency: Window) -> None:
    agency.page.get_by_role("button", name="Shortcuts").click()
    agency.page.get_by_role("menuitem", name="Invite a collaborator").click()
    expect(agency.modal).to_contain_text("Invite to collaborate")
    agency.picks_by_keys("People", "Carl Mendes", "Carl")
    agency.picks_by_keys("People", "Devi Rao", "Devi")
    agency.modal.get_by_role("textbox", name="E-mail addresses").fill(
        "client@studio.example, nobody@"
    )

    agency.field("To what").click()
    group = agency.page.get_by_role("group", name="Acme")
    expect(group.get_by_role("option")).to_have_count(3)
    agency.field("To what").press("Escape")
    agency.picks_by_keys("To what", "Shop", "sho")
    roles(agency, "admin", "manager", "developer")
    agency.field("Role").click()
    expect(
        agency.page.get_by_role("option", name=re.compile("^developer"))
    ).to_contain_text("See, configure and deploy")
    expect(agency.page.get_by_role("option", name="owner")).to_have_count(0)
    agency.field("Role").press("Escape")
    expect(agency.modal.get_by_role("button", name="Remove Shop")).to_be_visible()
    agency.picks_by_keys("To what", "Blog", "blo")
    agency.picks_by_keys("Role", "developer", "dev")

    send = agency.modal.get_by_role("button", name="Invite", exact=True)
    send.click()
    expect(agency.modal.get_by_role("alert")).to_contain_text(
        "“nobody@” is no e-mail address"
    )
    agency.modal.get_by_role("textbox", name="E-mail addresses").fill(
        "client@studio.example"
    )
    send.click()
    expect(agency.modal).to_contain_text(
        "You named 3 people. This is what became of each."
    )
    expect(agency.modal).to_contain_text(
        "You invited @Devi Rao to Shop and Blog as developer"
    )
    agency.sends("Close")
    agency.act_as("Carl")
    agency.message("invites you to Shop and Blog as developer")


def test_an_invite_command_without_a_role_opens_the_form_with_its_values(
    agency: Window,
) -> None:
    agency.says("/collab invite @carl shop")
    expect(
        agency.modal.get_by_role("button", name="Remove Carl Mendes")
    ).to_be_visible()
    expect(agency.modal.get_by_role("button", name="Remove Shop")).to_be_visible()
    agency.picks_by_keys("To what", "Blog", "blo")
    expect(agency.modal.get_by_role("button", name="Remove Blog")).to_be_visible()
    agency.field("To what").press("Backspace")
    expect(agency.modal.get_by_role("button", name="Remove Blog")).to_have_count(0)
    agency.field("To what").press("Backspace")
    roles(agency, "owner", "admin", "accountant", "manager", "developer")
    agency.field("Role").click()
    expect(agency.page.get_by_role("option", name="owner")).to_be_visible()
    agency.field("Role").press("Escape")
    agency.picks_by_keys("To what", "Acme", "acme")
    roles(agency, "owner", "admin", "accountant")
    agency.field("Role").click()
    expect(
        agency.page.get_by_role("option", name=re.compile("^developer"))
    ).to_have_count(0)
    agency.page.get_by_role("option", name="accountant").click()
    agency.modal.get_by_role("button", name="Invite", exact=True).click()
    expect(agency.modal).to_contain_text(
        "You invited @Carl Mendes to Acme as accountant"
    )

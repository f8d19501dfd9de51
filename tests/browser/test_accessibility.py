"""The page has no serious accessibility violations, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser

SEVERE = frozenset({"serious", "critical"})
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def invited_page(slack_page: PlaygroundPage, harness: AppHarness) -> PlaygroundPage:
    """Return the page after Ada invited Carl."""
    harness.run_command("ada", "/collab create app Shop in acme", "acme")
    harness.run_command(
        "ada", '/collab invite @carl admin acme for 30d note "Welcome"', "acme"
    )
    harness.run_command("ada", "/collab members acme", "acme")
    return slack_page


def find_violations(slack_page: PlaygroundPage) -> list[str]:
    """Return axe's serious and critical violations, light and dark."""
    return [
        violation
        for scheme in SCHEMES
        for violation in _iterate_violations(slack_page, scheme)
    ]


def _iterate_violations(
    slack_page: PlaygroundPage, scheme: Literal["light", "dark"]
) -> Iterator[str]:
    slack_page.page.emulate_media(color_scheme=scheme)
    result = Axe().run(slack_page.page).response
    assert result["passes"]
    for violation in result["violations"]:
        if violation["impact"] in SEVERE:
            for node in violation["nodes"]:
                yield f"{scheme}: {violation['id']}: {node['html'][:200]} | {node['failureSummary']}"


def test_a_channel_with_an_answer_and_menus_is_accessible(
    invited_page: PlaygroundPage,
) -> None:
    expect(invited_page.answers.last).to_contain_text("Carl Mendes")
    assert find_violations(invited_page) == []
    invited_page.answers.last.get_by_role("button", name="More actions").first.click()
    expect(invited_page.page.get_by_role("menu")).to_be_visible()
    assert find_violations(invited_page) == []


def test_an_invitation_with_buttons_and_menu_is_accessible(
    invited_page: PlaygroundPage,
) -> None:
    invited_page.act_as("Carl")
    invitation = invited_page.message("invited you to Acme")
    expect(invited_page.button("Accept", invitation)).to_be_visible()
    assert find_violations(invited_page) == []
    invitation.get_by_role("button", name="More actions").click()
    expect(
        invited_page.page.get_by_role("menuitem", name="Mute reminders")
    ).to_be_visible()
    assert find_violations(invited_page) == []


def test_a_modal_with_fields_an_open_list_and_errors_is_accessible(
    invited_page: PlaygroundPage,
) -> None:
    invited_page.send_line("/collab invite shop")
    expect(invited_page.modal).to_be_visible()
    assert find_violations(invited_page) == []
    invited_page.modal.get_by_role("combobox", name="People").click()
    expect(invited_page.page.get_by_role("option").first).to_be_visible()
    assert find_violations(invited_page) == []
    invited_page.page.keyboard.press("Escape")
    invited_page.modal.get_by_role("combobox", name="Role").click()
    invited_page.page.get_by_role("option").first.click()
    invited_page.pick_option("Ends", "Pick a date…")
    expect(invited_page.modal).to_contain_text("Last day")
    invited_page.modal.get_by_role("button", name="Invite", exact=True).click()
    expect(invited_page.modal.get_by_role("alert").first).to_be_visible()
    assert find_violations(invited_page) == []


def test_the_home_tab_is_accessible(invited_page: PlaygroundPage) -> None:
    invited_page.go_to("Collab")
    invited_page.page.get_by_role("tab", name="Home").click()
    expect(invited_page.page.get_by_text("Your access")).to_be_visible()
    assert find_violations(invited_page) == []


def test_the_pages_of_a_company_and_of_a_person_are_accessible(
    invited_page: PlaygroundPage,
) -> None:
    invited_page.go_to("#general")
    invited_page.run_command("/collab show acme")
    assert find_violations(invited_page) == []
    invited_page.run_command("/collab show @ada")
    assert find_violations(invited_page) == []
    row = invited_page.answers.last.locator(".block-section").filter(
        has_text="Acme · Company"
    )
    invited_page.choose_in_menu("Open", row.last)
    expect(invited_page.modal.get_by_role("heading", name="Acme")).to_be_visible()
    assert find_violations(invited_page) == []


def test_the_traffic_inspector_is_accessible(invited_page: PlaygroundPage) -> None:
    invited_page.page.get_by_role("button", name="Traffic").click()
    inspector = invited_page.page.locator("#inspector")
    expect(inspector).to_be_visible()
    assert find_violations(invited_page) == []
    inspector.locator("summary, button[aria-expanded]").first.click()
    assert find_violations(invited_page) == []

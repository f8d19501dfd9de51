"""The playground's page in its main states, light and dark, as axe finds it: nothing serious, nothing critical."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser

SEVERE = frozenset({"serious", "critical"})
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def seen(window: Window, harness: AppHarness) -> Window:
    """Ada has invited Carl."""
    harness.run_command("ada", "/collab create app Shop in acme", "acme")
    harness.run_command(
        "ada", '/collab invite @carl admin acme for 30d note "Welcome"', "acme"
    )
    harness.run_command("ada", "/collab members acme", "acme")
    return window


def severe(window: Window) -> list[str]:
    """What axe finds that keeps somebody out, light or dark, each with where it stands."""
    return [found for scheme in SCHEMES for found in _severe(window, scheme)]


def _severe(window: Window, scheme: Literal["light", "dark"]) -> Iterator[str]:
    window.page.emulate_media(color_scheme=scheme)
    found = Axe().run(window.page).response
    assert found["passes"]
    for violation in found["violations"]:
        if violation["impact"] in SEVERE:
            for node in violation["nodes"]:
                yield f"{scheme}: {violation['id']}: {node['html'][:200]} | {node['failureSummary']}"


def test_a_channel_with_an_answer_and_menus_is_accessible(seen: Window) -> None:
    expect(seen.answers.last).to_contain_text("Carl Mendes")
    assert severe(seen) == []
    seen.answers.last.get_by_role("button", name="More actions").first.click()
    expect(seen.page.get_by_role("menu")).to_be_visible()
    assert severe(seen) == []


def test_an_invitation_with_buttons_and_menu_is_accessible(seen: Window) -> None:
    seen.act_as("Carl")
    asked = seen.message("invites you to Acme")
    expect(seen.button("Accept", asked)).to_be_visible()
    assert severe(seen) == []
    asked.get_by_role("button", name="More actions").click()
    expect(seen.page.get_by_role("menuitem", name="Mute reminders")).to_be_visible()
    assert severe(seen) == []


def test_a_modal_with_fields_an_open_list_and_errors_is_accessible(
    seen: Window,
) -> None:
    seen.says("/collab invite shop")
    expect(seen.modal).to_be_visible()
    assert severe(seen) == []
    seen.modal.get_by_role("combobox", name="People").click()
    expect(seen.page.get_by_role("option").first).to_be_visible()
    assert severe(seen) == []
    seen.page.keyboard.press("Escape")
    seen.modal.get_by_role("combobox", name="Role").click()
    seen.page.get_by_role("option").first.click()
    seen.modal.get_by_role("textbox", name="For how long").fill("a while")
    seen.modal.get_by_role("button", name="Invite", exact=True).click()
    expect(seen.modal.get_by_role("alert").first).to_be_visible()
    assert severe(seen) == []


def test_the_home_tab_is_accessible(seen: Window) -> None:
    seen.go("Collab")
    seen.page.get_by_role("tab", name="Home").click()
    expect(seen.page.get_by_text("What you have")).to_be_visible()
    assert severe(seen) == []


def test_the_traffic_inspector_is_accessible(seen: Window) -> None:
    seen.page.get_by_role("button", name="Traffic").click()
    inspector = seen.page.locator("#inspector")
    expect(inspector).to_be_visible()
    assert severe(seen) == []
    inspector.locator("summary, button[aria-expanded]").first.click()
    assert severe(seen) == []

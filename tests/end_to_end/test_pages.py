"""Pages of resources in the running app: opening them, acting on them, going back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import interactive_elements
from tests.support.app_harness import AppHarness


def resource_id(harness: AppHarness, slug: str) -> str:
    with harness.app.bus.read(harness.workspace) as repositories:
        resource = repositories.resources.find_resource_by_id_or_slug(slug)
    assert resource
    return resource.id


def wait_for_page(harness: AppHarness, user_name: str, title: str) -> dict[str, Any]:
    """Return the user's top modal once it is the page of a resource with this name."""
    return harness.wait_for_view(
        user_name,
        condition=lambda view: (
            view["callback_id"] == "page"
            and view["blocks"][0]["type"] == "header"
            and view["blocks"][0]["text"]["text"] == title
        ),
    )


def control_ids(view: dict[str, Any]) -> list[str]:
    return [
        element["action_id"]
        for block in view["blocks"]
        for element in interactive_elements(block)
    ]


@pytest.fixture
def page_harness(harness: AppHarness) -> AppHarness:
    """Return the app with a company, a project in it and an app in that."""
    for line in (
        "create company Pixel",
        "create project Website in pixel",
        "create app Shop in website",
    ):
        harness.run_command("ada", f"/collab {line}")
    return harness


def open_first_container(harness: AppHarness, user_name: str, slug: str) -> None:
    """Open the page of what contains a resource from the answer to `show`."""
    harness.run_command(user_name, f"/collab show {slug}")
    message = harness.latest_message(user_name, "general")
    harness.press_button(user_name, message, "open_page")


def test_what_contains_a_resource_is_opened_from_its_answer_and_back_leads_back(
    page_harness: AppHarness,
) -> None:
    open_first_container(page_harness, "ada", "shop")
    pixel = wait_for_page(page_harness, "ada", "Pixel")
    website = resource_id(page_harness, "website")
    page_harness.press_button("ada", pixel, "open_page", website)
    view = wait_for_page(page_harness, "ada", "Website")
    shop = resource_id(page_harness, "shop")
    page_harness.press_button("ada", view, "open_page", shop)
    view = wait_for_page(page_harness, "ada", "Shop")
    assert len(page_harness.ada.open_views) == 1
    page_harness.press_button("ada", view, "page_back")
    view = wait_for_page(page_harness, "ada", "Website")
    page_harness.press_button("ada", view, "page_back")
    view = wait_for_page(page_harness, "ada", "Pixel")
    assert "page_back" not in control_ids(view)


def test_a_page_is_brought_up_to_date_after_a_form_above_it_was_saved(
    page_harness: AppHarness,
) -> None:
    open_first_container(page_harness, "ada", "shop")
    view = wait_for_page(page_harness, "ada", "Pixel")
    page_harness.press_button("ada", view, "act:rename")
    page_harness.wait_for_form("ada", "form")
    page_harness.ada.submit_view({"name": "Pixel Inc"})
    page_harness.ada.close_view()
    wait_for_page(page_harness, "ada", "Pixel Inc")

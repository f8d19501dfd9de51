"""After a result come buttons, not commands to type."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app_harness import AppHarness, iterate_elements


def list_labels(message: dict[str, Any]) -> list[str]:
    """Return the texts of the buttons of a message or a view."""
    return [
        element["text"]["text"]
        for element in iterate_elements(message)
        if element.get("type") == "button"
    ]


@pytest.fixture
def shop(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's Acme, an app and a team in it."""
    for line in (
        "create app Shop in acme",
        "create team Crew",
        "create project Site in acme",
    ):
        harness.run_command("ada", f"/collab {line}")
    return harness


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        (
            "create app Blog in acme",
            ["Invite people", "Add payment method", "Link a channel", "Open Blog"],
        ),
        ("create company Beta", ["Invite people", "Link a channel", "Open Beta"]),
        (
            "invite @carl developer shop",
            ["Withdraw…", "Edit", "Members", "Open Shop"],
        ),
        ("invite @carl @devi developer shop", ["Members", "Open Shop"]),
        ("share shop with crew as manager", ["Assign to a member", "Open Shop"]),
        ("rename shop Market", ["Open Market"]),
        ("link acme joins", ["Channels", "Open Acme"]),
    ],
)
def test_a_result_offers_what_comes_next(
    shop: AppHarness, line: str, labels: list[str]
) -> None:
    answer = shop.run_command("ada", f"/collab {line}", "acme")
    assert list_labels(answer) == labels
    assert "/collab" not in answer["text"]


def test_what_was_created_is_invited_to_and_linked_by_buttons(
    shop: AppHarness,
) -> None:
    shop.run_command("ada", "/collab create app Blog in acme")
    created = shop.latest_message("ada", "general")
    shop.press_button("ada", created, "invite_open")
    form = shop.wait_for_view("ada", "Access to")
    assert "Blog" in str(form)
    shop.ada.close_view()

    shop.press_button("ada", created, "act:link")
    form = shop.wait_for_view("ada", "Link a channel")
    assert "Blog" in str(form)


def test_an_accepted_invitation_leads_to_what_one_has_now(shop: AppHarness) -> None:
    shop.run_command("ada", "/collab invite @carl developer shop")
    answer = shop.run_command("carl", "/collab accept")
    assert list_labels(answer) == ["Open Shop", "Members"]


def test_a_disabled_project_is_enabled_again_by_a_button(shop: AppHarness) -> None:
    answer = shop.confirm_command("ada", "/collab disable site", "disable")
    assert "/collab" not in answer
    disabled = shop.latest_message("ada", "general")
    assert list_labels(disabled) == ["Enable again", "Open Site"]

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
            ["Open Shop", "Members", "Withdraw…", "Edit"],
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


def list_card_labels(shop: AppHarness, user_name: str, number: int = 0) -> list[str]:
    """Return the buttons of a card in somebody's messages, as it is now."""
    shop.drain_outbox()
    user = shop.playground.get_user(user_name)
    return list_labels(user.list_direct_messages()[number])


@pytest.mark.rule("INV-11")
def test_an_accepted_card_leads_to_the_page_and_the_members(shop: AppHarness) -> None:
    shop.run_command("ada", "/collab invite @carl admin shop")
    shop.press_button("carl", shop.latest_message("carl"), "accept")
    card = shop.latest_message("carl")
    assert "You're an admin of *Shop*." in str(card["blocks"])
    assert list_labels(card) == ["Open Shop", "Members"]

    shop.press_button("carl", card, "members_ask")
    assert "Shop" in shop.latest_message("carl")["text"]
    shop.press_button("carl", card, "open_page")
    assert "Shop" in str(shop.wait_for_view("carl"))


def test_a_card_of_several_apps_opens_each(shop: AppHarness) -> None:
    shop.run_command("ada", "/collab create app Blog in acme")
    shop.run_command("ada", "/collab invite @carl developer shop blog")
    shop.press_button("carl", shop.latest_message("carl"), "accept")
    assert list_card_labels(shop, "carl", -1) == ["Open Shop", "Open Blog"]
    blog = shop.latest_message("carl")["blocks"][-1]["elements"][1]
    shop.press_button("carl", shop.latest_message("carl"), blog["action_id"])
    assert "Blog" in str(shop.wait_for_view("carl"))


@pytest.mark.rule("INV-07")
def test_who_presses_withdraw_after_the_yes_reads_what_is_so_now(
    shop: AppHarness,
) -> None:
    shop.run_command("ada", "/collab invite @carl developer shop")
    answer = shop.latest_message("ada", "general")
    shop.press_button("carl", shop.latest_message("carl"), "accept")
    shop.drain_outbox()

    shop.press_button("ada", answer, "revoke")
    shop.drain_outbox()

    shown = shop.latest_message("ada", "general")
    assert "This invitation was already accepted." in shown["text"]
    assert "You invited <@UCARL> to *Shop* as a *developer*." in str(shown["blocks"])
    assert list_labels(shown) == ["Open Shop", "Members"]

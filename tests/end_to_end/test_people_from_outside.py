"""Guests and people of other companies: marked, and given power only after a question."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.fixture
def shop(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's Acme and an app in it."""
    harness.run_command("ada", "/collab create app Shop in acme")
    return harness


@pytest.mark.rule("PER-02")
def test_an_external_person_is_asked_about_before_they_get_power(
    shop: AppHarness,
) -> None:
    shop.ada.type_text("/invite @Collab", channel="partners")
    assert shop.run_command("ada", "/collab invite @eve admin acme") == {}
    shop.wait_for_form("ada", "invite_outsiders")
    question = shop.view_text("ada")
    assert "<@UEVE> (external, Evecorp) isn't a full member" in question
    assert "As an admin of *Acme*" in question
    assert "bring in" in question
    assert shop.eve.list_direct_messages() == []

    shop.ada.submit_view({})
    shop.drain_outbox()
    assert "You invited <@UEVE> (external, Evecorp)" in shop.view_text("ada")
    shop.press_button("eve", shop.latest_message("eve"), "accept")
    members = shop.run_command("ada", "/collab members acme")["text"]
    assert "<@UEVE> · admin · external, Evecorp" in members


def test_a_guest_gets_a_role_without_power_at_once(shop: AppHarness) -> None:
    answer = shop.run_command("ada", "/collab invite @sam developer shop")
    assert "You invited <@USAM> (guest)" in answer["text"]


def test_several_people_are_asked_about_together(shop: AppHarness) -> None:
    line = '/collab invite @carl @sam manager shop for 30d note "Welcome"'
    assert shop.run_command("ada", line) == {}
    shop.wait_for_form("ada", "invite_outsiders")
    assert "<@USAM> (guest) isn't a full member" in shop.view_text("ada")
    shop.ada.submit_view({})
    shop.drain_outbox()
    result = shop.view_text("ada")
    assert "Results for 2 people" in result
    assert "as a *manager* for 30 days" in result
    assert "Welcome" in str(shop.carl.list_direct_messages()[-1])


def test_a_higher_role_of_a_guest_is_previewed(shop: AppHarness) -> None:
    shop.invite_and_accept("sam", "invite @sam developer shop")
    preview = shop.run_command("ada", "/collab role @sam manager shop")["text"]
    assert "Change the role of <@USAM> (guest) on *Shop*" in preview
    assert "They'll be able to bring in developers" in preview
    answer = shop.confirm_command(
        "ada", "/collab role @sam manager shop", "role_change"
    )
    assert "You changed the role of <@USAM>" in answer


def test_a_rejection_comes_before_the_question(shop: AppHarness) -> None:
    answer = shop.run_command("devi", "/collab invite @sam admin acme")
    assert "acme" in answer["text"]
    assert shop.devi.top_view is None


def test_a_question_about_what_was_deleted_meanwhile_is_answered_plainly(
    shop: AppHarness,
) -> None:
    shop.run_command("ada", "/collab invite @sam manager shop")
    shop.wait_for_form("ada", "invite_outsiders")
    shop.confirm_command("ada", "/collab delete shop", "delete")
    shop.ada.submit_view({})
    assert "no longer exists" in shop.view_text("ada")
    assert shop.sam.list_direct_messages() == []


def test_a_request_for_what_was_deleted_meanwhile_is_answered_plainly(
    shop: AppHarness,
) -> None:
    shop.invite_and_accept("sam", "invite @sam developer shop")
    shop.run_command("sam", "/collab request manager shop")
    shop.press_button("ada", shop.latest_message("ada"), "grant")
    shop.wait_for_form("ada", "grant_outsider")
    shop.confirm_command("ada", "/collab delete shop", "delete")
    shop.ada.submit_view({})
    assert "has been deleted, so it's closed" in shop.view_text("ada")


@pytest.mark.rule("MEM-12")
def test_a_guests_request_for_power_is_approved_after_a_question(
    shop: AppHarness,
) -> None:
    shop.invite_and_accept("sam", "invite @sam developer shop")
    shop.run_command("sam", "/collab request manager shop")
    shop.press_button("ada", shop.latest_message("ada"), "grant")
    shop.wait_for_form("ada", "grant_outsider")
    question = shop.view_text("ada")
    assert "<@USAM> (guest) isn't a full member" in question
    assert "As a manager of *Shop*" in question
    members = shop.run_command("ada", "/collab members shop")["text"]
    assert "<@USAM> · developer · guest" in members

    shop.ada.submit_view({})
    shop.drain_outbox()
    assert shop.ada.top_view is None
    assert "You're now a manager" in shop.latest_message("sam")["text"]
    assert "<@UADA> approved this request" in str(shop.latest_message("ada")["blocks"])


@pytest.mark.rule("MEM-12")
def test_a_guests_request_without_power_is_approved_at_once(shop: AppHarness) -> None:
    shop.invite_and_accept("sam", "invite @sam developer shop")
    shop.run_command("sam", "/collab request accountant acme")
    shop.press_button("ada", shop.latest_message("ada"), "grant")
    assert shop.ada.top_view is None
    assert "You're now an accountant" in shop.latest_message("sam")["text"]


@pytest.mark.rule("MEM-12")
def test_a_question_about_an_answered_request_says_so(shop: AppHarness) -> None:
    shop.invite_and_accept("bo", "invite @bo admin acme")
    shop.invite_and_accept("sam", "invite @sam developer shop")
    shop.run_command("sam", "/collab request manager shop")
    shop.press_button("ada", shop.latest_message("ada"), "grant")
    shop.wait_for_form("ada", "grant_outsider")
    shop.press_button("bo", shop.latest_message("bo"), "refuse")
    shop.wait_for_view("bo")
    shop.playground.get_user("bo").submit_view({})
    shop.drain_outbox()

    shop.ada.submit_view({})
    shop.drain_outbox()
    assert "already been declined" in shop.view_text("ada")
    members = shop.run_command("ada", "/collab members shop")["text"]
    assert "<@USAM> · developer · guest" in members


@pytest.mark.parametrize(
    "line",
    [
        "handover website to @sam keep nothing",
        "transfer ownership website @sam",
        "transfer billing shop @sam",
    ],
)
def test_the_preview_of_an_offer_says_that_a_guest_would_get_power(
    harness: AppHarness, line: str
) -> None:
    for command in (
        "create project Website",
        "create payment Card",
        "create app Shop in website",
        "pay shop with card",
    ):
        harness.run_command("ada", f"/collab {command}")
    preview = harness.run_command("ada", f"/collab {line}")["text"]
    assert "<@USAM> (guest)" in preview
    assert "<@USAM> isn't a full member of this workspace. " in preview
    assert "they'll be able to" in preview.lower()
    other = harness.run_command("ada", f"/collab {line.replace('@sam', '@bo')}")
    assert "full member" not in other["text"]


@pytest.mark.rule("INV-07")
def test_a_guest_gets_a_role_with_power_by_an_edit_only_after_a_question(
    shop: AppHarness,
) -> None:
    shop.run_command("ada", "/collab invite @sam developer shop")
    shop.press_button("ada", shop.latest_message("ada", "general"), "edit")
    shop.wait_for_form("ada", "edit")
    shop.ada.submit_view({"role": "manager", "edit_lasts": "90d"})
    shop.drain_outbox()
    question = shop.view_text("ada")
    assert "<@USAM> (guest) isn't a full member" in question
    assert "As a manager of *Shop*" in question
    assert "*developer*" in str(shop.latest_message("sam")["blocks"])

    shop.ada.submit_view({})
    shop.drain_outbox()
    assert shop.ada.top_view is None
    invitation = str(shop.latest_message("sam")["blocks"])
    assert "*manager*" in invitation
    assert "90 days" in invitation

    # A longer term gives no further power.
    shop.press_button("ada", shop.latest_message("ada", "general"), "edit")
    shop.wait_for_form("ada", "edit")
    shop.ada.submit_view({"role": "manager", "edit_lasts": "30d"})
    shop.drain_outbox()
    assert shop.ada.top_view is None
    assert "30 days" in str(shop.latest_message("sam")["blocks"])


@pytest.fixture
def shop_without_owner(harness: AppHarness) -> AppHarness:
    """Return the app with a company whose owner was deactivated; Bo is its admin."""
    harness.run_command("ada", "/collab create company Pixel")
    harness.run_command("ada", "/collab create app Shop in pixel")
    harness.invite_and_accept("sam", "invite @sam developer shop")
    harness.invite_and_accept("sam", "invite @sam accountant pixel")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    harness.playground.deactivate_account("ada")
    harness.drain_outbox()
    return harness


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("way", ["line", "form"])
def test_a_guest_is_chosen_as_successor_after_a_question(
    shop_without_owner: AppHarness, way: str
) -> None:
    harness = shop_without_owner
    if way == "line":
        assert harness.run_command("bo", "/collab successor @sam pixel") == {}
        harness.wait_for_form("bo", "choose_outsider")
    else:
        harness.press_button("bo", harness.latest_message("bo"), "choose")
        harness.wait_for_form("bo", "choose")
        harness.bo.submit_view({"who": "USAM"})
    question = harness.view_text("bo")
    assert "<@USAM> (guest) isn't a full member" in question
    assert "As an owner of *Pixel*" in question
    members = harness.run_command("bo", "/collab members pixel")["text"]
    assert "<@USAM> · accountant" in members

    harness.bo.submit_view({})
    harness.drain_outbox()
    assert "takes over as owner" in harness.view_text("bo")
    members = harness.run_command("bo", "/collab members pixel")["text"]
    assert "<@USAM> · owner" in members

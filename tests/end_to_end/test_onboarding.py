"""The first steps of an admin, and the offer to link a channel that Collab is added to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.playground import delivery
from bot.slack.views.onboarding import CHANNEL_OFFER
from tests.support.app_harness import AppHarness, iterate_elements, run_app


@pytest.fixture
def empty_harness(sqlite_url: str) -> Iterator[AppHarness]:
    """Return the app in a workspace where nothing exists and nobody is known."""
    with run_app(sqlite_url, is_seeded=False) as harness:
        yield harness


def list_actions(message: dict[str, Any]) -> list[str]:
    """Return the action ids of a message's controls."""
    elements = iterate_elements(message)
    return [each["action_id"] for each in elements if "action_id" in each]


def open_home(harness: AppHarness, user_name: str) -> None:
    """Open Home and deliver the outbox."""
    harness.playground.get_user(user_name).open_home()
    harness.drain_outbox()


def list_texts(harness: AppHarness, user_name: str, channel: str = "") -> list[str]:
    """Return the texts of the app's messages that a user sees."""
    user = harness.playground.get_user(user_name)
    messages = user.list_messages(channel) if channel else user.list_direct_messages()
    bot_user_id = harness.playground.state.workspace.bot_user_id
    return [each["text"] for each in messages if each["user"] == bot_user_id]


def test_the_first_admin_gets_three_steps_with_buttons_once(
    empty_harness: AppHarness,
) -> None:
    for _ in range(2):
        open_home(empty_harness, "ada")
        empty_harness.run_command("ada", "/collab help")
    [text] = list_texts(empty_harness, "ada")
    assert "Welcome to Collab." in text
    assert all(f"*{number}. " in text for number in (1, 2, 3))
    message = empty_harness.latest_message("ada")
    assert list_actions(message) == [
        "create_open",
        "invite_open",
        "home_link",
        "help_all",
    ]
    empty_harness.press_button("ada", message, "create_open")
    assert empty_harness.wait_for_form("ada", "form")


def test_others_get_no_first_steps(empty_harness: AppHarness) -> None:
    for user_name in ("bo", "sam"):
        open_home(empty_harness, user_name)
        assert list_texts(empty_harness, user_name) == []


def test_there_are_no_first_steps_where_something_exists(harness: AppHarness) -> None:
    before = list_texts(harness, "ada")
    open_home(harness, "ada")
    harness.run_command("ada", "/collab help")
    assert list_texts(harness, "ada") == before


def add_app(harness: AppHarness, user_name: str, channel: str) -> None:
    """Add the app to a channel as a user."""
    workspace = harness.playground.state.workspace
    channel_id = workspace.get_channel(channel).id
    workspace.get_channel(channel).members.append(workspace.bot_user_id)
    send_joined(harness, channel_id, harness.playground.get_user(user_name).id)


def get_offer(harness: AppHarness, user_name: str, channel: str) -> dict[str, Any]:
    """Add the app to a channel as a user, and return the offer that they see."""
    add_app(harness, user_name, channel)
    return harness.latest_message(user_name, channel)


def send_joined(
    harness: AppHarness, channel_id: str, inviter: str | None, **changes: Any
) -> None:
    """Send the event that the app was added to a channel, and deliver the outbox."""
    workspace = harness.playground.state.workspace
    event = {
        "type": "member_joined_channel",
        "user": workspace.bot_user_id,
        "channel": channel_id,
        "channel_type": "C",
        "inviter": inviter,
        "event_ts": workspace.new_ts(),
        **changes,
    }
    delivery.send_event(harness.playground.state, event)
    harness.drain_outbox()


def test_an_invitation_in_slack_leads_to_the_offer(harness: AppHarness) -> None:
    harness.ada.type_text("/invite @collab", channel="general")
    harness.playground.wait_until(
        lambda: CHANNEL_OFFER in str(harness.ada.list_messages("general")), 10
    )


def test_the_person_who_adds_collab_chooses_what_to_post(harness: AppHarness) -> None:
    offer = get_offer(harness, "ada", "general")
    assert offer["ephemeral"]
    assert "What should I post updates about here?" in offer["text"]
    options = harness.ada.search_options(offer, "link_here", "acm")
    harness.ada.choose_option(offer, "link_here", options[0]["value"])
    harness.drain_outbox()
    answers = list_texts(harness, "ada", "general")
    assert any("Linked. Updates about *Acme*" in text for text in answers)
    assert not any("What should I post" in text for text in answers)
    assert "Acme" in harness.run_command("ada", "/collab unlink", "general")["text"]


def test_the_offer_can_be_put_off(harness: AppHarness) -> None:
    offer = get_offer(harness, "ada", "general")
    harness.press_button("ada", offer, "not_now")
    assert "type `/collab link` here" in list_texts(harness, "ada", "general")[-1]


def test_a_shared_channel_is_linked_after_a_question(harness: AppHarness) -> None:
    offer = get_offer(harness, "ada", "partners")
    options = harness.ada.search_options(offer, "link_here")
    harness.ada.choose_option(offer, "link_here", options[0]["value"])
    harness.drain_outbox()
    question = harness.latest_message("ada", "partners")
    assert "Link it anyway?" in question["text"]
    harness.press_button("ada", question, "link_shared")
    assert "Linked. Updates about *Acme*" in str(list_texts(harness, "ada", "partners"))


@pytest.mark.rule("PER-02")
def test_outsiders_and_guests_without_rights_get_no_offer(harness: AppHarness) -> None:
    before = list_texts(harness, "eve", "partners")
    add_app(harness, "eve", "partners")
    assert list_texts(harness, "eve", "partners") == before
    add_app(harness, "sam", "general")
    assert list_texts(harness, "sam", "general") == []


def test_who_has_nothing_to_link_is_told_to_create_it(harness: AppHarness) -> None:
    offer = get_offer(harness, "lena", "general")
    assert "Leg zuerst eine Firma an" in offer["text"]
    assert list_actions(offer) == ["create_open", "not_now"]


def test_an_event_that_is_sent_again_or_about_others_gets_no_offer(
    harness: AppHarness,
) -> None:
    workspace = harness.playground.state.workspace
    workspace.get_channel("general").members.append(workspace.bot_user_id)
    ts = workspace.new_ts()
    send_joined(harness, "C0GENERAL", "UADA", event_ts=ts)
    send_joined(harness, "C0GENERAL", "UADA", event_ts=ts)
    send_joined(harness, "C0GENERAL", "UADA", user="UCARL")
    send_joined(harness, "C0GENERAL", None)
    send_joined(harness, "x y", "UADA")
    offers = [
        message
        for message in harness.ada.list_messages("general")
        if CHANNEL_OFFER in str(message["blocks"])
    ]
    assert len(offers) == 1

"""Collab answers when it is written to or mentioned: once, and only people."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import delivery
from bot.playground.workspace import SlackAccount
from tests.support.app_harness import AppHarness, iterate_elements

LATER_SECONDS = 11


def send_event(harness: AppHarness, kind: str, **fields: Any) -> dict[str, Any]:
    """Send an event about a message, as Slack does, and deliver the outbox."""
    workspace = harness.playground.state.workspace
    direct = workspace.get_direct_channel("UADA").id
    event = {
        "type": kind,
        "user": "UADA",
        "ts": workspace.new_ts(),
        "text": "hello",
        "channel": direct,
        "channel_type": "im",
        **fields,
    }
    delivery.send_event(harness.playground.state, event)
    harness.drain_outbox()
    return event


def list_answers(
    harness: AppHarness, user_name: str, channel: str | None = None
) -> list[dict[str, Any]]:
    """Return the help that a user sees in a channel or in the direct message."""
    user = harness.playground.get_user(user_name)
    messages = user.list_messages(channel) if channel else user.list_direct_messages()
    return [each for each in messages if "help_all" in str(each["blocks"])]


def wait_for_answer(harness: AppHarness, user_name: str, channel: str | None) -> Any:
    """Return the help that a user gets for what they have just typed."""
    harness.playground.wait_until(
        lambda: bool(list_answers(harness, user_name, channel)), 10
    )
    return list_answers(harness, user_name, channel)[-1]


def test_a_direct_message_gets_help_with_buttons(harness: AppHarness) -> None:
    harness.ada.type_text(
        "hi, what can you do?", channel=direct_channel(harness, "ada")
    )
    answer = wait_for_answer(harness, "ada", None)
    assert "`/collab invite @carl admin acme`" in answer["text"]
    assert any(
        element.get("action_id") == "invite_open"
        for element in iterate_elements(answer)
    )

    harness.press_button("ada", answer, "help_all")
    assert harness.wait_for_form("ada", "all_commands")


def direct_channel(harness: AppHarness, user_name: str) -> str:
    """Return the id of a user's direct message with the app."""
    user = harness.playground.get_user(user_name)
    return harness.playground.state.workspace.get_direct_channel(user.id).id


def test_commands_can_be_typed_in_the_direct_message(harness: AppHarness) -> None:
    place = direct_channel(harness, "ada")
    assert "Acme" in harness.run_command("ada", "/collab show acme", place)["text"]
    assert list_answers(harness, "ada") == []


def test_a_mention_is_answered_in_the_channel_for_its_author_alone(
    harness: AppHarness,
) -> None:
    harness.carl.type_text("@collab what is this?", channel="acme")
    answer = wait_for_answer(harness, "carl", "acme")
    assert answer["ephemeral"]
    assert list_answers(harness, "ada", "acme") == []
    assert list_answers(harness, "carl") == []


def test_the_answer_is_in_the_language_of_the_reader(harness: AppHarness) -> None:
    harness.lena.type_text("hallo", channel=direct_channel(harness, "lena"))
    assert "Personen einladen" in wait_for_answer(harness, "lena", None)["text"]


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"},
        {"subtype": "message_changed", "message": {}},
        {"subtype": "message_deleted"},
        {"edited": {"user": "UADA", "ts": "1.1"}},
        {"user": "USLACKBOT"},
        {"user": None},
        {"ts": "now"},
        {"channel": "<x>"},
    ],
)
def test_bots_changes_and_malformed_events_get_no_answer(
    harness: AppHarness, fields: dict[str, Any]
) -> None:
    for kind in ("message", "app_mention"):
        send_event(harness, kind, **fields)
    assert list_answers(harness, "ada") == []


def test_a_message_in_a_channel_without_a_mention_gets_no_answer(
    harness: AppHarness,
) -> None:
    send_event(harness, "message", channel="C0ACME", channel_type="channel")
    assert list_answers(harness, "ada", "acme") == []


def test_an_event_that_is_sent_again_is_answered_once(harness: AppHarness) -> None:
    event = send_event(harness, "message")
    send_event(harness, "message", ts=event["ts"])
    assert len(list_answers(harness, "ada")) == 1
    harness.advance_time(seconds=LATER_SECONDS)
    send_event(harness, "message")
    assert len(list_answers(harness, "ada")) == 2
    send_event(harness, "message", ts=event["ts"])
    assert len(list_answers(harness, "ada")) == 2


def test_a_person_gets_one_answer_in_ten_seconds(harness: AppHarness) -> None:
    for _ in range(5):
        send_event(harness, "message")
    assert len(list_answers(harness, "ada")) == 1
    harness.advance_time(seconds=LATER_SECONDS)
    send_event(harness, "message")
    assert len(list_answers(harness, "ada")) == 2


@pytest.fixture
def other_bot(harness: AppHarness) -> str:
    """Return the user id of another app's bot."""
    account = SlackAccount("UROBO", "robo", "Robo", "", harness.workspace, is_bot=True)
    harness.playground.state.workspace.add_account(account)
    return account.id


def test_a_mention_under_a_message_of_another_app_gets_no_answer(
    harness: AppHarness, other_bot: str
) -> None:
    place = {"channel": "C0ACME", "channel_type": "channel"}
    workspace = harness.playground.state.workspace
    root = workspace.add_message("C0ACME", other_bot, "a build has failed").ts
    thread = {**place, "thread_ts": root, "parent_user_id": other_bot}
    send_event(harness, "app_mention", **thread)
    assert list_answers(harness, "ada", "acme") == []

    root = workspace.add_message("C0ACME", "UCARL", "who can deploy?").ts
    thread = {**place, "thread_ts": root, "parent_user_id": "UCARL"}
    send_event(harness, "app_mention", **thread)
    [answer] = list_answers(harness, "ada", "acme")
    assert answer["thread_ts"] == root


def test_an_external_person_reads_no_commands(harness: AppHarness) -> None:
    harness.run_command("ada", "/invite @collab", channel="partners")
    place = {"channel": "C0PARTNERS", "channel_type": "channel"}
    send_event(harness, "app_mention", user="UEVE", **place)
    shown = [each["text"] for each in harness.eve.list_messages("partners")]
    assert "Commands are only for people in this workspace." in shown[-1]
    assert "/collab" not in shown[-1]


def test_without_the_channel_the_answer_is_a_direct_message(
    harness: AppHarness,
) -> None:
    send_event(harness, "app_mention", channel="C0GENERAL", channel_type="channel")
    assert len(list_answers(harness, "ada")) == 1

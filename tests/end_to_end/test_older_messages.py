"""Of several messages about one question the newest alone has buttons (INV-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.rule("INV-11")
REMIND_AT_ANY_HOUR = "/collab settings quiet-hours off"


def routes_of(message: dict[str, Any]) -> list[str]:
    """The routes of the buttons of a message."""
    return [
        str(element["action_id"]).partition(":")[0]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def messages_with(harness: AppHarness, name: str, route: str) -> list[dict[str, Any]]:
    """What a person has of the app with a button of this route, oldest first."""
    harness.drain_outbox()
    person = getattr(harness, name)
    return [
        message
        for message in person.list_direct_messages()
        if route in routes_of(message)
    ]


def texts_of(harness: AppHarness, name: str) -> list[str]:
    harness.drain_outbox()
    person = getattr(harness, name)
    return [str(message["blocks"]) for message in person.list_direct_messages()]


def test_a_reminder_is_a_reply_to_the_card_which_keeps_the_buttons(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", REMIND_AT_ANY_HOUR)
    harness.run_command("ada", "/collab invite @devi admin acme")
    for times in ("Reminded 1 time.", "Reminded 2 times."):
        harness.advance_time(days=2, hours=18)
        harness.drain_outbox()
        card, *reminders = harness.devi.list_direct_messages()
        assert times in str(card["blocks"])
        assert routes_of(card) == ["accept", "decline", "more"]
        assert {each["thread_ts"] for each in reminders} == {card["ts"]}
        assert all(each["text"].startswith("Reminder: ") for each in reminders)
        assert all(routes_of(each) == [] for each in reminders)
    assert len(reminders) == 2


def test_the_reminder_of_a_card_that_was_deleted_has_the_buttons(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", REMIND_AT_ANY_HOUR)
    harness.run_command("ada", "/collab invite @devi admin acme")
    harness.drain_outbox()
    card = harness.latest_message("devi")
    channel = next(
        each.id
        for each in harness.playground.state.workspace.channels.values()
        if each.kind == "im" and each.name == "devi"
    )
    harness.app.slack_client.call_method(
        harness.workspace, "chat.delete", channel=channel, ts=card["ts"]
    )
    harness.advance_time(days=2, hours=18)
    [current] = messages_with(harness, "devi", "accept")
    assert current["text"].startswith("Reminder: ")


def remind_together(harness: AppHarness) -> None:
    """Let reminders become due and send them in one run of due work."""
    clock = harness.playground.clock
    clock.set_now(clock.now() + timedelta(days=2, hours=18))
    harness.app.bus.run_due(clock.now())
    harness.drain_outbox()


def test_one_reminder_of_two_invitations_takes_their_buttons(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", REMIND_AT_ANY_HOUR)
    for line in ("create company Pixel", "invite @devi admin pixel"):
        harness.run_command("ada", f"/collab {line}")
    harness.run_command("ada", "/collab invite @devi admin acme")

    remind_together(harness)
    [current] = messages_with(harness, "devi", "accept")
    assert current["text"].count("Reminder: ") == 2
    older = [text for text in texts_of(harness, "devi") if "newer message" in text]
    assert len(older) == 2

    remind_together(harness)
    assert [m["ts"] for m in messages_with(harness, "devi", "accept")] == [
        current["ts"]
    ]
    reply = harness.latest_message("devi")
    assert reply["thread_ts"] == current["ts"]
    assert reply["text"].count("Reminder: ") == 2


def test_sent_again_while_pending_leaves_one_message_with_buttons(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab invite @devi admin acme")
    harness.advance_time(days=4)
    harness.run_command("ada", "/collab resend @devi acme")
    [current] = messages_with(harness, "devi", "accept")
    assert current["ts"] == harness.latest_message("devi")["ts"]
    harness.press_button("devi", current, "accept")
    assert messages_with(harness, "devi", "accept") == []
    assert len(messages_with(harness, "ada", "revoke")) == 0


@pytest.mark.parametrize(
    "line",
    ["resend @devi acme", "invite @devi admin acme", "invite @devi accountant acme"],
)
def test_an_expired_one_that_is_sent_again_has_no_button_nor_old_advice(
    harness: AppHarness, line: str
) -> None:
    harness.run_command("ada", "/collab invite @devi admin acme")
    harness.advance_time(days=9)
    assert len(messages_with(harness, "ada", "resend")) == 1
    assert any("ask" in text for text in texts_of(harness, "devi"))

    harness.run_command("ada", f"/collab {line}")

    assert messages_with(harness, "ada", "resend") == []
    assert any("invited again since" in text for text in texts_of(harness, "ada"))
    expired = [text for text in texts_of(harness, "devi") if "expired" in text]
    assert all("send it again" not in text for text in expired)
    assert len(messages_with(harness, "devi", "accept")) == 1
    sent = harness.run_command("ada", "/collab invitations sent")
    assert "sent again" in sent["text"]
    assert str(sent["blocks"]).count("Send again") == 1


def test_sent_again_twice_each_older_one_is_settled(harness: AppHarness) -> None:
    for _ in range(3):
        harness.run_command("ada", "/collab invite @devi admin acme")
        harness.advance_time(days=9)
    assert len(messages_with(harness, "ada", "resend")) == 1
    assert messages_with(harness, "devi", "accept") == []
    advice = [t for t in texts_of(harness, "devi") if "send it again" in t]
    assert advice
    assert sum("invited again since" in t for t in texts_of(harness, "ada")) == 2


def test_the_second_warning_takes_the_button_of_the_first(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab invite @devi admin acme for 30d")
    harness.press_button("devi", harness.latest_message("devi"), "accept")
    harness.advance_time(days=24)
    assert len(messages_with(harness, "ada", "extend")) == 1
    harness.advance_time(days=5, hours=12)
    [current] = messages_with(harness, "ada", "extend")
    assert current["ts"] == harness.latest_message("ada")["ts"]


def test_the_answer_to_an_invitation_has_the_buttons_of_its_sender(
    harness: AppHarness,
) -> None:
    answer = harness.run_command("ada", "/collab invite @devi admin acme")
    assert routes_of(answer) == ["open_page", "members_ask", "revoke", "edit"]
    assert harness.ada.list_direct_messages() == []
    harness.press_button("ada", harness.latest_message("ada", "general"), "revoke")
    assert messages_with(harness, "devi", "accept") == []
    assert routes_of(harness.latest_message("ada", "general")) == [
        "open_page",
        "members_ask",
    ]

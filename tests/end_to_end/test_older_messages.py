"""Of several messages about one question the newest alone has buttons (INV-11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.rule("INV-11")


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


def test_a_reminder_takes_the_buttons_of_the_first_message(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab invite @devi admin acme")
    harness.advance_time(days=4)
    [current] = messages_with(harness, "devi", "accept")
    assert "reminder" in current["text"].lower() or "Still open" in current["text"]
    older = [text for text in texts_of(harness, "devi") if "newer message" in text]
    assert len(older) == 1


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

"""Repeated deliveries, closed sockets and repeated presses have no second effect."""

from __future__ import annotations

import pytest

from bot.playground import NoAnswer
from bot.slack import socket_mode
from collab.events import (
    InvitationAccepted,
    InvitationResent,
    InvitationSent,
    MemberJoined,
)
from tests.support.app_harness import AppHarness


def count_events(harness: AppHarness, event_type: type) -> int:
    return sum(
        isinstance(record.event, event_type)
        for record in harness.app.database.event_log.export_events(harness.workspace)
    )


@pytest.mark.pooled
@pytest.mark.rule("INV-04")
def test_a_command_and_a_press_that_are_delivered_twice_have_one_effect(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.playground.faults.duplicate("command")
    assert (
        "You invited"
        in harness.run_command("ada", "/collab invite @carl admin acme")["text"]
    )
    invitation = harness.latest_message("carl")
    joined_count = count_events(harness, MemberJoined)

    harness.playground.faults.duplicate("block_actions")
    harness.press_button("carl", invitation, "accept")

    assert (
        count_events(harness, InvitationSent),
        count_events(harness, InvitationResent),
    ) == (
        1,
        0,
    )
    assert (
        count_events(harness, InvitationAccepted),
        count_events(harness, MemberJoined) - joined_count,
    ) == (1, 1)
    assert (
        len(
            [
                message
                for message in harness.carl.list_direct_messages()
                if "invite" in message["text"]
            ]
        )
        == 1
    )


def test_an_event_that_is_delivered_twice_is_stored_once(harness: AppHarness) -> None:
    harness.playground.faults.duplicate("event")
    before = len(list(harness.app.database.event_log.export_events(harness.workspace)))
    harness.playground.change_account("devi", tz="Europe/Lisbon")
    harness.playground.wait_until(
        lambda: (
            len(list(harness.app.database.event_log.export_events(harness.workspace)))
            > before
        )
    )
    harness.drain_outbox()
    assert (
        len(list(harness.app.database.event_log.export_events(harness.workspace)))
        == before + 1
    )


@pytest.fixture
def short_ping_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app check its socket more often than in production."""
    monkeypatch.setattr(socket_mode, "PING_SECONDS", 0.5)


@pytest.mark.parametrize("fault", ["drop_sockets", "refresh_sockets"])
def test_the_app_reconnects_after_its_socket_closed(
    short_ping_interval: None, harness: AppHarness, fault: str
) -> None:
    harness.playground.ack_timeout_seconds = 3.0
    getattr(harness.playground.faults, fault)()

    def is_answered() -> bool:
        try:
            return "text" in harness.run_command("ada", "/collab help")
        except NoAnswer:
            return False

    harness.playground.wait_until(is_answered, timeout=40)


@pytest.mark.rule("INV-11")
def test_a_stale_button_in_a_list_is_answered_without_effect(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.run_command("carl", "/collab invitations", "general")
    list_message = harness.latest_message("carl", "general")
    harness.press_button("carl", harness.latest_message("carl"), "accept")

    harness.press_button("carl", list_message, "accept")

    assert "already" in harness.latest_message("carl", "general")["text"].lower()
    assert count_events(harness, InvitationAccepted) == 1

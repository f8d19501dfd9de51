"""The main road when Slack misbehaves: deliveries that come twice, sockets that drop, and people who press twice."""

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


def happened(stage: AppHarness, kind: type) -> int:
    return sum(
        isinstance(r.event, kind)
        for r in stage.app.database.event_log.export_events(stage.workspace)
    )


@pytest.mark.rule("INV-04")
def test_a_command_and_a_press_that_are_delivered_twice_do_one_thing(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    stage.playground.faults.duplicate("command")
    assert (
        "You invited"
        in stage.run_command("ada", "/collab invite @carl admin acme")["text"]
    )
    asked = stage.latest_message("carl")
    joined = happened(stage, MemberJoined)

    stage.playground.faults.duplicate("block_actions")
    stage.press_button("carl", asked, "accept")

    assert (happened(stage, InvitationSent), happened(stage, InvitationResent)) == (
        1,
        0,
    )
    assert (
        happened(stage, InvitationAccepted),
        happened(stage, MemberJoined) - joined,
    ) == (1, 1)
    assert (
        len([m for m in stage.carl.list_direct_messages() if "invite" in m["text"]])
        == 1
    )


def test_an_event_that_is_delivered_twice_is_kept_once(stage: AppHarness) -> None:
    stage.playground.faults.duplicate("event")
    before = len(list(stage.app.database.event_log.export_events(stage.workspace)))
    stage.playground.change_account("devi", tz="Europe/Lisbon")
    stage.playground.wait_until(
        lambda: (
            len(list(stage.app.database.event_log.export_events(stage.workspace)))
            > before
        )
    )
    stage.drain_outbox()
    assert (
        len(list(stage.app.database.event_log.export_events(stage.workspace)))
        == before + 1
    )


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app looks at its socket more often than it does for people."""
    monkeypatch.setattr(socket_mode, "PING_SECONDS", 0.5)


@pytest.mark.parametrize("trouble", ["drop_sockets", "refresh_sockets"])
def test_the_app_comes_back_when_its_socket_goes(
    watchful: None, stage: AppHarness, trouble: str
) -> None:
    stage.playground.ack_timeout_seconds = 3.0
    getattr(stage.playground.faults, trouble)()

    def answered() -> bool:
        try:
            return "text" in stage.run_command("ada", "/collab help")
        except NoAnswer:
            return False

    stage.playground.wait_until(answered, timeout=40)


@pytest.mark.rule("INV-11")
def test_a_stale_button_in_a_list_gets_a_friendly_word(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab invite @carl admin acme")
    stage.run_command("carl", "/collab invitations", "general")
    listed = stage.latest_message("carl", "general")
    stage.press_button("carl", stage.latest_message("carl"), "accept")

    stage.press_button("carl", listed, "accept")

    assert "already" in stage.latest_message("carl", "general")["text"].lower()
    assert happened(stage, InvitationAccepted) == 1

"""The main road when Slack misbehaves: deliveries that come twice, sockets that drop, and people who press twice."""

from __future__ import annotations

import pytest

from bot import socket_mode
from bot.playground import NoAnswer
from collab.events import InvitationAccepted, InvitationResent, InvitationSent, MemberJoined
from tests.support.app_harness import Stage


def happened(stage: Stage, kind: type) -> int:
    return sum(isinstance(r.event, kind) for r in stage.house.database.journal.export(stage.workspace))


@pytest.mark.rule("INV-04")
def test_a_command_and_a_press_that_are_delivered_twice_do_one_thing(everywhere: Stage) -> None:
    stage = everywhere
    stage.playground.faults.duplicate("command")
    assert "You invited" in stage.says("ada", "/collab invite @carl admin acme")["text"]
    asked = stage.last("carl")
    joined = happened(stage, MemberJoined)

    stage.playground.faults.duplicate("block_actions")
    stage.presses("carl", asked, "accept")

    assert (happened(stage, InvitationSent), happened(stage, InvitationResent)) == (1, 0)
    assert (happened(stage, InvitationAccepted), happened(stage, MemberJoined) - joined) == (1, 1)
    assert len([m for m in stage.carl.direct_messages() if "invite" in m["text"]]) == 1


def test_an_event_that_is_delivered_twice_is_kept_once(stage: Stage) -> None:
    stage.playground.faults.duplicate("event")
    before = len(list(stage.house.database.journal.export(stage.workspace)))
    stage.playground.change_person("devi", tz="Europe/Lisbon")
    stage.playground.wait_until(lambda: len(list(stage.house.database.journal.export(stage.workspace))) > before)
    stage.settle()
    assert len(list(stage.house.database.journal.export(stage.workspace))) == before + 1


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app looks at its socket more often than it does for people."""
    monkeypatch.setattr(socket_mode, "PING", 0.5)


@pytest.mark.parametrize("trouble", ["drop_sockets", "refresh_sockets"])
def test_the_app_comes_back_when_its_socket_goes(watchful: None, stage: Stage, trouble: str) -> None:
    stage.playground.patience = 3.0
    getattr(stage.playground.faults, trouble)()

    def answered() -> bool:
        try:
            return "text" in stage.says("ada", "/collab help")
        except NoAnswer:
            return False

    stage.playground.wait_until(answered, timeout=40)


@pytest.mark.rule("INV-11")
def test_a_stale_button_in_a_list_gets_a_friendly_word(stage: Stage) -> None:
    stage.says("ada", "/collab invite @carl admin acme")
    stage.says("carl", "/collab invitations", "general")
    listed = stage.last("carl", "general")
    stage.presses("carl", stage.last("carl"), "accept")

    stage.presses("carl", listed, "accept")

    assert "already" in stage.last("carl", "general")["text"].lower()
    assert happened(stage, InvitationAccepted) == 1

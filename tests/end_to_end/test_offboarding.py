"""Offboarding in the running app, on each database."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.mark.rule("OFF-01")
@pytest.mark.rule("OFF-02")
@pytest.mark.rule("OFF-03")
def test_all_access_ends_with_one_press_and_comes_back_with_another(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create company Beta",
        "create app Wiki in beta",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    harness.invite_and_accept("bo", "invite @bo developer wiki")

    preview = harness.run_command("ada", "/collab offboard @bo")["text"]

    assert "admin of *Pixel*" in preview
    assert "developer of *Wiki*" in preview
    harness.press_button("ada", harness.latest_message("ada", "general"), "offboard")
    statement = harness.latest_message("ada", "general")
    assert "You ended <@UBO>'s access" in statement["text"]
    assert "*Shop*: <@UADA>" in statement["text"]
    harness.drain_outbox()
    told = [
        message["text"]
        for message in harness.playground.get_user("bo").list_direct_messages()
    ]
    assert any("<@UADA> ended your access" in text for text in told)
    assert not any("removed you from" in text for text in told)
    keys = harness.run_command("ada", "/collab keys")["text"]
    assert "<@UADA> rotates them by" in keys
    harness.press_button("ada", statement, "undo")
    shown = harness.playground.get_user("ada").list_messages("general")
    back = next(each for each in shown if each["ts"] == statement["ts"])
    assert "<@UBO> has 2 roles back" in back["text"]
    assert "<@UBO>" in harness.run_command("ada", "/collab members pixel")["text"]
    harness.drain_outbox()


@pytest.mark.rule("OFF-01")
@pytest.mark.rule("OFF-02")
@pytest.mark.rule("MEM-09")
def test_suspended_roles_and_their_keys_are_in_the_preview(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.invite_and_accept("devi", "invite @devi developer shop")
    harness.playground.deactivate_account("devi")
    harness.drain_outbox()
    command = "offboard devi@acme.example.com"

    rehearsal = harness.run_command("ada", f"/collab what if {command}")["text"]
    assert "Nobody loses access" not in rehearsal
    preview = harness.run_command("ada", f"/collab {command}")["text"]
    assert "developer of *Shop*" in preview
    assert "deploy keys to rotate by" in preview
    assert "<@UDEVI>, the owners" not in preview
    assert "I'll notify the owners and the linked channels." in preview

    harness.press_button("ada", harness.latest_message("ada", "general"), "offboard")
    keys = harness.run_command("ada", "/collab keys")["text"]
    assert "*Shop*" in keys
    assert "<@UADA> rotates them by" in keys

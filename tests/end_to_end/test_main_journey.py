"""The main road through the real app: by both transports, on both databases."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.fixture(params=[True, False], ids=["met", "unmet"])
def met(request: pytest.FixtureRequest) -> bool:
    """Everybody is known, or nobody has been met."""
    return bool(request.param)


def test_invite_accept_notice_and_no_live_button_is_left(
    everywhere: AppHarness,
) -> None:
    stage = everywhere

    answer = stage.run_command("ada", "/collab invite @carl admin acme", "acme")
    assert "admin" in answer["text"]
    asked = stage.latest_message("carl")
    assert "Acme" in asked["text"]
    assert ("carl", "accept") in [
        (who, action.partition(":")[0]) for who, action in stage.list_visible_buttons()
    ]

    stage.press_button("carl", asked, "accept")

    assert "joined" in stage.latest_message("bo", "acme")["text"]
    assert stage.list_visible_buttons() == []
    assert "accepted" in stage.carl.list_direct_messages()[-1]["text"].lower()


def test_remind_expire_and_send_again(everywhere: AppHarness) -> None:
    stage = everywhere
    stage.run_command("ada", "/collab invite @devi admin acme", "acme")
    before = len(stage.devi.list_direct_messages())

    stage.advance_time(days=5)
    assert len(stage.devi.list_direct_messages()) > before

    stage.advance_time(days=8)
    expired = stage.latest_message("ada")
    assert "expired" in expired["text"].lower()

    stage.press_button("ada", expired, "resend")
    assert "Acme" in stage.latest_message("devi")["text"]
    stage.press_button("devi", stage.latest_message("devi"), "accept")
    assert stage.list_visible_buttons() == []


@pytest.mark.rule("MEM-07")
def test_remove_after_a_preview_tells_owners_remover_and_removed(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    stage.run_command("ada", "/collab invite @carl owner acme", "acme")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    stage.run_command("ada", "/collab invite @devi admin acme", "acme")
    stage.press_button("devi", stage.latest_message("devi"), "accept")

    stage.run_command("carl", "/collab remove @devi acme", "general")
    preview = stage.latest_message("carl", "general")
    assert preview["ephemeral"]
    assert "Devi" in preview["text"] or "UDEVI" in preview["text"]
    stage.press_button("carl", preview, "remove")

    assert "Undo" in str(stage.latest_message("carl", "general")["blocks"])
    for who, note in {
        "ada": "No service passwords or deploy keys need to be rotated",
        "carl": "No service passwords or deploy keys need to be rotated",
        "devi": "please delete them",
    }.items():
        texts = " ".join(
            m["text"]
            for m in stage.playground.get_user(who).list_direct_messages()[-2:]
        )
        assert note in texts, who
    assert "removed" in stage.latest_message("bo", "acme")["text"].lower()

"""The main road through the real app: by both transports, on both databases."""

from __future__ import annotations

import pytest

from tests.support.app_harness import Stage


@pytest.fixture(params=[True, False], ids=["met", "unmet"])
def met(request: pytest.FixtureRequest) -> bool:
    """Everybody is known, or nobody has been met."""
    return bool(request.param)


def test_invite_accept_notice_and_no_live_button_is_left(everywhere: Stage) -> None:
    stage = everywhere

    answer = stage.says("ada", "/collab invite @carl admin acme", "acme")
    assert "admin" in answer["text"]
    asked = stage.last("carl")
    assert "Acme" in asked["text"]
    assert ("carl", "accept") in [(who, action.partition(":")[0]) for who, action in stage.live_buttons()]

    stage.presses("carl", asked, "accept")

    assert "joined" in stage.last("bo", "acme")["text"]
    assert stage.live_buttons() == []
    assert "accepted" in stage.carl.direct_messages()[-1]["text"].lower()


def test_remind_expire_and_send_again(everywhere: Stage) -> None:
    stage = everywhere
    stage.says("ada", "/collab invite @devi admin acme", "acme")
    before = len(stage.devi.direct_messages())

    stage.travels(days=5)
    assert len(stage.devi.direct_messages()) > before

    stage.travels(days=8)
    expired = stage.last("ada")
    assert "expired" in expired["text"].lower()

    stage.presses("ada", expired, "resend")
    assert "Acme" in stage.last("devi")["text"]
    stage.presses("devi", stage.last("devi"), "accept")
    assert stage.live_buttons() == []


@pytest.mark.rule("MEM-07")
def test_remove_after_a_preview_tells_owners_remover_and_removed(everywhere: Stage) -> None:
    stage = everywhere
    stage.says("ada", "/collab invite @carl owner acme", "acme")
    stage.presses("carl", stage.last("carl"), "accept")
    stage.says("ada", "/collab invite @devi admin acme", "acme")
    stage.presses("devi", stage.last("devi"), "accept")

    stage.says("carl", "/collab remove @devi acme", "general")
    preview = stage.last("carl", "general")
    assert preview["ephemeral"]
    assert "Devi" in preview["text"] or "UDEVI" in preview["text"]
    stage.presses("carl", preview, "remove")

    assert "Undo" in str(stage.last("carl", "general")["blocks"])
    for who, note in {
        "ada": "No service passwords or deploy keys need to be rotated",
        "carl": "No service passwords or deploy keys need to be rotated",
        "devi": "please delete them",
    }.items():
        texts = " ".join(m["text"] for m in stage.playground.person(who).direct_messages()[-2:])
        assert note in texts, who
    assert "removed" in stage.last("bo", "acme")["text"].lower()

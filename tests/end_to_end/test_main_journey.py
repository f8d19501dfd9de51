"""The main journey in the running app, by each transport and on each database."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.pooled


@pytest.fixture(params=[True, False], ids=["seeded", "empty"])
def is_seeded(request: pytest.FixtureRequest) -> bool:
    """Return whether there is sample data: each way."""
    return bool(request.param)


def test_an_accepted_invitation_is_announced_and_has_no_buttons(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    answer = harness.run_command("ada", "/collab invite @carl admin acme", "acme")
    assert "admin" in answer["text"]
    invitation = harness.latest_message("carl")
    assert "Acme" in invitation["text"]
    assert ("carl", "accept") in [
        (who, action.partition(":")[0]) for who, action in harness.list_acting_buttons()
    ]

    harness.press_button("carl", invitation, "accept")

    assert "joined" in harness.latest_message("bo", "acme")["text"]
    assert harness.list_acting_buttons() == []
    assert "accepted" in harness.carl.list_direct_messages()[-1]["text"].lower()


def test_an_invitation_is_reminded_expired_and_resent(each_harness: AppHarness) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab invite @devi admin acme", "acme")
    count = len(harness.devi.list_direct_messages())

    harness.advance_time(days=5)
    assert len(harness.devi.list_direct_messages()) > count

    harness.advance_time(days=8)
    expired = harness.latest_message("ada")
    assert "expired" in expired["text"].lower()

    harness.press_button("ada", expired, "resend")
    assert "Acme" in harness.latest_message("devi")["text"]
    harness.press_button("devi", harness.latest_message("devi"), "accept")
    assert harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-07")
def test_a_removal_notifies_owners_the_remover_and_the_removed_member(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab invite @carl owner acme", "acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    harness.run_command("ada", "/collab invite @devi admin acme", "acme")
    harness.press_button("devi", harness.latest_message("devi"), "accept")

    harness.run_command("carl", "/collab remove @devi acme", "general")
    preview = harness.latest_message("carl", "general")
    assert preview["ephemeral"]
    assert "Devi" in preview["text"] or "UDEVI" in preview["text"]
    harness.press_button("carl", preview, "remove")

    assert "Undo" in str(harness.latest_message("carl", "general")["blocks"])
    for user_name, part in {
        "ada": "No service passwords or deploy keys need to be rotated",
        "carl": "No service passwords or deploy keys need to be rotated",
        "devi": "If you have local copies, delete them.",
    }.items():
        texts = " ".join(
            message["text"]
            for message in harness.playground.get_user(
                user_name
            ).list_direct_messages()[-2:]
        )
        assert part in texts, user_name
    assert "removed" in harness.latest_message("bo", "acme")["text"].lower()

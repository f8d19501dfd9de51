"""Everybody sees what is stored about them, and has it erased by a press."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.mark.rule("PER-03")
def test_a_person_reads_what_is_stored_and_erases_it(each_harness: AppHarness) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.invite_and_accept("carl", "invite @carl developer shop")
    shown = harness.run_command("carl", "/collab me")
    message = harness.latest_message("carl", "general")

    assert "stored about you" in shown["text"]
    assert "carl@client.example.com" in str(message["blocks"])
    assert "Shop" in str(message["blocks"])

    harness.press_button("carl", message, "erase")

    answer = harness.latest_message("carl", "general")["text"]
    assert "Your name and addresses are erased" in answer
    members = harness.run_command("ada", "/collab members shop")["text"]
    assert "carl" not in members.casefold()
    assert (
        "omeone whose data was erased"
        in harness.run_command("ada", "/collab events shop")["text"]
    )
    assert harness.app.database.outbox.list_failed() == []


@pytest.mark.rule("MEM-04")
def test_who_is_needed_reads_what_to_hand_over(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab me")

    harness.press_button("ada", harness.latest_message("ada", "general"), "erase")

    text = harness.latest_message("ada", "general")["text"]
    assert "Nobody else could look after *Acme*" in text
    assert "Acme" in harness.run_command("ada", "/collab mine")["text"]


def test_ich_zeigt_dasselbe(harness: AppHarness) -> None:
    assert "gespeichert" in harness.run_command("lena", "/collab ich")["text"]

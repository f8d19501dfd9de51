"""Whoever uses Slack in German reads Collab in German, while others and channels read English."""

from __future__ import annotations

import time

from tests.support.app_harness import AppHarness


def labels(message: dict[str, object]) -> set[str]:
    """What stands on the buttons of a message."""
    blocks: list[dict[str, list[dict[str, dict[str, str]]]]] = message["blocks"]  # type: ignore[assignment]
    return {
        e["text"]["text"]
        for b in blocks
        for e in b.get("elements", [])
        if isinstance(e.get("text"), dict)
    }


def test_the_first_message_already_speaks_the_readers_language(
    stage: AppHarness,
) -> None:
    answer = stage.run_command(
        "ada", '/collab invite @lena admin acme for 30d note "Hello"', "acme"
    )
    assert answer["text"].startswith("You invited <@ULENA> to *Acme* as *admin*")

    asked = stage.latest_message("lena")
    assert (
        "<@UADA> lädt dich zu *Acme* als *admin* für 30 Tage ab dem Tag der Zusage ein."
        in str(asked["blocks"])
    )
    assert "Du kannst bis <!date^" in asked["text"]
    assert {"Annehmen", "Ablehnen"} <= labels(asked)

    stage.press_button("lena", asked, "accept")

    assert "Du hast diese Einladung angenommen" in str(
        stage.latest_message("lena")["blocks"]
    )
    assert (
        "<@ULENA> joined *Acme* as an admin"
        in stage.latest_message("bo", "acme")["text"]
    )
    assert "accepted your invitation" in stage.latest_message("ada")["text"]


def test_somebodys_very_first_command_is_answered_in_their_language(
    stage: AppHarness,
) -> None:
    assert "kenne ich nicht" in stage.run_command("lena", "/collab xyzzy")["text"]


def test_answers_windows_and_home_speak_it_too(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab invite @lena admin acme", "acme")
    stage.press_button("lena", stage.latest_message("lena"), "accept")

    assert stage.run_command("lena", "/collab show acme")["text"].startswith(
        "*Acme* (`acme`) ist eine Firma."
    )
    assert "kenne ich nicht" in stage.run_command("lena", "/collab xyzzy")["text"]
    assert stage.run_command("ada", "/collab show acme", "acme")["text"].startswith(
        "*Acme* (`acme`) is a company."
    )

    stage.run_command("lena", "/collab invite")
    patience = time.monotonic() + 10
    while stage.lena.top_view is None and time.monotonic() < patience:
        time.sleep(0.02)
    assert stage.lena.top_view is not None
    assert stage.lena.top_view["title"]["text"] == "Zur Arbeit einladen"
    assert stage.lena.top_view["submit"]["text"] == "Einladen"
    stage.lena.close_view()

    stage.lena.open_home()
    stage.drain_outbox()
    assert "Was du hast (1)" in str(stage.lena.home_view)
    stage.ada.open_home()
    stage.drain_outbox()
    assert "What you have" in str(stage.ada.home_view)

"""German users get German texts, while others and channels get English ones."""

from __future__ import annotations

import time

from tests.support.app_harness import AppHarness


def button_labels(message: dict[str, object]) -> set[str]:
    """Return the labels of a message's buttons."""
    blocks: list[dict[str, list[dict[str, dict[str, str]]]]] = message["blocks"]  # type: ignore[assignment]
    return {
        element["text"]["text"]
        for block in blocks
        for element in block.get("elements", [])
        if isinstance(element.get("text"), dict)
    }


def test_the_first_message_has_the_readers_language(
    harness: AppHarness,
) -> None:
    answer = harness.run_command(
        "ada", '/collab invite @lena admin acme for 30d note "Hello"', "acme"
    )
    assert answer["text"].startswith("You invited <@ULENA> to *Acme* as an *admin*")

    invitation = harness.latest_message("lena")
    assert (
        "<@UADA> hat dich als *Admin* zu *Acme* für 30 Tage ab dem Tag der Annahme eingeladen."
        in str(invitation["blocks"])
    )
    assert "Gültig bis <!date^" in invitation["text"]
    assert {"Annehmen", "Ablehnen"} <= button_labels(invitation)

    harness.press_button("lena", invitation, "accept")

    assert "Du hast diese Einladung angenommen" in str(
        harness.latest_message("lena")["blocks"]
    )
    assert (
        "Lena joined *Acme* as an admin" in harness.latest_message("bo", "acme")["text"]
    )
    assert "accepted your invitation" in harness.latest_message("ada")["text"]


def test_the_first_command_is_answered_in_the_senders_language(
    harness: AppHarness,
) -> None:
    assert "gibt es nicht" in harness.run_command("lena", "/collab xyzzy")["text"]


def test_answers_modals_and_home_have_the_readers_language(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab invite @lena admin acme", "acme")
    harness.press_button("lena", harness.latest_message("lena"), "accept")

    assert harness.run_command("lena", "/collab show acme")["text"].startswith(
        "Acme\nFirma · `acme`"
    )
    assert "gibt es nicht" in harness.run_command("lena", "/collab xyzzy")["text"]
    assert harness.run_command("ada", "/collab show acme", "acme")["text"].startswith(
        "Acme\nCompany · `acme`"
    )

    harness.run_command("lena", "/collab invite")
    patience = time.monotonic() + 10
    while harness.lena.top_view is None and time.monotonic() < patience:
        time.sleep(0.02)
    assert harness.lena.top_view is not None
    assert harness.lena.top_view["title"]["text"] == "Personen einladen"
    assert harness.lena.top_view["submit"]["text"] == "Einladen"
    harness.lena.close_view()

    harness.lena.open_home()
    harness.drain_outbox()
    assert "Deine Zugänge (1)" in str(harness.lena.home_view)
    harness.ada.open_home()
    harness.drain_outbox()
    assert "Your access" in str(harness.ada.home_view)

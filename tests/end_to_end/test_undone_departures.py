"""A message about a departure says what is so once the departure is undone (MEM-11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app_harness import AppHarness

pytestmark = [pytest.mark.rule("MEM-11"), pytest.mark.rule("MEM-07")]
ROTATE = "Rotate the service passwords"


@pytest.fixture
def shop(harness: AppHarness) -> AppHarness:
    """Devi is a developer of Acme's Shop, Bo an owner of Acme; #acme is linked."""
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.invite_and_accept("bo", "invite @bo owner acme")
    harness.invite_and_accept("devi", "invite @devi developer shop")
    return harness


def departures(harness: AppHarness, name: str, word: str) -> list[str]:
    """What the messages of a person about a departure say now."""
    harness.drain_outbox()
    return [
        str(message["blocks"])
        for message in getattr(harness, name).list_direct_messages()
        if f"{word} " in message["text"] and "Shop" in message["text"]
    ]


def last_departure(harness: AppHarness, word: str) -> str:
    """What the channel's message about a departure says now."""
    harness.drain_outbox()
    return [
        str(message["blocks"])
        for message in harness.ada.list_messages("acme")
        if f" {word} " in message["text"]
    ][-1]


def remove_devi(harness: AppHarness) -> dict[str, Any]:
    harness.run_command("ada", "/collab remove @devi shop")
    preview = harness.latest_message("ada", "general")
    harness.press_button("ada", preview, "remove")
    return harness.latest_message("ada", "general")


def test_an_undone_removal_asks_nobody_to_rotate_keys(shop: AppHarness) -> None:
    reply = remove_devi(shop)
    for name in ("ada", "bo"):
        [text] = departures(shop, name, "removed")
        assert ROTATE in text
    assert ROTATE in last_departure(shop, "removed")

    shop.press_button("ada", reply, "undo")

    [told] = departures(shop, "bo", "removed")
    assert ROTATE not in told
    assert "<@UADA> undid this." in told
    [own] = departures(shop, "ada", "removed")
    assert "You undid this." in own
    assert ROTATE not in own
    channel = last_departure(shop, "removed")
    assert ROTATE not in channel
    assert "Ada undid this." in channel
    [devis] = departures(shop, "devi", "removed")
    assert "local copies" not in devis
    assert "looks wrong" not in devis
    assert "undid this" in devis


def test_an_undone_leave_asks_nobody_to_rotate_keys(shop: AppHarness) -> None:
    shop.run_command("devi", "/collab leave shop")
    shop.press_button("devi", shop.latest_message("devi", "general"), "leave")
    assert ROTATE in last_departure(shop, "left")
    shop.run_command("devi", "/collab undo")
    [told] = departures(shop, "ada", "left")
    assert ROTATE not in told
    assert "<@UDEVI> undid this." in told
    assert ROTATE not in last_departure(shop, "left")


def test_removed_again_the_new_message_asks_for_it_and_the_old_one_does_not(
    shop: AppHarness,
) -> None:
    remove_devi(shop)
    shop.run_command("ada", "/collab undo")
    remove_devi(shop)
    first, second = departures(shop, "bo", "removed")
    assert ROTATE not in first
    assert ROTATE in second


@pytest.mark.rule("MEM-11")
def test_the_undo_button_of_what_was_undone_by_typing_says_so_and_goes(
    shop: AppHarness,
) -> None:
    shop.run_command("devi", "/collab leave shop")
    shop.press_button("devi", shop.latest_message("devi", "general"), "leave")
    left = shop.latest_message("devi", "general")
    shop.run_command("devi", "/collab undo")

    shop.press_button("devi", left, "undo")
    [settled] = [
        message
        for message in shop.devi.list_messages("general")
        if message["ts"] == left["ts"]
    ]
    assert "already been undone, or your role on *Shop*" in settled["text"]
    assert "actions" not in str(settled["blocks"])


@pytest.mark.rule("MEM-11")
def test_the_undo_button_goes_once_it_is_too_late(shop: AppHarness) -> None:
    reply = remove_devi(shop)
    shop.advance_time(minutes=11)
    shop.press_button("ada", reply, "undo")
    [settled] = [
        message
        for message in shop.ada.list_messages("general")
        if message["ts"] == reply["ts"]
    ]
    assert "too late to undo" in settled["text"]
    assert "actions" not in str(settled["blocks"])

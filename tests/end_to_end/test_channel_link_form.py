"""The window that links a channel, and the one that shows what is linked, through the real app."""

from __future__ import annotations

from typing import Any

import pytest

from collab.events import ChannelLinked, ChannelUnlinked
from tests.support.app_harness import AppHarness


def thing(stage: AppHarness, who: str, typed: str) -> str:
    """The id of a thing as the window's field finds it."""
    person = stage.playground.get_user(who)
    assert person.top_view
    found: str = person.search_options(person.top_view, "find:link what", typed)[0][
        "value"
    ]
    return found


def links(stage: AppHarness) -> list[Any]:
    exported = stage.app.database.event_log.export_events(stage.workspace)
    return [
        r.event
        for r in exported
        if isinstance(r.event, ChannelLinked | ChannelUnlinked)
    ]


def initial(view: dict[str, Any], block_id: str) -> Any:
    """What a field of the window starts with."""
    element = next(
        b["element"]
        for b in view["blocks"]
        if b.get("block_id", "").partition(" ")[0] == block_id
    )
    first = next(
        (value for name, value in element.items() if name.startswith("initial")), None
    )
    if isinstance(first, list):
        return [option["value"] for option in first]
    return first["value"] if isinstance(first, dict) else first


@pytest.mark.rule("EVT-04")
def test_the_command_without_words_opens_the_window_which_does_what_the_line_does(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    stage.run_command("ada", "/invite @Collab", "finance")
    assert stage.run_command("ada", "/collab link", "finance") == {}
    view = stage.wait_for_form("ada", "form")
    assert (
        initial(view, "what"),
        initial(view, "channel"),
        initial(view, "rhythm"),
    ) == (None, "C0FINANCE", "each")
    assert initial(view, "groups") == [
        "joins",
        "leaves",
        "removals",
        "roles",
        "billing",
    ]
    acme = thing(stage, "ada", "acm")

    stage.ada.submit_view(
        {
            "find:link what": acme,
            "groups": ["joins", "invitations"],
            "rhythm": "weekly",
            "hour": "17",
        }
    )

    assert (
        "<#C0FINANCE> is told of *Acme*: joins and invitations; together, every Monday at 17:00"
        in stage.view_text("ada")
    )
    stage.drain_outbox()
    assert links(stage)[-1] == ChannelLinked(
        "C0FINANCE", acme, ("joins", "invitations"), "weekly", 17
    )


@pytest.mark.rule("EVT-04")
def test_in_a_linked_channel_the_window_shows_how_it_hears_now(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab link joins daily at 5pm", "acme")
    stage.run_command("ada", "/collab link", "acme")
    view = stage.wait_for_form("ada", "form")
    named = ("channel", "groups", "rhythm", "hour")
    assert [initial(view, name) for name in named] == [
        "C0ACME",
        ["joins"],
        "daily",
        "17",
    ]
    assert initial(view, "what") == thing(stage, "ada", "acme")


@pytest.mark.rule("EVT-04")
def test_a_line_that_does_not_say_of_what_opens_the_window_with_what_it_said(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab link leaves at 7", "general")
    view = stage.wait_for_form("ada", "form")
    assert [initial(view, name) for name in ("groups", "rhythm", "hour")] == [
        ["leaves"],
        "daily",
        "7",
    ]


@pytest.mark.rule("EVT-04")
def test_what_cannot_be_is_said_at_its_field(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab link", "finance")
    stage.wait_for_form("ada", "form")
    acme = thing(stage, "ada", "acme")
    assert (
        "groups link"
        in stage.ada.submit_view({"find:link what": acme, "groups": []})["errors"]
    )
    same = stage.ada.submit_view(
        {
            "channel": "C0ACME",
            "groups": ["joins", "leaves", "removals", "roles", "billing"],
        }
    )
    assert "already hears of Acme" in same["errors"]["what link"]
    assert len(links(stage)) == 1

    stage.run_command("devi", "/collab link", "acme")
    stage.wait_for_form("devi", "form")
    assert (
        stage.devi.search_options(stage.devi.top_view or {}, "find:link what", "") == []
    )


@pytest.mark.rule("EVT-04")
def test_what_is_linked_is_seen_changed_and_ended_from_home(stage: AppHarness) -> None:
    stage.ada.open_home()
    stage.drain_outbox()
    assert stage.ada.home_view
    stage.ada.press_button(stage.ada.home_view, "channels_open")
    view = stage.wait_for_form("ada", "channels")
    assert "<#C0ACME> hears of *Acme*: joins" in stage.view_text("ada")

    menu = next(
        b["accessory"]
        for b in view["blocks"]
        if b.get("block_id", "").startswith("linked ")
    )
    edit, unlink = (option["value"] for option in menu["options"])
    stage.ada.choose_option(view, menu["action_id"], edit)
    stage.wait_for_form("ada", "form")
    stage.ada.submit_view({"rhythm": "daily"})
    view = stage.wait_for_view(
        "ada", condition=lambda view: bool(view["callback_id"] == "channels")
    )
    assert "together, every day at 09:00" in stage.view_text("ada")

    stage.run_command("ada", "/invite @Collab", "general")
    stage.ada.press_button(view, "link_open")
    stage.wait_for_form("ada", "form")
    stage.ada.submit_view(
        {"find:link what": thing(stage, "ada", "acme"), "channel": "C0GENERAL"}
    )
    view = stage.wait_for_view(
        "ada",
        condition=lambda view: (
            "C0GENERAL" in str(view["blocks"]) and view["callback_id"] == "channels"
        ),
    )

    stage.ada.choose_option(view, menu["action_id"], unlink)
    stage.wait_for_view(
        "ada", condition=lambda view: "no longer hears of" in str(view["blocks"])
    )
    assert "<#C0ACME> hears" not in stage.view_text("ada")
    assert isinstance(links(stage)[-1], ChannelUnlinked)


@pytest.mark.rule("EVT-04")
def test_one_thing_leads_to_its_channels_for_who_may_change_it(
    stage: AppHarness,
) -> None:
    answer = stage.run_command("ada", "/collab show acme")
    stage.press_button("ada", stage.latest_message("ada", "general"), "channels_open")
    stage.wait_for_form("ada", "channels")
    assert "These channels hear of *Acme* itself." in stage.view_text("ada")
    assert "channels_open" in str(answer)
    stage.run_command("ada", "/collab invite @carl admin acme")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    assert "channels_open" not in str(stage.run_command("carl", "/collab show acme"))

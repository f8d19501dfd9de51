"""The form that links a channel and the list of linked channels, in the running app."""

from __future__ import annotations

from typing import Any

import pytest

from collab.events import ChannelLinked, ChannelUnlinked
from collab.model import ChannelId, ResourceId
from tests.support.app_harness import AppHarness


def search_resource_id(harness: AppHarness, user_name: str, query: str) -> str:
    """Return the first result of the form's resource field."""
    user = harness.playground.get_user(user_name)
    assert user.top_view
    resource_id: str = user.search_options(user.top_view, "find:link what", query)[0][
        "value"
    ]
    return resource_id


def list_link_events(harness: AppHarness) -> list[Any]:
    exported = harness.app.database.event_log.export_events(harness.workspace)
    return [
        record.event
        for record in exported
        if isinstance(record.event, ChannelLinked | ChannelUnlinked)
    ]


def initial_value(view: dict[str, Any], block_id: str) -> Any:
    """Return the initial value of a field."""
    element = next(
        block["element"]
        for block in view["blocks"]
        if block.get("block_id", "").partition(" ")[0] == block_id
    )
    value = next(
        (value for name, value in element.items() if name.startswith("initial")), None
    )
    if isinstance(value, list):
        return [option["value"] for option in value]
    return value["value"] if isinstance(value, dict) else value


@pytest.mark.rule("EVT-04")
def test_the_link_form_has_the_same_effect_as_the_command(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.run_command("ada", "/invite @Collab", "finance")
    assert harness.run_command("ada", "/collab link", "finance") == {}
    view = harness.wait_for_form("ada", "form")
    assert (
        initial_value(view, "what"),
        initial_value(view, "channel"),
        initial_value(view, "rhythm"),
    ) == (None, "C0FINANCE", "each")
    assert initial_value(view, "groups") == [
        "joins",
        "leaves",
        "removals",
        "roles",
        "billing",
    ]
    acme = search_resource_id(harness, "ada", "acm")

    harness.ada.submit_view(
        {
            "find:link what": acme,
            "groups": ["joins", "invitations"],
            "rhythm": "weekly",
            "hour": "17",
        }
    )

    assert (
        "posted in <#C0FINANCE>: joins and invitations (as a weekly digest on Mondays at 17:00"
        in harness.view_text("ada")
    )
    harness.drain_outbox()
    assert list_link_events(harness)[-1] == ChannelLinked(
        ChannelId("C0FINANCE"), ResourceId(acme), ("joins", "invitations"), "weekly", 17
    )


@pytest.mark.rule("EVT-04")
def test_the_link_form_shows_the_present_settings_of_a_linked_channel(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab link joins daily at 5pm", "acme")
    harness.run_command("ada", "/collab link", "acme")
    view = harness.wait_for_form("ada", "form")
    block_ids = ("channel", "groups", "rhythm", "hour")
    assert [initial_value(view, name) for name in block_ids] == [
        "C0ACME",
        ["joins"],
        "daily",
        "17",
    ]
    assert initial_value(view, "what") == search_resource_id(harness, "ada", "acme")


@pytest.mark.rule("EVT-04")
def test_a_link_command_without_a_resource_opens_the_form_with_its_values(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab link leaves at 7", "general")
    view = harness.wait_for_form("ada", "form")
    assert [initial_value(view, name) for name in ("groups", "rhythm", "hour")] == [
        ["leaves"],
        "daily",
        "7",
    ]


@pytest.mark.rule("EVT-04")
def test_invalid_link_values_are_rejected_at_their_field(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab link", "finance")
    harness.wait_for_form("ada", "form")
    acme = search_resource_id(harness, "ada", "acme")
    assert (
        "groups link"
        in harness.ada.submit_view({"find:link what": acme, "groups": []})["errors"]
    )
    answer = harness.ada.submit_view(
        {
            "channel": "C0ACME",
            "groups": ["joins", "leaves", "removals", "roles", "billing"],
        }
    )
    assert (
        "already gets exactly these updates about Acme" in answer["errors"]["what link"]
    )
    assert len(list_link_events(harness)) == 1

    harness.run_command("devi", "/collab link", "acme")
    harness.wait_for_form("devi", "form")
    assert (
        harness.devi.search_options(harness.devi.top_view or {}, "find:link what", "")
        == []
    )


@pytest.mark.rule("EVT-04")
def test_linked_channels_are_listed_changed_and_unlinked_from_home(
    harness: AppHarness,
) -> None:
    harness.ada.open_home()
    harness.drain_outbox()
    assert harness.ada.home_view
    harness.ada.press_button(harness.ada.home_view, "channels_open")
    view = harness.wait_for_form("ada", "channels")
    assert "<#C0ACME> gets updates about *Acme*: joins" in harness.view_text("ada")

    menu = next(
        block["accessory"]
        for block in view["blocks"]
        if block.get("block_id", "").startswith("linked ")
    )
    edit, unlink = (option["value"] for option in menu["options"])
    harness.ada.choose_option(view, menu["action_id"], edit)
    harness.wait_for_form("ada", "form")
    harness.ada.submit_view({"rhythm": "daily"})
    view = harness.wait_for_view(
        "ada", condition=lambda view: bool(view["callback_id"] == "channels")
    )
    assert "as a daily digest at 09:00" in harness.view_text("ada")

    harness.run_command("ada", "/invite @Collab", "general")
    harness.ada.press_button(view, "link_open")
    harness.wait_for_form("ada", "form")
    harness.ada.submit_view(
        {
            "find:link what": search_resource_id(harness, "ada", "acme"),
            "channel": "C0GENERAL",
        }
    )
    view = harness.wait_for_view(
        "ada",
        condition=lambda view: (
            "C0GENERAL" in str(view["blocks"]) and view["callback_id"] == "channels"
        ),
    )

    harness.ada.choose_option(view, menu["action_id"], unlink)
    question = harness.wait_for_view("ada", "Stop posting updates about *Acme*")
    harness.ada.press_button(question, "channels_page")
    view = harness.wait_for_view("ada", "C0GENERAL")
    assert not isinstance(list_link_events(harness)[-1], ChannelUnlinked)

    harness.ada.choose_option(view, menu["action_id"], unlink)
    question = harness.wait_for_view("ada", "Stop posting updates about *Acme*")
    harness.ada.press_button(question, "unlink_listed")
    harness.wait_for_view(
        "ada", condition=lambda view: "no longer posted in" in str(view["blocks"])
    )
    assert "<#C0ACME> hears" not in harness.view_text("ada")
    assert isinstance(list_link_events(harness)[-1], ChannelUnlinked)


@pytest.mark.rule("EVT-04")
def test_a_resource_offers_its_channels_to_people_who_may_edit_it(
    harness: AppHarness,
) -> None:
    answer = harness.run_command("ada", "/collab show acme")
    harness.press_button(
        "ada", harness.latest_message("ada", "general"), "channels_open"
    )
    harness.wait_for_form("ada", "channels")
    assert "These channels are linked to *Acme*." in harness.view_text("ada")
    assert "channels_open" in str(answer)
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    assert "channels_open" not in str(harness.run_command("carl", "/collab show acme"))

"""Settings in the running app: forms and commands, and their effects."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import view_errors
from tests.support.app_harness import AppHarness


def open_settings(harness: AppHarness, user_name: str, button: str) -> None:
    """Type the settings command and press one of its buttons."""
    harness.run_command(user_name, "/collab settings")
    harness.press_button(
        user_name, harness.latest_message(user_name, "general"), button
    )


def submit_view(harness: AppHarness, user_name: str, **values: str) -> dict[str, Any]:
    """Submit the top modal with these fields and return the answer."""
    answer = harness.playground.get_user(user_name).submit_view(
        {name.replace("_", "-"): value for name, value in values.items()}
    )
    harness.drain_outbox()
    return answer or {}


def settings_text(harness: AppHarness, user_name: str) -> str:
    return str(harness.run_command(user_name, "/collab settings")["text"])


@pytest.mark.rule("INV-08")
def test_the_settings_form_has_the_same_effect_as_the_command(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    open_settings(harness, "ada", "settings_open:workspace")
    view = harness.wait_for_view("ada", "Invitations expire after")
    assert (
        view_errors(
            {
                k: v
                for k, v in view.items()
                if k in {"type", "blocks", "title", "submit", "close"}
            }
        )
        == []
    )
    submit_view(
        harness,
        "ada",
        lifetime="14d",
        reminders="3d",
        quiet_hours="off",
        daily_invitations="20",
        companies="admins",
    )
    harness.wait_for_view("ada", "`lifetime` is now `14d`")
    text = settings_text(harness, "bo")
    for error in (
        "expire after 14 days (set here)",
        "after 3 days (set here)",
        "at any time (set here)",
    ):
        assert error in text
    assert "up to 20 invitations per person a day (set here)" in text
    assert (
        "Only admins of this Slack workspace can create companies"
        in harness.run_command("bo", "/collab create company X")["text"]
    )

    harness.run_command("ada", "/collab settings reminders off")
    open_settings(harness, "ada", "settings_open:workspace")
    view = harness.wait_for_view("ada", "Invitations expire after")
    assert "'initial_value': 'off'" in str(view)
    submit_view(
        harness,
        "ada",
        lifetime="nothing",
        reminders="",
        quiet_hours="nothing",
        daily_invitations="nothing",
        companies="everybody",
    )
    harness.wait_for_view("ada", "is back to the default")
    assert "(set here)" not in settings_text(harness, "bo")
    assert (
        "You're its owner"
        in harness.run_command("bo", "/collab create company X")["text"]
    )


def test_invalid_settings_are_rejected_at_their_field(
    harness: AppHarness,
) -> None:
    open_settings(harness, "ada", "settings_open:workspace")
    harness.wait_for_view("ada", "Invitations expire after")
    for values, field, error in (
        (
            {"lifetime": "3d", "reminders": "3d"},
            "reminders",
            "before the invitation expires",
        ),
        ({"reminders": "soon"}, "reminders", "2d,5d"),
    ):
        answer = harness.ada.submit_view(
            {"quiet-hours": "nothing", "companies": "everybody", **values}
        )
        assert error in answer["errors"][field], answer
        assert "/collab" not in answer["errors"][field]
    harness.ada.close_view()
    assert "(set here)" not in settings_text(harness, "ada")


def test_a_setting_without_a_value_opens_the_form_that_has_it(
    harness: AppHarness,
) -> None:
    for name, title in (
        ("reminders", "Invitations expire after"),
        ("Notices", "Notifications"),
    ):
        assert harness.run_command("ada", f"/collab settings {name}") == {}
        harness.wait_for_view("ada", title)
        harness.ada.close_view()
    answer = harness.run_command("bo", "/collab settings reminders")
    assert "Only admins of this Slack workspace" in answer["text"]
    answer = harness.run_command("ada", "/collab settings colour")
    assert "There's no setting" in answer["text"]


def test_the_menu_shows_the_settings_and_the_buttons_that_change_them(
    harness: AppHarness,
) -> None:
    harness.ada.open_home()
    harness.drain_outbox()
    assert harness.ada.home_view is not None
    harness.ada.press_button(harness.ada.home_view, "more_open")
    menu = harness.wait_for_view("ada", "verbs")
    harness.ada.choose_option(menu, "verbs", "form settings")
    shown = harness.wait_for_view("ada", "expire after 7 days")
    harness.ada.press_button(shown, "settings_open:workspace")
    harness.wait_for_view("ada", "Invitations expire after")
    submit_view(
        harness, "ada", lifetime="30d", quiet_hours="off", companies="everybody"
    )
    harness.wait_for_view("ada", "`lifetime` is now `30d`")
    assert "expire after 30 days (set here)" in settings_text(harness, "ada")


def test_only_workspace_admins_get_the_form_of_workspace_settings(
    harness: AppHarness,
) -> None:
    open_settings(harness, "ada", "settings_open:workspace")
    harness.wait_for_view("ada", "Invitations expire after")
    harness.playground.set_admin("ada", is_admin=False)
    harness.drain_outbox()
    submit_view(
        harness, "ada", lifetime="14d", quiet_hours="nothing", companies="everybody"
    )
    harness.wait_for_view("ada", "Only admins of this Slack workspace")
    harness.ada.close_view()
    harness.run_command("bo", "/collab settings")
    assert "settings_open:workspace" not in str(
        harness.latest_message("bo", "general")["blocks"]
    )
    assert "expire after 7 days" in settings_text(harness, "bo")


@pytest.mark.rule("EVT-04")
def test_a_personal_digest_is_sent_in_the_morning(each_harness: AppHarness) -> None:
    harness = each_harness
    for user_name in ("carl", "devi"):
        harness.run_command("ada", f"/collab invite @{user_name} admin acme")
        harness.press_button(user_name, harness.latest_message(user_name), "accept")
    open_settings(harness, "ada", "settings_open:mine")
    harness.wait_for_view("ada", "Notifications")
    submit_view(harness, "ada", notices="digest")
    harness.wait_for_view("ada", "the rest in one message each morning")
    harness.ada.close_view()
    count = len(harness.ada.list_direct_messages())
    for user_name in ("carl", "devi"):
        harness.run_command(user_name, "/collab leave acme")
        harness.press_button(
            user_name, harness.latest_message(user_name, "general"), "leave"
        )
    assert len(harness.ada.list_direct_messages()) == count
    harness.advance_time(days=1)
    [digest] = harness.ada.list_direct_messages()[count:]
    assert digest["text"].startswith("Your digest: 2 updates.")
    assert "<@UCARL> left *Acme*" in digest["text"]
    assert "<@UDEVI> left *Acme*" in digest["text"]
    harness.press_button("ada", digest, "events_page")
    assert "Activity" in harness.latest_message("ada")["text"]
    harness.advance_time(days=2)
    assert not [
        m
        for m in harness.ada.list_direct_messages()[count + 1 :]
        if "digest" in m["text"]
    ]


def test_a_digest_leaves_out_what_is_no_longer_pending(
    harness: AppHarness,
) -> None:
    assert (
        "each morning"
        in harness.run_command("ada", "/collab settings notices digest")["text"]
    )
    assert (
        "already the case"
        in harness.run_command("ada", "/collab settings notices digest")["text"]
    )
    harness.run_command("ada", "/collab invite @carl admin acme")
    count = len(harness.ada.list_direct_messages())
    harness.press_button("carl", harness.latest_message("carl"), "decline")
    harness.wait_for_view("carl", "Decline invitation")
    submit_view(harness, "carl")
    harness.advance_time(days=1)
    [digest] = harness.ada.list_direct_messages()[count:]
    assert digest["text"].startswith("Your digest: 1 update")
    assert "declined" in digest["text"]
    assert (
        "You'll get everything as it happens"
        in harness.run_command("ada", "/collab settings notices nothing")["text"]
    )

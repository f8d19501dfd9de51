"""Settings through the real app: the windows and the line do the same, and what was chosen is kept to."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import view_errors
from tests.support.app_harness import AppHarness


def opens(stage: AppHarness, who: str, button: str) -> None:
    """Settings without words, and one of its buttons."""
    stage.run_command(who, "/collab settings")
    stage.press_button(who, stage.latest_message(who, "general"), button)


def submits(stage: AppHarness, who: str, **values: str) -> dict[str, Any]:
    """Send the open window in, with these of its fields as said."""
    answer = stage.playground.get_user(who).submit_view(
        {name.replace("_", "-"): value for name, value in values.items()}
    )
    stage.drain_outbox()
    return answer or {}


def settings(stage: AppHarness, who: str) -> str:
    return str(stage.run_command(who, "/collab settings")["text"])


@pytest.mark.rule("INV-08")
def test_the_window_of_the_workspace_sets_what_the_line_sets(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    opens(stage, "ada", "settings_open:workspace")
    shown = stage.wait_for_view("ada", "How long an invitation is open")
    assert (
        view_errors(
            {
                k: v
                for k, v in shown.items()
                if k in {"type", "blocks", "title", "submit", "close"}
            }
        )
        == []
    )
    submits(
        stage,
        "ada",
        lifetime="14d",
        reminders="3d",
        quiet_hours="off",
        daily_invitations="20",
        companies="admins",
    )
    stage.wait_for_view("ada", "`lifetime` is now `14d`")
    told = settings(stage, "bo")
    for words in (
        "open for 14 days (set here)",
        "after 3 days (set here)",
        "come at any hour (set here)",
    ):
        assert words in told
    assert "up to 20 a day (set here)" in told
    assert (
        "Only admins of this Slack workspace create companies"
        in stage.run_command("bo", "/collab create company X")["text"]
    )

    stage.run_command("ada", "/collab settings reminders off")
    opens(stage, "ada", "settings_open:workspace")
    shown = stage.wait_for_view("ada", "How long an invitation is open")
    assert "'initial_value': 'off'" in str(shown)
    submits(
        stage,
        "ada",
        lifetime="",
        reminders="",
        quiet_hours="nothing",
        daily_invitations="",
        companies="everybody",
    )
    stage.wait_for_view("ada", "as it was when Collab was installed")
    assert "(set here)" not in settings(stage, "bo")
    assert (
        "you are an owner of it"
        in stage.run_command("bo", "/collab create company X")["text"]
    )


def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(
    stage: AppHarness,
) -> None:
    opens(stage, "ada", "settings_open:workspace")
    stage.wait_for_view("ada", "How long an invitation is open")
    for values, field, words in (
        ({"lifetime": "400d"}, "lifetime", "from 1d to 90d"),
        ({"lifetime": "5d", "reminders": "5d"}, "reminders", "within the life"),
        (
            {"lifetime": "5d", "daily-invitations": "many"},
            "daily-invitations",
            "from 1 to 100000",
        ),
    ):
        answer = stage.ada.submit_view(
            {"quiet-hours": "nothing", "companies": "everybody", **values}
        )
        assert words in answer["errors"][field], answer
        assert "/collab" not in answer["errors"][field]
    stage.ada.close_view()
    assert "(set here)" not in settings(stage, "ada")


def test_only_who_looks_after_the_workspace_gets_its_window(stage: AppHarness) -> None:
    opens(stage, "ada", "settings_open:workspace")
    stage.wait_for_view("ada", "How long an invitation is open")
    stage.playground.set_admin("ada", is_admin=False)
    stage.drain_outbox()
    submits(stage, "ada", lifetime="14d", quiet_hours="nothing", companies="everybody")
    stage.wait_for_view("ada", "Only admins of this Slack workspace")
    stage.ada.close_view()
    stage.run_command("bo", "/collab settings")
    assert "settings_open:workspace" not in str(
        stage.latest_message("bo", "general")["blocks"]
    )
    assert "open for 7 days" in settings(stage, "bo")


@pytest.mark.rule("EVT-04")
def test_a_digest_tells_in_the_morning_what_was_kept(everywhere: AppHarness) -> None:
    stage = everywhere
    for who in ("carl", "devi"):
        stage.run_command("ada", f"/collab invite @{who} admin acme")
        stage.press_button(who, stage.latest_message(who), "accept")
    opens(stage, "ada", "settings_open:mine")
    stage.wait_for_view("ada", "What reaches you")
    submits(stage, "ada", notices="digest")
    stage.wait_for_view("ada", "What does not need you comes once a day")
    stage.ada.close_view()
    before = len(stage.ada.list_direct_messages())
    for who in ("carl", "devi"):
        stage.run_command(who, "/collab leave acme")
        stage.press_button(who, stage.latest_message(who, "general"), "leave")
    assert len(stage.ada.list_direct_messages()) == before
    stage.advance_time(days=1)
    [digest] = stage.ada.list_direct_messages()[before:]
    assert digest["text"].startswith("Your digest: 2 things happened.")
    assert "<@UCARL> left *Acme*" in digest["text"]
    assert "<@UDEVI> left *Acme*" in digest["text"]
    stage.press_button("ada", digest, "events_page")
    assert "What happened" in stage.latest_message("ada")["text"]
    stage.advance_time(days=2)
    assert not [
        m
        for m in stage.ada.list_direct_messages()[before + 1 :]
        if "digest" in m["text"]
    ]


def test_what_was_answered_meanwhile_is_not_told_in_the_morning(
    stage: AppHarness,
) -> None:
    assert (
        "once a day"
        in stage.run_command("ada", "/collab settings notices digest")["text"]
    )
    assert (
        "like that already"
        in stage.run_command("ada", "/collab settings notices digest")["text"]
    )
    stage.run_command("ada", "/collab invite @carl admin acme")
    before = len(stage.ada.list_direct_messages())
    stage.press_button("carl", stage.latest_message("carl"), "decline")
    stage.wait_for_view("carl", "Decline invitation")
    submits(stage, "carl")
    stage.advance_time(days=1)
    [digest] = stage.ada.list_direct_messages()[before:]
    assert digest["text"].startswith("Your digest: 1 thing happened")
    assert "declined" in digest["text"]
    assert (
        "Each notice comes at once"
        in stage.run_command("ada", "/collab settings notices nothing")["text"]
    )

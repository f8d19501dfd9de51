"""Who and why on a past day, in the running app, on each database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.app_harness import AppHarness
from tests.support.written_days import write_day


@pytest.mark.rule("ASK-01")
def test_a_past_day_is_asked_about_by_a_line_and_by_a_form(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab create company Pixel")
    harness.run_command("ada", "/collab create app Shop in pixel")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    day = harness.playground.clock.now().date()
    clock = harness.playground.clock
    clock.set_now(clock.now() + timedelta(days=2))
    harness.run_command("ada", "/collab remove @bo pixel")
    harness.press_button("ada", harness.latest_message("ada", "general"), "remove")

    text = harness.run_command("ada", f"/collab who shop code at {day}")["text"]

    assert "2 people could deploy *Shop*" in text
    assert f"As of the end of {write_day(day)} (UTC), by today's rules" in text
    why = harness.run_command("ada", f"/collab why @bo shop code at {day}")["text"]
    assert "<@UBO> could deploy *Shop*, in 1 way" in why
    assert "1 person can" in harness.run_command("ada", "/collab who shop code")["text"]
    bad = harness.run_command("ada", "/collab who shop code at 30.2.2026")["text"]
    assert "a date I understand" in bad
    assert harness.run_command("ada", f"/collab who at {day}") == {}
    view = harness.wait_for_form("ada", "form")
    options = harness.ada.search_options(view, "find:who what", "shop")
    harness.ada.submit_view(
        {"find:who what": options[0]["value"], "capability": "code"}
    )
    assert "2 people could deploy *Shop*" in harness.view_text("ada")

"""Teams in the running app: apps are shared with them and assigned to members."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("RES-05")
def test_an_app_is_shared_with_a_team_and_unshared(harness: AppHarness) -> None:
    for line in (
        "create app Shop in acme",
        "create team Crew",
        "invite @devi limited crew",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.press_button("devi", harness.latest_message("devi"), "accept")

    assert (
        "now a manager of *Shop*"
        in harness.run_command("ada", "/collab share shop with crew as manager")["text"]
    )
    assert (
        "can't deploy"
        in harness.run_command("ada", "/collab why @devi shop code")["text"]
    )

    assert (
        "Assigned "
        in harness.run_command("ada", "/collab assign @devi to shop in crew")["text"]
    )
    explanation = harness.run_command("ada", "/collab why @devi shop code")["text"]
    assert "limited member of *Crew* → developer of *Shop*" in explanation

    unassign = "/collab unassign @devi from shop in crew"
    answer = harness.confirm_command("ada", unassign, "unassign")
    assert "no longer assigned to" in answer
    answer = harness.confirm_command("ada", "/collab unshare shop from crew", "unshare")
    assert "no longer shared" in answer
    assert (
        "can't deploy"
        in harness.run_command("ada", "/collab why @devi shop code")["text"]
    )


@pytest.mark.rule("RES-05")
def test_a_team_shows_its_resources_that_the_reader_may_view(
    harness: AppHarness,
) -> None:
    for line in (
        "create app Shop in acme",
        "create app Blog in acme",
        "create team Crew",
    ):
        harness.run_command("ada", f"/collab {line}")
    assert (
        "Has access to" not in harness.run_command("ada", "/collab show crew")["text"]
    )
    harness.run_command("ada", "/collab invite @devi limited crew")
    harness.press_button("devi", harness.latest_message("devi"), "accept")
    harness.run_command("ada", "/collab share shop with crew as manager")
    harness.run_command("ada", "/collab share blog with crew as developer")
    harness.run_command("ada", "/collab assign @devi to blog in crew")

    shown = harness.run_command("ada", "/collab show crew")["text"]
    assert "*Has access to* · 2\n*Blog* · App · developer\n*Shop* · App · manager" in (
        shown
    )
    devis_text = harness.run_command("devi", "/collab show crew")["text"]
    assert "*Blog* · App · developer" in devis_text
    assert "Shop" not in devis_text

"""A team through the real app: it gets a role on an app, its members work there, and it gives the app back."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("RES-05")
def test_a_team_is_given_an_app_and_gives_it_back(stage: AppHarness) -> None:
    for line in (
        "create app Shop in acme",
        "create team Crew",
        "invite @devi limited crew",
    ):
        stage.run_command("ada", f"/collab {line}")
    stage.press_button("devi", stage.latest_message("devi"), "accept")

    assert (
        "now a manager of *Shop*"
        in stage.run_command("ada", "/collab share shop with crew as manager")["text"]
    )
    assert (
        "cannot deploy"
        in stage.run_command("ada", "/collab why @devi shop code")["text"]
    )

    assert (
        "now assigned to"
        in stage.run_command("ada", "/collab assign @devi to shop in crew")["text"]
    )
    reached = stage.run_command("ada", "/collab why @devi shop code")["text"]
    assert "limited member of *Crew* → developer of *Shop*" in reached

    assert (
        "no longer assigned to"
        in stage.run_command("ada", "/collab unassign @devi from shop in crew")["text"]
    )
    assert (
        "no longer shared"
        in stage.run_command("ada", "/collab unshare shop from crew")["text"]
    )
    assert (
        "cannot deploy"
        in stage.run_command("ada", "/collab why @devi shop code")["text"]
    )


@pytest.mark.rule("RES-05")
def test_a_team_is_shown_with_what_it_has_access_to_as_far_as_the_reader_may_view_it(
    stage: AppHarness,
) -> None:
    for line in (
        "create app Shop in acme",
        "create app Blog in acme",
        "create team Crew",
    ):
        stage.run_command("ada", f"/collab {line}")
    assert "has access to" not in stage.run_command("ada", "/collab show crew")["text"]
    stage.run_command("ada", "/collab invite @devi limited crew")
    stage.press_button("devi", stage.latest_message("devi"), "accept")
    stage.run_command("ada", "/collab share shop with crew as manager")
    stage.run_command("ada", "/collab share blog with crew as developer")
    stage.run_command("ada", "/collab assign @devi to blog in crew")

    shown = stage.run_command("ada", "/collab show crew")["text"]
    assert (
        "This team has access to:\n• app *Blog* (`blog`): developer\n• app *Shop* (`shop`): manager"
        in shown
    )
    to_devi = stage.run_command("devi", "/collab show crew")["text"]
    assert "*Blog* (`blog`): developer" in to_devi
    assert "Shop" not in to_devi

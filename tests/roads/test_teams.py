"""A team through the real app: it gets a role on an app, its members work there, and it gives the app back."""

from __future__ import annotations

import pytest

from tests.support.app_harness import Stage


@pytest.mark.rule("ROL-01")
@pytest.mark.rule("RES-05")
def test_a_team_is_given_an_app_and_gives_it_back(stage: Stage) -> None:
    for line in ("create app Shop in acme", "create team Crew", "invite @devi limited crew"):
        stage.says("ada", f"/collab {line}")
    stage.presses("devi", stage.last("devi"), "accept")

    assert "now a manager of *Shop*" in stage.says("ada", "/collab share shop with crew as manager")["text"]
    assert "cannot deploy" in stage.says("ada", "/collab why @devi shop code")["text"]

    assert "now assigned to" in stage.says("ada", "/collab assign @devi to shop in crew")["text"]
    reached = stage.says("ada", "/collab why @devi shop code")["text"]
    assert "limited member of *Crew* → developer of *Shop*" in reached

    assert "no longer assigned to" in stage.says("ada", "/collab unassign @devi from shop in crew")["text"]
    assert "no longer shared" in stage.says("ada", "/collab unshare shop from crew")["text"]
    assert "cannot deploy" in stage.says("ada", "/collab why @devi shop code")["text"]


@pytest.mark.rule("RES-05")
def test_a_team_is_shown_with_what_it_has_access_to_as_far_as_the_reader_may_view_it(stage: Stage) -> None:
    for line in ("create app Shop in acme", "create app Blog in acme", "create team Crew"):
        stage.says("ada", f"/collab {line}")
    assert "has access to" not in stage.says("ada", "/collab show crew")["text"]
    stage.says("ada", "/collab invite @devi limited crew")
    stage.presses("devi", stage.last("devi"), "accept")
    stage.says("ada", "/collab share shop with crew as manager")
    stage.says("ada", "/collab share blog with crew as developer")
    stage.says("ada", "/collab assign @devi to blog in crew")

    shown = stage.says("ada", "/collab show crew")["text"]
    assert "This team has access to:\n• app *Blog* (`blog`): developer\n• app *Shop* (`shop`): manager" in shown
    to_devi = stage.says("devi", "/collab show crew")["text"]
    assert "*Blog* (`blog`): developer" in to_devi
    assert "Shop" not in to_devi

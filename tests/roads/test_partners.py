"""People of other workspaces through the real app: a Slack Connect partner and members of the same organisation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.playground.blockkit import all_options, elements
from tests.support.app_harness import Stage, staged
from tests.support.replay import assert_replay_gives_state

WEST, GRID = "T0ACMEWEST", "E0ACMEGRID"


@pytest.fixture(params=[("sqlite", "socket"), pytest.param(("postgres", "http"), marks=pytest.mark.postgres)])
def grid(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Acme's workspace is one of an organisation: Gita is in another one of it, Hugo in both, Eve in a partner's."""
    database, transport = request.param
    request.getfixturevalue(f"{database}_database")  # an empty one
    with staged(request.getfixturevalue(f"{database}_url"), transport, organisation=GRID) as stage:
        add = stage.playground.add_person
        add("gita", ("acme",), team_id=WEST, workspaces=(WEST,))
        add("hugo", ("acme",), team_id=WEST, workspaces=(WEST, stage.workspace))
        stage.says("ada", "/invite @collab", channel="partners")
        yield stage
        stage.settle()
        assert_replay_gives_state(stage.house.database)


def home(stage: Stage, who: str) -> dict[str, Any]:
    """What somebody sees at home."""
    stage.playground.person(who).opens_home()
    stage.settle()
    found: dict[str, Any] | None = stage.playground.person(who).home
    assert found
    return found


def window(stage: Stage, who: str, callback_id: str) -> dict[str, Any]:
    """The window that opens beside a press."""
    for _ in range(300):
        view: dict[str, Any] | None = stage.playground.person(who).view
        if view and view["callback_id"] == callback_id:
            return view
        time.sleep(0.01)
    raise AssertionError(stage.playground.person(who).view)


@pytest.mark.rule("PER-02")
def test_each_is_one_person_whichever_team_their_presses_name(grid: Stage) -> None:
    stage = grid
    stage.says("ada", "/collab create app Shop in acme")
    for who in ("gita", "hugo", "eve"):
        home(stage, who)
        for line in (f"invite @{who} developer shop", f"invite @{who} admin acme"):
            assert "You invited" in stage.says("ada", f"/collab {line}")["text"]
            stage.presses(who, stage.last(who), "accept")
        assert "already an admin" in stage.says("ada", f"/collab invite @{who} admin acme")["text"]
        assert "is now a manager" in stage.says("ada", f"/collab role @{who} manager shop")["text"]
        assert "in 2 ways" in stage.says("ada", f"/collab why @{who} shop code")["text"]
        with stage.house.collab.look(stage.workspace) as facts:
            (person,) = facts.people_by_user(f"U{who.upper()}")
        assert (person.team == stage.workspace) is (who == "hugo")
    assert "is there" in stage.says("hugo", "/collab create company Hugo", "acme")["text"]


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(("who", "creates"), [("eve", False), ("gita", False), ("hugo", True), ("sam", False)])
def test_they_are_offered_what_they_may_do_and_no_more(grid: Stage, who: str, creates: bool) -> None:
    view = home(grid, who)
    assert ("create_open" in str(view)) is creates
    assert ("/collab create" in str(view)) is creates
    grid.playground.person(who).presses(view, "more_open")
    (choice,) = (element for block in window(grid, who, "verbs")["blocks"] for element in elements(block))
    verbs = {option["value"].split()[1] for option in all_options(choice)}
    assert ("create" in verbs) is creates
    assert verbs >= {"mine", "leave", "accept"}
    assert ("invite" in verbs) is (who in {"hugo", "sam"})

"""People of other workspaces through the real app: a Slack Connect partner and members of the same organisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.playground.blockkit import all_options, interactive_elements
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state

WEST, GRID = "T0ACMEWEST", "E0ACMEGRID"


@pytest.fixture(
    params=[
        ("sqlite", "socket"),
        pytest.param(("postgres", "http"), marks=pytest.mark.postgres),
    ]
)
def grid(request: pytest.FixtureRequest) -> Iterator[AppHarness]:
    """Acme's workspace is one of an organisation: Gita is in another one of it, Hugo in both, Eve in a partner's."""
    database, transport = request.param
    request.getfixturevalue(f"{database}_database")  # an empty one
    with run_app(
        request.getfixturevalue(f"{database}_url"), transport, organisation=GRID
    ) as stage:
        add = stage.playground.add_user
        add("gita", ("acme",), team_id=WEST, workspaces=(WEST,))
        add("hugo", ("acme",), team_id=WEST, workspaces=(WEST, stage.workspace))
        stage.run_command("ada", "/invite @collab", channel="partners")
        yield stage
        stage.drain_outbox()
        assert_replay_gives_state(stage.app.database)


def home(stage: AppHarness, who: str) -> dict[str, Any]:
    """What somebody sees at home."""
    stage.playground.get_user(who).open_home()
    stage.drain_outbox()
    found: dict[str, Any] | None = stage.playground.get_user(who).home_view
    assert found
    return found


@pytest.mark.rule("PER-02")
def test_each_is_one_person_whichever_team_their_presses_name(grid: AppHarness) -> None:
    stage = grid
    stage.run_command("ada", "/collab create app Shop in acme")
    for who in ("gita", "hugo", "eve"):
        home(stage, who)
        for line in (f"invite @{who} developer shop", f"invite @{who} admin acme"):
            assert "You invited" in stage.run_command("ada", f"/collab {line}")["text"]
            stage.press_button(who, stage.latest_message(who), "accept")
        assert (
            "already an admin"
            in stage.run_command("ada", f"/collab invite @{who} admin acme")["text"]
        )
        assert (
            "is now a manager"
            in stage.run_command("ada", f"/collab role @{who} manager shop")["text"]
        )
        assert (
            "in 2 ways"
            in stage.run_command("ada", f"/collab why @{who} shop code")["text"]
        )
        with stage.app.bus.read(stage.workspace) as facts:
            (person,) = facts.people.list_people_by_user_id(f"U{who.upper()}")
        assert (person.team == stage.workspace) is (who == "hugo")
    assert (
        "is there"
        in stage.run_command("hugo", "/collab create company Hugo", "acme")["text"]
    )


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(
    ("who", "creates"),
    [("eve", False), ("gita", False), ("hugo", True), ("sam", False)],
)
def test_they_are_offered_what_they_may_do_and_no_more(
    grid: AppHarness, who: str, creates: bool
) -> None:
    view = home(grid, who)
    assert ("create_open" in str(view)) is creates
    assert ("/collab create" in str(view)) is creates
    grid.playground.get_user(who).press_button(view, "more_open")
    choice_view = grid.wait_for_view(who, "'callback_id': 'verbs'")
    (choice,) = (
        element
        for block in choice_view["blocks"]
        for element in interactive_elements(block)
    )
    verbs = {option["value"].split()[1] for option in all_options(choice)}
    assert ("create" in verbs) is creates
    assert verbs >= {"mine", "leave", "accept"}
    assert ("invite" in verbs) is (who in {"hugo", "sam"})

"""Users of other workspaces: a Slack Connect partner, members of the organisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.playground.blockkit import all_options, interactive_elements
from tests.support.app_harness import AppHarness, run_app
from tests.support.replay import assert_replay_gives_state

OTHER_TEAM_ID, ORGANISATION_ID = "T0ACMEWEST", "E0ACMEGRID"


@pytest.fixture(
    params=[
        ("sqlite", "socket"),
        pytest.param(("postgres", "http"), marks=pytest.mark.postgres),
    ]
)
def organisation_harness(request: pytest.FixtureRequest) -> Iterator[AppHarness]:
    """Return the app in a workspace of an organisation.

    Gita is in another workspace of it, Hugo in both, Eve in a partner's.
    """
    database, transport = request.param
    request.getfixturevalue(f"{database}_database")  # an empty one
    with run_app(
        request.getfixturevalue(f"{database}_url"),
        transport,
        organisation=ORGANISATION_ID,
    ) as harness:
        add_user = harness.playground.add_user
        add_user("gita", ("acme",), team_id=OTHER_TEAM_ID, workspaces=(OTHER_TEAM_ID,))
        add_user(
            "hugo",
            ("acme",),
            team_id=OTHER_TEAM_ID,
            workspaces=(OTHER_TEAM_ID, harness.workspace),
        )
        harness.run_command("ada", "/invite @collab", channel="partners")
        yield harness
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)


def open_home(harness: AppHarness, user_name: str) -> dict[str, Any]:
    """Open Home and return it."""
    harness.playground.get_user(user_name).open_home()
    harness.drain_outbox()
    view: dict[str, Any] | None = harness.playground.get_user(user_name).home_view
    assert view
    return view


def invite_after_question(harness: AppHarness, user_name: str, line: str) -> None:
    """Let Ada invite somebody from outside, confirm it, and let them accept."""
    assert harness.run_command("ada", f"/collab {line}") == {}
    harness.wait_for_form("ada", "invite_outsiders")
    harness.ada.submit_view({})
    harness.drain_outbox()
    assert "You invited" in harness.view_text("ada")
    harness.press_button(user_name, harness.latest_message(user_name), "accept")


@pytest.mark.rule("PER-02")
def test_a_foreign_user_is_one_person_for_every_team_id(
    organisation_harness: AppHarness,
) -> None:
    harness = organisation_harness
    harness.run_command("ada", "/collab create app Shop in acme")
    for user_name in ("gita", "hugo", "eve"):
        open_home(harness, user_name)
        harness.invite_and_accept(user_name, f"invite @{user_name} developer shop")
        if user_name == "hugo":
            harness.invite_and_accept(user_name, f"invite @{user_name} admin acme")
        else:
            invite_after_question(harness, user_name, f"invite @{user_name} admin acme")
        assert (
            "already an admin"
            in harness.run_command("ada", f"/collab invite @{user_name} admin acme")[
                "text"
            ]
        )
        role_line = f"/collab role @{user_name} manager shop"
        role_answer = (
            harness.run_command("ada", role_line)["text"]
            if user_name == "hugo"
            else harness.confirm_command("ada", role_line, "role_change")
        )
        assert "from developer to manager" in role_answer
        assert (
            "in 2 ways"
            in harness.run_command("ada", f"/collab why @{user_name} shop code")["text"]
        )
        with harness.app.bus.read(harness.workspace) as repositories:
            (person,) = repositories.people.list_people_by_user_id(
                f"U{user_name.upper()}"
            )
        assert (person.team == harness.workspace) is (user_name == "hugo")
    assert (
        "Created "
        in harness.run_command("hugo", "/collab create company Hugo", "acme")["text"]
    )


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(
    ("user_name", "may_create"),
    [("eve", False), ("gita", False), ("hugo", True), ("sam", False)],
)
def test_foreign_users_are_offered_only_verbs_that_they_may_use(
    organisation_harness: AppHarness, user_name: str, may_create: bool
) -> None:
    view = open_home(organisation_harness, user_name)
    assert ("create_open" in str(view)) is may_create
    organisation_harness.playground.get_user(user_name).press_button(view, "more_open")
    choice_view = organisation_harness.wait_for_view(
        user_name, "'callback_id': 'verbs'"
    )
    (choice,) = (
        element
        for block in choice_view["blocks"]
        for element in interactive_elements(block)
    )
    verbs = {option["value"].split()[1] for option in all_options(choice)}
    assert ("create" in verbs) is may_create
    assert verbs >= {"mine", "leave", "accept"}
    assert ("invite" in verbs) is (user_name in {"hugo", "sam"})

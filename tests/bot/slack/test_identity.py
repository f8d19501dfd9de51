"""Accounts in payloads, profiles from user objects, and malformed ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult

from bot.slack.identity import (
    MalformedId,
    build_profile_command,
    is_member,
    is_slack_id,
    read_caller,
)
from bot.slack.routes import SLACK_EVENT_HANDLERS
from collab.model import Account, Caller, WorkspaceId
from collab.people import InstallWorkspace
from tests.support.builders import TEAM_ID, Scenario

ORGANISATION = "E0GRID"
NOBODY = Caller(TEAM_ID, None, "slack")
NO_IDS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just([]), st.just({}), st.just("U1> <!channel> <https://x.example|y>"),
    st.text(max_size=5), st.from_regex(r"[A-Z][A-Z0-9]{31,40}", fullmatch=True), st.from_regex(r"[a-z][A-Z0-9]{3}\n?"),
).filter(lambda value: not is_slack_id(value))  # fmt: skip
NO_TEXTS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def build_action_body(team: Any, enterprise: str | None = None) -> dict[str, Any]:
    """A press by Carl, as far as it says who he is."""
    organisation = {"id": enterprise, "name": "Grid"} if enterprise else None
    return {
        "team": {"id": TEAM_ID},
        "enterprise": organisation,
        "user": {"id": "UCARL", "team_id": team},
    }


def context(organisation: str | None = ORGANISATION, team: str | None = TEAM_ID) -> Any:
    """What Bolt found out: the workspace of the payload, and the installation that answers there."""
    installed = AuthorizeResult(enterprise_id=organisation, team_id=team)
    return BoltContext({"team_id": team, "authorize_result": installed})


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(
    ("body", "found", "team"),
    [
        (build_action_body(TEAM_ID), context(), TEAM_ID),
        (build_action_body(None), context(), TEAM_ID),
        (build_action_body("T0GRIDC", ORGANISATION), context(), TEAM_ID),
        (build_action_body(ORGANISATION), context(), TEAM_ID),
        (
            {
                **build_action_body("T0GRIDC"),
                "team": {"id": TEAM_ID, "enterprise_id": ORGANISATION},
            },
            context(),
            TEAM_ID,
        ),
        (build_action_body("T0OTHER", "E0OTHER"), context(), "T0OTHER"),
        (build_action_body("T0OTHER"), context(), "T0OTHER"),
        (build_action_body("T0OTHER"), context(None), "T0OTHER"),
        (build_action_body("T0OTHER", "E0OTHER"), context(None), "T0OTHER"),
        ({"team_id": TEAM_ID, "user_id": "UCARL"}, context(), TEAM_ID),
    ],
)
def test_account_of_the_workspaces_organisation_belongs_to_the_workspace(
    body: dict[str, Any], found: Any, team: str
) -> None:
    assert read_caller(body, found, "button", "d") == Caller(
        TEAM_ID, Account(team, "UCARL"), "button", "d"
    )


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(
    ("user", "home"),
    [
        ({}, True),
        ({"team_id": TEAM_ID}, True),
        ({"team_id": ORGANISATION}, True),
        (
            {
                "team_id": "T0GRIDC",
                "enterprise_user": {
                    "enterprise_id": ORGANISATION,
                    "teams": [TEAM_ID, "T0GRIDC"],
                },
            },
            True,
        ),
        (
            {"team_id": "T0GRIDC", "enterprise_user": {"enterprise_id": ORGANISATION}},
            True,
        ),
        (
            {
                "team_id": "T0GRIDC",
                "enterprise_user": {
                    "enterprise_id": ORGANISATION,
                    "teams": ["T0GRIDC"],
                },
            },
            False,
        ),
        (
            {
                "team_id": ORGANISATION,
                "enterprise_user": {
                    "enterprise_id": ORGANISATION,
                    "teams": ["T0GRIDC"],
                },
            },
            False,
        ),
        ({"team_id": "T0OTHER"}, False),
        ({"team_id": "T0OTHER", "is_stranger": True}, False),
        (
            {
                "team_id": "E0OTHER",
                "enterprise_user": {"enterprise_id": "E0OTHER", "teams": ["T0OTHER"]},
            },
            False,
        ),
        ({"team_id": TEAM_ID, "is_stranger": True}, False),
        ({"team_id": ORGANISATION, "is_stranger": True}, False),
    ],
)
def test_is_member(world: Scenario, user: dict[str, Any], home: bool) -> None:
    world.execute(InstallWorkspace(NOBODY, "Acme HQ", "UBOT", ORGANISATION))
    world.execute(
        build_profile_command(NOBODY, {"id": "UEVE", "is_admin": True, **user})
    )
    with world.database.unit_of_work_factory.read(TEAM_ID) as facts:
        person = facts.people.find_person_by_account(Account(TEAM_ID, "UEVE"))
    assert person
    assert (person.team == TEAM_ID, person.admin) == (home, home)


@pytest.mark.rule("INV-05")
@pytest.mark.parametrize(
    ("user", "bot", "guest", "active"),
    [
        ({}, False, False, True),
        ({"is_bot": True}, True, False, True),
        ({"is_bot": False, "id": "USLACKBOT"}, True, False, True),
        ({"is_bot": False, "is_workflow_bot": True}, True, False, True),
        ({"is_restricted": True}, False, True, True),
        ({"is_restricted": True, "is_ultra_restricted": True}, False, True, True),
        ({"deleted": True}, False, False, False),
        ({"deleted": True, "is_bot": True}, True, False, False),
    ],
)
def test_profile_command_of_an_account(
    user: dict[str, Any], bot: bool, guest: bool, active: bool
) -> None:
    act = build_profile_command(NOBODY, {"id": "UEVE", "name": "eve", **user})
    assert (act.bot, act.guest, act.active) == (bot, guest, active)


@settings(max_examples=25)
@given(NO_IDS)
def test_malformed_id_is_rejected(value: Any) -> None:
    for body in (
        {"team_id": TEAM_ID, "user_id": value},
        {**build_action_body(TEAM_ID), "user": {"id": value, "team_id": TEAM_ID}},
        {**build_action_body(TEAM_ID), "user": value},
    ):
        with pytest.raises(MalformedId):
            read_caller(body, context(), "button", "d")
    with pytest.raises(MalformedId):
        build_profile_command(NOBODY, {"id": value})
    if value:
        with pytest.raises(MalformedId):
            read_caller(build_action_body(value), context(), "button", "d")
        with pytest.raises(MalformedId):
            read_caller(build_action_body(TEAM_ID), context(team=value), "button", "d")


@settings(max_examples=15)
@given(NO_TEXTS, NO_TEXTS)
def test_profile_fields_that_are_not_text_are_ignored(one: Any, other: Any) -> None:
    profile = {"display_name": one, "real_name": other, "email": one}
    act = build_profile_command(
        NOBODY,
        {"id": "UEVE", "name": "eve", "tz": other, "locale": one, "profile": profile},
    )
    assert (act.title, act.email, act.tz, act.locale) == ("eve", None, "UTC", None)
    unnamed = build_profile_command(
        NOBODY, {"id": "UEVE", "name": other, "real_name": one, "profile": one}
    )
    assert unnamed.title == ""


@settings(max_examples=15)
@given(NO_TEXTS, st.sampled_from(["channel_rename", "group_rename"]))
def test_renamed_channel_without_an_id_is_malformed(value: Any, event: str) -> None:
    unreachable: Any = None
    for channel in (
        value,
        {"id": "C0ACME"},
        {"id": "C0ACME", "name": value},
        {"name": "acme"},
    ):
        with pytest.raises(MalformedId):
            SLACK_EVENT_HANDLERS[event](
                unreachable, NOBODY, datetime.now(UTC), {"channel": channel}
            )
    with pytest.raises(MalformedId):
        SLACK_EVENT_HANDLERS[event](unreachable, NOBODY, datetime.now(UTC), {})


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("is_org_admin", [True, False])
def test_an_organisation_has_the_accounts_of_its_workspaces(
    world: Scenario, is_org_admin: bool
) -> None:
    """One human is one person, whichever of their workspaces a payload names."""
    tenant = WorkspaceId(ORGANISATION)
    system = Caller(tenant, None, "slack")
    world.execute(InstallWorkspace(system, "Acme Group", "UBOT", ORGANISATION))
    recorded = []
    for team in ("T0ONE", "T0TWO", ORGANISATION):
        user = {
            "id": "UCARL",
            "team_id": team,
            "is_admin": True,  # of one workspace
            "enterprise_user": {
                "enterprise_id": ORGANISATION,
                "teams": ["T0ONE", "T0TWO"],
                "is_admin": is_org_admin,
            },
        }
        assert is_member(tenant, user)
        command = build_profile_command(system, user)
        recorded.append(world.bus.execute(command, world.at).recorded)
    assert len(recorded[0]) == 2
    assert recorded[1:] == [[], []]
    with world.database.unit_of_work_factory.read(tenant) as read:
        carl = read.people.find_person_by_account(Account(ORGANISATION, "UCARL"))
    assert carl
    assert (carl.team, carl.admin) == (ORGANISATION, is_org_admin)


@pytest.mark.rule("PER-02")
def test_a_partner_of_an_organisation_is_none_of_it() -> None:
    partner = {
        "id": "UEVE",
        "team_id": "T0OTHER",
        "enterprise_user": {"enterprise_id": "E0OTHER", "teams": ["T0OTHER"]},
    }
    assert not is_member(WorkspaceId(ORGANISATION), partner)

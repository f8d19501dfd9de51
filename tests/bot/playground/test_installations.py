"""What payloads say of the workspace that they come from, and of the installation."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from bot.playground import installations
from bot.playground.errors import NoAnswer, NotAllowed
from bot.playground.manifest import Manifest
from bot.playground.seed_data import (
    HOME_TEAM_ID,
    ORGANISATION_ID,
    SECOND_TEAM_ID,
    WEST_TEAM_ID,
)
from bot.playground.server import Playground

SCOPES = frozenset({"chat:write", "commands"})


@contextmanager
def run_two(manifest: Manifest, organisation: str | None) -> Iterator[Playground]:
    """Run a playground with two workspaces, which delivers to nobody."""
    subscribed = manifest.events | {"app_uninstalled", "tokens_revoked"}
    events = subscribed | {"team_access_granted", "team_access_revoked"}
    with Playground(
        manifest=replace(manifest, events=events),
        organisation=organisation,
        has_two_workspaces=True,
        is_installed=False,
    ) as playground:
        playground.retry_delays = ()
        playground.request_url = f"{playground.url}/nobody"
        yield playground


@pytest.fixture
def two(manifest: Manifest) -> Iterator[Playground]:
    with run_two(manifest, None) as playground:
        for state in playground.states:
            installations.install_app(state, SCOPES)
        yield playground


@pytest.fixture
def organisation(manifest: Manifest) -> Iterator[Playground]:
    with run_two(manifest, ORGANISATION_ID) as playground:
        installations.install_in_organisation(playground.states, SCOPES)
        yield playground


def list_payloads(playground: Playground, kind: str) -> list[dict[str, Any]]:
    """Return what was sent to the app so far, oldest first."""
    return [
        entry["body"]
        for entry in playground.traffic_entries
        if entry["direction"] == "out" and entry["kind"] == kind
    ]


def type_command(playground: Playground, name: str) -> dict[str, Any]:
    """Type a command, and return its payload."""
    with suppress(NoAnswer):
        playground.get_user(name).type_text("/collab help")
    return list_payloads(playground, "command")[-1]


def open_home(playground: Playground, name: str) -> dict[str, Any]:
    """Open Home, and return the event in its envelope."""
    playground.get_user(name).open_home()
    return list_payloads(playground, "event")[-1]


def use_shortcut(playground: Playground, name: str) -> dict[str, Any]:
    """Use a shortcut, and return its payload."""
    with suppress(NoAnswer):
        playground.get_user(name).use_shortcut("invite")
    return list_payloads(playground, "shortcut")[-1]


def test_a_payload_names_the_workspace_of_its_user(two: Playground) -> None:
    for name, team_id, bot in (
        ("ada", HOME_TEAM_ID, "U0COLLAB"),
        ("nora", SECOND_TEAM_ID, "U0COLLABTWO"),
    ):
        command = type_command(two, name)
        assert command["team_id"] == team_id
        assert command["is_enterprise_install"] == "false"
        assert "enterprise_id" not in command
        assert use_shortcut(two, name)["team"]["id"] == team_id
        event = open_home(two, name)
        assert event["team_id"] == team_id
        assert event["authorizations"] == [
            {
                "enterprise_id": None,
                "team_id": team_id,
                "user_id": bot,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ]
    event_ids = [body["event_id"] for body in list_payloads(two, "event")]
    assert len(set(event_ids)) == len(event_ids)


def test_one_workspace_is_uninstalled_alone(two: Playground) -> None:
    two.uninstall_app(team_id=SECOND_TEAM_ID)

    for body in list_payloads(two, "event"):
        assert body["team_id"] == SECOND_TEAM_ID
        assert body["authorizations"] == []
    with pytest.raises(NotAllowed):
        two.get_user("nora").type_text("/collab help")
    assert type_command(two, "ada")["team_id"] == HOME_TEAM_ID


def test_a_payload_of_an_organisation_says_so(organisation: Playground) -> None:
    command = type_command(organisation, "nora")
    assert command["team_id"] == WEST_TEAM_ID
    assert command["enterprise_id"] == ORGANISATION_ID
    assert command["enterprise_name"] == "Acme Group"
    assert command["is_enterprise_install"] == "true"

    shortcut = use_shortcut(organisation, "nora")
    assert shortcut["team"] is None
    assert shortcut["enterprise"]["id"] == ORGANISATION_ID
    assert shortcut["user"]["team_id"] == WEST_TEAM_ID
    assert shortcut["is_enterprise_install"] is True

    event = open_home(organisation, "nora")
    assert event["team_id"] == WEST_TEAM_ID
    assert event["enterprise_id"] == ORGANISATION_ID
    assert event["authorizations"][0]["is_enterprise_install"] is True


def test_the_organisation_is_told_which_workspaces_it_gains_and_loses(
    organisation: Playground,
) -> None:
    organisation.change_team_access(WEST_TEAM_ID, is_granted=False)
    with pytest.raises(NotAllowed):
        organisation.get_user("nora").type_text("/collab help")
    organisation.change_team_access(WEST_TEAM_ID, is_granted=True)

    events = list_payloads(organisation, "event")
    assert [body["event"]["type"] for body in events] == [
        "team_access_revoked",
        "team_access_granted",
    ]
    for body in events:
        assert body["event"]["team_ids"] == [WEST_TEAM_ID]
        assert (body["team_id"], body["enterprise_id"]) == (None, ORGANISATION_ID)
        assert body["authorizations"][0]["is_enterprise_install"] is True
    assert type_command(organisation, "nora")["team_id"] == WEST_TEAM_ID


def test_an_organisation_is_uninstalled_as_a_whole(organisation: Playground) -> None:
    organisation.uninstall_app(team_id=WEST_TEAM_ID)

    for body in list_payloads(organisation, "event"):
        assert (body["team_id"], body["enterprise_id"]) == (None, ORGANISATION_ID)
    for name in ("ada", "nora"):
        with pytest.raises(NotAllowed):
            organisation.get_user(name).type_text("/collab help")

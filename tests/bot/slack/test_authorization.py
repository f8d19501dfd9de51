"""A payload belongs to the workspace, or the organisation, that has the app."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt import BoltContext
from slack_bolt.request.internals import build_context

from bot.slack.authorization import build_installed_authorize
from bot.slack.identity import read_caller, read_event_caller
from collab.installations import Installation, Tokens, UnreadableTokens
from collab.model import Account, WorkspaceId
from collab.unit_of_work import Unavailable

AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
ACME, ORGANISATION = WorkspaceId("TACME"), WorkspaceId("EACME")


class Tenants:
    """Installations, as `InstalledTokens` finds them."""

    def __init__(self, *tenants: str, revoked: str = "") -> None:
        self.failure: Exception | None = None
        self._installations = {
            each: Installation(
                WorkspaceId(each),
                Tokens(f"xoxb-{each}"),
                frozenset(),
                AT,
                bot_user_id=f"U{each}",
                organisation="EACME",
                revoked_teams=frozenset(revoked.split()),
            )
            for each in tenants
        }

    def find(self, workspace: WorkspaceId) -> Installation | None:
        """Return an installation, or fail."""
        if self.failure:
            raise self.failure
        return self._installations.get(workspace)


def authorize(tenants: Tenants, body: dict[str, Any]) -> BoltContext:
    """Return the context of a payload as Bolt builds it."""
    context = BoltContext()
    build_context(context, body)
    found = build_installed_authorize(tenants)(  # type: ignore[arg-type]
        context, context.enterprise_id, context.team_id
    )
    if found:
        context.set_authorize_result(found)
    return context


def command(team: str, organisation: str | None = "EACME", **more: Any) -> Any:
    return {
        "command": "/collab",
        "team_id": team,
        "user_id": "UADA",
        "enterprise_id": organisation,
        **more,
    }


def press(team: dict[str, Any] | None, user_team: str, **more: Any) -> Any:
    return {
        "type": "block_actions",
        "team": team,
        "user": {"id": "UADA", "team_id": user_team},
        "enterprise": {"id": "EACME", "name": "Acme Group"},
        "actions": [{}],
        **more,
    }


def test_a_command_is_of_the_workspace_that_has_the_app() -> None:
    body = command("TACME", is_enterprise_install="false")
    context = authorize(Tenants("TACME", "EACME"), body)
    assert context.bot_token == "xoxb-TACME"
    assert read_caller(body, context, "command", "").workspace == "TACME"


@pytest.mark.parametrize("flag", ["true", "false"])
def test_a_command_in_an_organisation_is_of_the_organisation(flag: str) -> None:
    for team in ("TONE", "TTWO"):
        body = command(team, is_enterprise_install=flag)
        context = authorize(Tenants("EACME"), body)
        by = read_caller(body, context, "command", "")
        assert context.bot_token == "xoxb-EACME"
        assert by.workspace == ORGANISATION
        assert by.account == Account(ORGANISATION, "UADA")


@pytest.mark.parametrize("user_team", ["TONE", "TTWO", "EACME"])
@pytest.mark.parametrize("team", [None, {"id": "TONE", "enterprise_id": "EACME"}])
def test_one_human_presses_as_the_person_who_types(
    team: dict[str, Any] | None, user_team: str
) -> None:
    body = press(team, user_team, is_enterprise_install=True)
    context = authorize(Tenants("EACME"), body)
    by = read_caller(body, context, "button", "")
    assert by.workspace == ORGANISATION
    assert by.account == Account(ORGANISATION, "UADA")


def test_an_event_names_the_installation_that_it_is_for() -> None:
    body = {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": "TPARTNER",
        "event": {"type": "user_change", "user": {"id": "UADA", "team_id": "TTWO"}},
        "authorizations": [
            {"enterprise_id": "EACME", "team_id": None, "is_enterprise_install": True}
        ],
    }
    context = authorize(Tenants("EACME"), body)
    assert read_event_caller(body, context).workspace == ORGANISATION


@pytest.mark.parametrize(
    ("body", "tenant"),
    [
        ({"team_id": "TACME", "enterprise_id": "EACME"}, "TACME"),
        ({"team_id": None, "enterprise_id": "EACME", "authorizations": []}, "EACME"),
        (
            {
                "team_id": "TONE",
                "enterprise_id": "EACME",
                "authorizations": [
                    {
                        "team_id": "TONE",
                        "enterprise_id": "EACME",
                        "is_enterprise_install": True,
                    }
                ],
            },
            "EACME",
        ),
    ],
)
def test_a_removal_is_of_the_tenant_though_bolt_does_not_authorize_it(
    body: dict[str, Any], tenant: str
) -> None:
    context = BoltContext()
    build_context(context, body)
    named = {**body, "event_id": "Ev1", "event": {"type": "app_uninstalled"}}
    assert read_event_caller(named, context).workspace == tenant


def test_a_workspace_without_the_app_has_no_token() -> None:
    body = command("TOTHER", organisation=None)
    context = authorize(Tenants("TACME"), body)
    assert context.bot_token is None
    assert read_caller(body, context, "command", "").workspace == "TOTHER"


def test_a_workspace_that_the_app_was_taken_from_has_none() -> None:
    tenants = Tenants("EACME", revoked="TTWO")
    for team, token in (("TONE", "xoxb-EACME"), ("TTWO", None)):
        body = command(team, is_enterprise_install="true")
        assert authorize(tenants, body).bot_token == token


@pytest.mark.parametrize(
    "failure", [Unavailable("unreachable"), UnreadableTokens(ACME)]
)
def test_a_failure_of_the_database_is_left_to_the_answer(failure: Exception) -> None:
    tenants = Tenants("TACME")
    tenants.failure = failure
    body = command("TACME")
    context = authorize(tenants, body)
    assert context.bot_token is None
    assert read_caller(body, context, "command", "").workspace == "TACME"

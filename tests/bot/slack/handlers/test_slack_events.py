"""What Slack says of an installation is obeyed, unless it is of an earlier one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.rendering import renderer_for_language
from bot.slack.identity import MalformedId
from bot.slack.requests import Services
from bot.slack.routes import COMMAND_HANDLERS, SLACK_EVENT_HANDLERS
from collab.events import WorkspaceUninstalled
from collab.installations import Installation, Tokens, UnreadableTokens
from collab.model import WorkspaceId
from storage.database import Database
from tests.support.builders import Scenario

SECRETS = ("a-secret-of-32-characters-or-more",)


class Stored:
    """Installations read without a cache."""

    install_url = "https://collab.example.com/slack/install"

    def __init__(self, world: Scenario) -> None:
        self.store = world.database.open_installations(SECRETS)
        self.changes: list[tuple[str, tuple[str, ...], bool]] = []
        self.is_readable = True

    def find(self, workspace: WorkspaceId) -> Installation | None:
        """Return the installation of a workspace."""
        if not self.is_readable:
            raise UnreadableTokens(workspace)
        return self.store.find(workspace)

    def forget(self, workspace: WorkspaceId) -> None:
        """Nothing is remembered."""

    def change_teams(
        self, workspace: WorkspaceId, team_ids: Collection[str], *, is_granted: bool
    ) -> None:
        """Note a change."""
        self.changes.append((workspace, tuple(team_ids), is_granted))


class Slack:
    """Sends events to the handlers."""

    def __init__(self, database: Database) -> None:
        self.world = Scenario(database)
        self.world.create_company()
        self.stored = Stored(self.world)
        self.stored.store.save(
            Installation(
                self.world.workspace, Tokens("xoxb-1"), frozenset(), self.world.at
            )
        )
        self.services = Services(
            self.world.bus,
            database.outbox,
            renderer_for_language("en"),
            COMMAND_HANDLERS,
            installations=self.stored,
        )

    def send(self, event: dict[str, Any], *, age: timedelta = timedelta()) -> None:
        """Send an event that is so old."""
        sent_at = int((self.world.at - age).timestamp())
        event = {"event_time": sent_at, **event}
        by = self.world.system_caller("event")
        SLACK_EVENT_HANDLERS[event["type"]](self.services, by, self.world.at, event)

    @property
    def is_installed(self) -> bool:
        """Whether the app is installed, with its tokens."""
        tokens = self.stored.store.find(self.world.workspace)
        assert (tokens is None) == bool(self.world.events_of_type(WorkspaceUninstalled))
        return tokens is not None


@pytest.fixture
def slack(sqlite_database: Database) -> Slack:
    return Slack(sqlite_database)


REMOVALS = [
    {"type": "app_uninstalled"},
    {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}},
]


@pytest.mark.parametrize("event", REMOVALS)
def test_a_removal_deletes_the_tokens(slack: Slack, event: dict[str, Any]) -> None:
    slack.send(event)
    assert not slack.is_installed


@pytest.mark.parametrize("event", REMOVALS)
def test_a_removal_that_comes_after_the_next_installation_is_ignored(
    slack: Slack, event: dict[str, Any]
) -> None:
    slack.send(event, age=timedelta(seconds=1))
    assert slack.is_installed


@pytest.mark.parametrize("event", REMOVALS)
@pytest.mark.parametrize("sent_at", [None, "soon"])
def test_a_removal_without_its_time_counts(
    slack: Slack, event: dict[str, Any], sent_at: object
) -> None:
    slack.send({**event, "event_time": sent_at})
    assert not slack.is_installed


def test_a_removal_counts_though_the_tokens_cannot_be_read(slack: Slack) -> None:
    slack.stored.is_readable = False
    slack.send({"type": "app_uninstalled"}, age=timedelta(days=1))
    assert not slack.is_installed


def test_the_token_of_a_person_is_none_of_the_app(slack: Slack) -> None:
    slack.send({"type": "tokens_revoked", "tokens": {"oauth": ["UADA"], "bot": []}})
    assert slack.is_installed


def test_workspaces_of_an_organisation_are_granted_and_revoked(slack: Slack) -> None:
    slack.send({"type": "team_access_revoked", "team_ids": ["TONE", "TTWO"]})
    slack.send({"type": "team_access_granted", "team_ids": ["TONE"]})
    assert [change[1:] for change in slack.stored.changes] == [
        (("TONE", "TTWO"), False),
        (("TONE",), True),
    ]
    with pytest.raises(MalformedId):
        slack.send({"type": "team_access_revoked", "team_ids": ["no id"]})


def test_with_one_token_teams_are_not_asked_for(slack: Slack) -> None:
    slack.services = replace(slack.services, installations=None)
    slack.send({"type": "team_access_revoked", "team_ids": ["TONE"]})
    slack.send({"type": "app_uninstalled"}, age=timedelta(days=1))
    assert slack.world.events_of_type(WorkspaceUninstalled)

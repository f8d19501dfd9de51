"""The app with tokens from the database, by each transport: as with its own token, and stopped and started again by
what Slack says of the installation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import bootstrap, demo
from bot.config import Config
from bot.playground.manifest import load_manifest
from bot.playground.server import Playground
from bot.slack.socket_mode import open_connection
from collab.events import WorkspaceInstalled, WorkspaceUninstalled
from collab.installations import Installation, InstallationStore, Tokens
from collab.model import Caller, WorkspaceId
from collab.people import InstallWorkspace
from storage.database import Database
from tests.support.app_harness import (
    ACK_TIMEOUT_SECONDS,
    AppHarness,
    new_traffic_path,
    serve_http,
)

SCOPES = frozenset({"chat:write", "commands"})


class Installed(AppHarness):
    """The app in a playground where it was installed by OAuth."""

    store: InstallationStore

    def install(self) -> None:
        """Save the playground's token, as the pages that install the app do."""
        now = self.playground.clock.now()
        tokens = Tokens(self.playground.bot_token)
        self.store.save(Installation(self.workspace, tokens, SCOPES, now))
        by = Caller(self.workspace, None, "oauth")
        bot = self.playground.bot_user_id
        self.app.bus.execute(InstallWorkspace(by, "Acme HQ", bot), now)

    def count_events(self, event_type: type) -> int:
        """Return how often something happened."""
        log = self.app.database.event_log.export_events(self.workspace)
        return sum(isinstance(each.event, event_type) for each in log)


@contextmanager
def run_installed(
    database: Database, database_url: str, transport: str
) -> Iterator[Installed]:
    """Run the app without a token in its settings."""
    with ExitStack() as stack:
        playground = stack.enter_context(
            Playground(traffic_path=new_traffic_path(), manifest=load_manifest())
        )
        playground.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        is_socket = transport == "socket"
        config: Config = replace(
            demo.build_demo_settings(playground, folder),
            bot_token=None,
            database_url=database_url,
            app_token=playground.app_token if is_socket else None,
            tick_interval=timedelta(hours=1),
        )
        now = playground.clock.now
        assert bootstrap.register_own_workspace(config, database, now()) is None
        app = bootstrap.build_app(config, None, database, now)
        stack.callback(app.stop)
        if is_socket:
            connection = open_connection(app.bolt_app, config, app.slack_client.client)
            stack.callback(connection.close)
        else:
            stack.enter_context(serve_http(app, playground))
        playground.on_travel = demo.build_time_traveler(app, playground)
        app.start()
        playground.wait_until(
            lambda: playground.state.is_connected, ACK_TIMEOUT_SECONDS
        )
        harness = Installed(playground, app)
        harness.store = database.open_installations(config.link_secrets)
        yield harness


@pytest.fixture(params=["socket", "http"])
def installed(sqlite_url: str, request: pytest.FixtureRequest) -> Iterator[Installed]:
    with (
        closing(Database.open(sqlite_url)) as database,
        run_installed(database, sqlite_url, request.param) as harness,
    ):
        yield harness


def test_a_workspace_without_the_app_is_told_so(installed: Installed) -> None:
    answer = installed.ada.type_text("/collab create company Acme", channel="general")
    assert answer
    assert "isn't set up in this workspace" in answer["text"]


def test_commands_messages_and_modals_use_the_workspaces_token(
    installed: Installed,
) -> None:
    installed.install()
    installed.create_seed_data()
    installed.run_command("ada", "/collab invite @carl admin acme")
    card = installed.latest_message("carl")
    assert "invited you" in card["text"]
    installed.press_button("carl", card, "accept")
    assert "carl" in str(installed.run_command("ada", "/collab members acme")).lower()
    installed.ada.type_text("/collab invite", channel="general")
    installed.wait_for_view("ada")


@pytest.mark.parametrize("event_types", [("app_uninstalled", "tokens_revoked")])
def test_a_removed_app_stops_and_goes_on_where_it_was(
    installed: Installed, event_types: tuple[str, ...]
) -> None:
    installed.install()
    installed.create_seed_data()
    workspace = WorkspaceId(installed.playground.team_id)
    installed.playground.uninstall_app(event_types=event_types)
    installed.playground.wait_until(
        lambda: installed.count_events(WorkspaceUninstalled) == 1, ACK_TIMEOUT_SECONDS
    )
    assert installed.store.find(workspace) is None
    installed.advance_time(days=2)

    installed.playground.state.is_installed = True
    installed.install()
    assert installed.count_events(WorkspaceInstalled) == 2
    installed.run_command("ada", "/collab invite @carl admin acme")
    assert "invited you" in installed.latest_message("carl")["text"]

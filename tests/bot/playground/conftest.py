"""A playground for each test, with a small app in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.playground.manifest import Manifest, Shortcut, SlashCommand
from bot.playground.server import Playground
from tests.bot.playground.helpers import connect_socket_mode

# Slack waits three seconds; a busy machine that runs tests may need more.
ACK_TIMEOUT_SECONDS = 15.0
SCOPES = {"chat:write", "commands", "users:read", "users:read.email", "im:write"}
EVENTS = {
    "app_home_opened",
    "user_change",
    "team_join",
    "member_joined_channel",
    "message.channels",
}


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        commands=(SlashCommand("/collab", should_escape=True),),
        shortcuts=(Shortcut("Invite", "invite"),),
        required_scopes=frozenset(SCOPES),
        events=frozenset(EVENTS),
        home_enabled=True,
    )


@pytest.fixture
def playground(manifest: Manifest, tmp_path: Path) -> Iterator[Playground]:
    with Playground(
        manifest=manifest, traffic_path=tmp_path / "traffic.jsonl"
    ) as running:
        running.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        running.retry_delays = (0.0, 0.05, 0.1)
        yield running


@pytest.fixture
def slack(playground: Playground) -> WebClient:
    return WebClient(playground.bot_token, base_url=f"{playground.url}/api/")


@pytest.fixture
def app(slack: WebClient) -> App:
    return App(
        client=slack,
        raise_error_for_unhandled_request=False,
        token_verification_enabled=False,
    )


@pytest.fixture
def connected_app(playground: Playground, app: App) -> Iterator[App]:
    with connect_socket_mode(playground, app):
        yield app

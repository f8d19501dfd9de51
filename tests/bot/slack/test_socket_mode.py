"""A request over Socket Mode that cannot be answered is logged, without its content."""

from __future__ import annotations

import pytest
from slack_bolt import BoltRequest, BoltResponse

from bot.config import Config
from bot.playground.errors import NoAnswer
from bot.playground.server import Playground
from bot.slack.client import build_web_client
from bot.slack.socket_mode import open_connection
from tests.bench.apps import empty_app


def test_a_failed_answer_is_logged_with_an_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = empty_app()

    def fail(_request: BoltRequest) -> BoltResponse:
        raise RuntimeError("what was typed")

    monkeypatch.setattr(app, "dispatch", fail)
    with Playground() as playground:
        playground.ack_timeout_seconds = 0.5
        config = Config(
            playground.bot_token,
            playground.app_token,
            api_url=f"{playground.url}/api/",
        )
        client = build_web_client(config.bot_token, config.api_url)
        connection = open_connection(app, config, client)
        try:
            playground.wait_until(lambda: playground.is_connected)
            with pytest.raises(NoAnswer):
                playground.get_user("ada").type_text("/collab help")
        finally:
            connection.close()

    lines = [one.getMessage() for one in caplog.records if one.name == "collab.slack"]
    assert any(
        "answering slash_commands failed with RuntimeError" in line for line in lines
    )
    assert "Error: what was typed" not in caplog.text

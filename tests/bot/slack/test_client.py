"""Which URLs and which answers the Web API client accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.app_identity import fetch_app_identity
from bot.config import Config, FatalError
from bot.doctor import run_checks
from bot.slack.client import SlackClient, build_web_client, call_api, is_slack_url
from bot.slack.errors import SlackCallFailed
from bot.slack.socket_mode import open_connection
from collab.model import WorkspaceId
from tests.bench.apps import empty_app

API = "https://slack.com/api/"
SLACK_URLS = [
    "https://hooks.slack.com/commands/T1/1/x",
    "https://hooks.slack.com/actions/T1/1/x?a=b%20c",
    "https://hooks.slack-gov.com/app/T1/1/x",
    "https://files.slack.com/upload/v1/ABC",
    "https://files.slack-gov.com/upload/v1/ABC",
]
FOREIGN_URLS: list[Any] = [
    "http://hooks.slack.com/commands/T1/1/x",
    "https://hooks.slack.com.example.com/x",
    "https://hooks.slack.com@example.com/x",
    "https://hooks.slack.com:x@example.com/x",
    "https://hooks.slack.com\\@example.com/x",
    "https://hooks.slack.com/\\@example.com",
    "https://hooks.slack.com:8443/x",
    "https://hooks.slack.com",
    "https://hooks_slack.com/x",
    "https://example.com/hooks.slack.com/x",
    "https://example.com#hooks.slack.com/x",
    "https://xhooks.slack.com/x",
    "https://evil.slack.com/x",
    "https://hooks.slack.com/a\nb",
    " https://hooks.slack.com/x",
    "https://hooks.slack.com/ü",
    "http://127.0.0.1:9/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "//hooks.slack.com/x",
    "",
    None,
    7,
    ["https://hooks.slack.com/x"],
    {"url": "https://hooks.slack.com/x"},
]


@pytest.mark.parametrize("url", SLACK_URLS)
def test_urls_of_slack_are_accepted(url: str) -> None:
    assert is_slack_url(url, API)


@pytest.mark.parametrize("url", FOREIGN_URLS)
def test_other_urls_are_rejected_before_anything_is_sent(url: Any) -> None:
    assert not is_slack_url(url, API)
    slack = SlackClient(build_web_client("xoxb-1", API))
    with pytest.raises(SlackCallFailed, match=r"^invalid_url$"):
        slack.post_response(WorkspaceId("T1"), url, {"text": "Done."})


@settings(max_examples=60)
@example(start="//")
@given(st.text(alphabet="htps:/.@\\#?%hooksslackcom evil127\t\n", max_size=40))
def test_text_before_slacks_host_makes_a_url_foreign(start: str) -> None:
    assert not is_slack_url(f"{start}x.hooks.slack.com/x", API)
    # Without slashes at its beginning, the text continues the host name.
    assert not is_slack_url(f"https://hooks.slack.com{start.lstrip('/')}", API)


@pytest.mark.parametrize(
    ("api", "url", "is_same"),
    [
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/response/1", True),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8081/response/1", False),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:80801/response/1", False),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080@example.com/", False),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/\\example.com", False),
        (
            "https://slack.example.com/api/",
            "https://slack.example.com/response/1",
            True,
        ),
        (
            "https://slack.example.com/api/",
            "http://slack.example.com/response/1",
            False,
        ),
    ],
)
def test_host_of_the_configured_web_api_is_accepted(
    api: str, url: str, is_same: bool
) -> None:
    assert is_slack_url(url, api) == is_same


class FakeServer(BaseHTTPRequestHandler):
    """Something between the app and Slack, which answers everything alike."""

    status: int
    body: bytes
    seen: list[dict[str, str]]

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["content-length"] or 0))
        self.seen.append(dict(self.headers))
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def serve_answer(
    status: int, body: bytes
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    seen: list[dict[str, str]] = []
    kind = type(
        "Answering", (FakeServer,), {"status": status, "body": body, "seen": seen}
    )
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("status", [200, 403, 429, 502])
@pytest.mark.parametrize(
    "body",
    [
        "Forbidden",
        [],
        ["ok"],
        [{"ok": True}],
        7,
        0,
        True,
        None,
        {},
        {"ok": 1, "error": 2},
    ],
)
def test_malformed_answer_is_a_failed_call_everywhere(
    status: int, body: Any, tmp_path: Path
) -> None:
    if status == 200 and body == {"ok": 1, "error": 2}:
        body = {"ok": 1}
    database = f"sqlite:///{tmp_path}/none.sqlite3"
    with serve_answer(status, json.dumps(body).encode()) as (url, _):
        config = Config(
            "xoxb-12345678",
            "xapp-12345678",
            api_url=f"{url}/api/",
            files_folder=tmp_path / "files",
            database_url=database,
        )
        client = build_web_client(config.bot_token, config.api_url)
        if body != {"ok": 1}:
            for method in ("auth.test", "chat.postMessage", "views.open", "users.info"):
                with pytest.raises(
                    SlackCallFailed, match=r"^(bad_answer|http_502|ratelimited)$"
                ):
                    call_api(client, method)
        with pytest.raises(FatalError):
            fetch_app_identity(config)
        assert any(not fine for fine, _ in run_checks(config))


def test_malformed_answer_of_the_socket_ends_the_start_with_one_line() -> None:
    with serve_answer(403, b'"Forbidden"') as (url, _):
        config = Config("xoxb-12345678", "xapp-12345678", api_url=f"{url}/api/")
        client = build_web_client(config.bot_token, config.api_url)
        with pytest.raises(FatalError):
            open_connection(empty_app(), config, client)


def test_passwords_of_the_environment_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serve_answer(200, b"ok") as (url, seen):
        SlackClient(build_web_client("xoxb-1", f"{url}/api/")).post_response(
            WorkspaceId("T1"), f"{url}/response/1", {"text": "Done."}
        )
    assert [headers.get("Authorization") for headers in seen] == [None]

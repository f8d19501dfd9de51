"""Installing by OAuth: each way it can go, and nobody but who began it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from bot import bootstrap
from bot.config import Config
from bot.slack.scopes import ALL_SCOPES, REQUIRED_SCOPES
from bot.web.app import build_public_app
from bot.web.install_pages import COOKIE_NAME
from collab.events import WorkspaceInstalled
from collab.model import Caller, WorkspaceId
from collab.people import UninstallWorkspace
from storage.database import Database
from storage.tables import installations, oauth_states
from tests.support.fake_oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeOAuth,
    build_grant,
    serve_fake_oauth,
)

BASE = "https://collab.example.com/tools"
SECRET = "a-secret-of-32-characters-or-more"
ALL = ",".join(sorted(ALL_SCOPES))
ACME = WorkspaceId("TACME")


class Visitor:
    """A browser, and the running application that it visits."""

    def __init__(self, database: Database, fake: FakeOAuth, files: Path) -> None:
        self.at = datetime(2026, 10, 5, 9, tzinfo=UTC)
        config = Config(
            app_token="xapp-1-unused",
            api_url=fake.api_url,
            base_url=BASE,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            link_secrets=(SECRET,),
            files_folder=files,
        )
        self.database = database
        self.app = bootstrap.build_app(config, None, database, lambda: self.at)
        self.client = Client(build_public_app(self.app.probes, self.app.pages))

    def open(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers=headers)

    def start(self) -> str:
        """Press the button, and return the state that Slack gets."""
        response = self.open("/slack/install/start")
        assert response.status_code == 303
        cookie = response.headers["Set-Cookie"]
        self.client.set_cookie(
            COOKIE_NAME, cookie.partition(";")[0].partition("=")[2], path="/"
        )
        return parse_qs(urlsplit(response.location).query)["state"][0]

    def come_back(self, state: str, code: str = "code", **more: str) -> TestResponse:
        """Be sent back by Slack."""
        query = {"state": state, "code": code, **more}
        return self.client.get("/slack/oauth_redirect", query_string=query)

    def install(self) -> TestResponse:
        """Install the app."""
        return self.come_back(self.start())

    def count(self, table: object) -> int:
        """Return how many rows a table has."""
        with self.database.engine.connect() as connection:
            return len(connection.execute(select(table)).all())  # type: ignore[call-overload]

    def installed(self) -> list[WorkspaceInstalled]:
        """Return what was recorded of installations."""
        log = self.database.event_log
        return [
            each.event
            for workspace in log.list_workspaces()
            for each in log.export_events(workspace)
            if isinstance(each.event, WorkspaceInstalled)
        ]


@pytest.fixture
def fake() -> Iterator[FakeOAuth]:
    with serve_fake_oauth() as served:
        served.codes["code"] = build_grant(scopes=ALL)
        yield served


@pytest.fixture
def visitor(sqlite_database: Database, fake: FakeOAuth, tmp_path: Path) -> Visitor:
    return Visitor(sqlite_database, fake, tmp_path)


def test_the_page_before_says_what_it_is_and_changes_nothing(visitor: Visitor) -> None:
    response = visitor.open("/slack/install")
    assert response.status_code == 200
    assert "Add Collab to Slack" in response.text
    assert 'href="/tools/slack/install/start"' in response.text
    assert "Set-Cookie" not in response.headers
    assert visitor.count(oauth_states) == 0


def test_the_pages_are_in_the_language_of_the_browser(visitor: Visitor) -> None:
    for path in ("/slack/install", "/slack/oauth_redirect"):
        page = visitor.open(path, **{"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
        assert 'lang="de"' in page.text


@pytest.mark.parametrize("path", ["/slack/install", "/slack/oauth_redirect"])
def test_the_pages_have_the_headers_of_the_others(visitor: Visitor, path: str) -> None:
    headers = visitor.open(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "max-age" in headers["Strict-Transport-Security"]
    assert visitor.client.post(path).status_code == 405
    assert visitor.client.head(path).status_code == 200


def test_the_way_to_slack_is_bound_to_the_browser(visitor: Visitor) -> None:
    response = visitor.open("/slack/install/start")
    query = parse_qs(urlsplit(response.location).query)
    assert set(query["scope"][0].split(",")) == ALL_SCOPES
    assert query["redirect_uri"] == [f"{BASE}/slack/oauth_redirect"]
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE_NAME}={query['state'][0]}; Path=/tools/slack;")
    for word in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=300"):
        assert word in cookie


def test_installed(visitor: Visitor) -> None:
    response = visitor.install()
    assert response.status_code == 200
    assert re.search("Collab is installed in .?Acme HQ", response.text)
    assert "app_redirect?app=ACOLLAB&amp;team=TACME" in response.text
    assert f"{COOKIE_NAME}=; " in response.headers["Set-Cookie"]
    assert visitor.installed() == [WorkspaceInstalled("Acme HQ", "UBOT", None)]
    tokens = visitor.app.slack_client.get_client(ACME)
    assert tokens.token == "xoxb-acme"


def test_an_organisation_is_installed_as_one(visitor: Visitor, fake: FakeOAuth) -> None:
    fake.codes["code"] = build_grant(
        None, "Acme Group", organisation="EACME", scopes=ALL
    )
    assert "Acme Group" in visitor.install().text
    assert visitor.installed() == [WorkspaceInstalled("Acme Group", "UBOT", "EACME")]
    assert visitor.database.event_log.list_workspaces() == ["EACME"]


def test_two_workspaces_have_a_token_each(visitor: Visitor, fake: FakeOAuth) -> None:
    visitor.install()
    fake.codes["other"] = build_grant("TOTHER", "Other", scopes=ALL, token="xoxb-other")
    visitor.come_back(visitor.start(), "other")
    client = visitor.app.slack_client
    assert client.get_client(ACME).token == "xoxb-acme"
    assert client.get_client(WorkspaceId("TOTHER")).token == "xoxb-other"


def test_a_state_works_once(visitor: Visitor, fake: FakeOAuth) -> None:
    state = visitor.start()
    assert visitor.come_back(state).status_code == 200
    fake.codes["code"] = build_grant("TOTHER", scopes=ALL)
    assert visitor.come_back(state).status_code == 410
    assert len(visitor.installed()) == 1


def test_a_state_works_for_five_minutes(visitor: Visitor) -> None:
    state = visitor.start()
    visitor.at += timedelta(minutes=5)
    assert visitor.come_back(state).status_code == 410
    assert visitor.installed() == []


def test_the_state_of_another_browser_does_not_work(
    visitor: Visitor, fake: FakeOAuth, sqlite_database: Database, tmp_path: Path
) -> None:
    """Nobody is led to install the app of somebody else's code, or the reverse."""
    other = Visitor(sqlite_database, fake, tmp_path)
    state = other.start()
    assert visitor.come_back(state).status_code == 410
    visitor.start()
    assert visitor.come_back(state).status_code == 410
    assert visitor.come_back("").status_code == 410
    assert fake.forms == []
    assert other.come_back(state).status_code == 200


def test_a_person_may_change_their_mind(visitor: Visitor, fake: FakeOAuth) -> None:
    state = visitor.start()
    response = visitor.come_back(state, "", error="access_denied")
    assert response.status_code == 400
    assert "You cancelled" in response.text
    assert "/tools/slack/install/start" in response.text
    assert fake.forms == []
    assert visitor.come_back(state).status_code == 410


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        ("invalid_code", 410, "didn't finish"),
        ("code_already_used", 410, "didn't finish"),
        ("bad_client_secret", 400, "bad_client_secret"),
        ("internal_error", 503, "answering"),
    ],
)
def test_what_slack_refuses_is_said_with_a_way_on(
    visitor: Visitor, fake: FakeOAuth, failure: str, status: int, text: str
) -> None:
    fake.failure = failure
    response = visitor.install()
    assert response.status_code == status
    assert text in response.text
    assert "/tools/slack/install/start" in response.text
    assert visitor.installed() == []
    assert visitor.count(installations) == 0


def test_a_slack_that_cannot_be_reached(
    sqlite_database: Database, fake: FakeOAuth, tmp_path: Path
) -> None:
    visitor = Visitor(
        sqlite_database, replace(fake, url="http://127.0.0.1:9"), tmp_path
    )
    assert visitor.install().status_code == 503


def test_missing_permissions_are_named(visitor: Visitor, fake: FakeOAuth) -> None:
    given = REQUIRED_SCOPES - {"users:read.email"}
    fake.codes["code"] = build_grant(scopes=",".join(given))
    response = visitor.install()
    assert response.status_code == 403
    visible = re.sub(r"[^ -~]", "", response.text)
    assert "users:read.email" in visible
    assert visitor.count(installations) == 0
    fake.codes["code"] = build_grant(scopes=",".join(REQUIRED_SCOPES))
    assert visitor.install().status_code == 200


def test_installing_again_goes_on(visitor: Visitor, fake: FakeOAuth) -> None:
    visitor.install()
    by = Caller(ACME, None, "event")
    visitor.app.bus.execute(UninstallWorkspace(by), visitor.at)
    fake.codes["code"] = build_grant(scopes=ALL, token="xoxb-second")
    assert visitor.install().status_code == 200
    assert len(visitor.installed()) == 2
    assert visitor.app.slack_client.get_client(ACME).token == "xoxb-second"


def test_secrets_are_in_no_page_and_no_log(
    visitor: Visitor, fake: FakeOAuth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    pages = [visitor.install().text]
    fake.failure = "bad_client_secret"
    pages.append(visitor.come_back(visitor.start(), "a-secret-code").text)
    shown = f"{pages} {caplog.text}"
    assert "installed in workspace TACME" in shown
    for secret in ("xoxb-acme", CLIENT_SECRET, SECRET, "a-secret-code"):
        assert secret not in shown

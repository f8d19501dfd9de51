"""What is granted on Slack's page is read from its answer, and no secret is in an address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.slack.client import build_web_client
from bot.slack.errors import SlackCallFailed
from bot.slack.oauth import SlackOAuth
from bot.slack.oauth_credentials import OAuthCredentials
from tests.support.fake_oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeOAuth,
    build_grant,
    serve_fake_oauth,
)

AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
REDIRECT = "https://collab.example.com/slack/oauth_redirect"


@pytest.fixture
def fake() -> Iterator[FakeOAuth]:
    with serve_fake_oauth() as served:
        yield served


def build_oauth(fake: FakeOAuth, secret: str = CLIENT_SECRET) -> SlackOAuth:
    credentials = OAuthCredentials(CLIENT_ID, secret, REDIRECT)
    return SlackOAuth(credentials, build_web_client(None, fake.api_url), lambda: AT)


def test_the_page_is_asked_for_scopes_with_the_state(fake: FakeOAuth) -> None:
    url = build_oauth(fake).build_authorize_url("a-state", {"commands", "chat:write"})
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == fake.url
    assert parts.path == "/oauth/v2/authorize"
    assert parse_qs(parts.query) == {
        "client_id": [CLIENT_ID],
        "scope": ["chat:write,commands"],
        "redirect_uri": [REDIRECT],
        "state": ["a-state"],
    }


def test_a_workspace_is_granted(fake: FakeOAuth) -> None:
    fake.codes["code"] = build_grant(organisation="EACME")
    granted = build_oauth(fake).exchange_code("code")
    installation = granted.installation
    assert (granted.title, granted.app_id) == ("Acme HQ", "ACOLLAB")
    assert (installation.workspace, installation.organisation) == ("TACME", "EACME")
    assert installation.scopes == {"chat:write", "commands"}
    assert (installation.bot_user_id, installation.installed_at) == ("UBOT", AT)
    assert installation.tokens.bot_token == "xoxb-acme"
    assert installation.tokens.refresh_token is None


def test_an_organisation_is_the_tenant_where_it_installs(fake: FakeOAuth) -> None:
    fake.codes["code"] = build_grant(None, "Acme Group", organisation="EACME")
    granted = build_oauth(fake).exchange_code("code")
    assert granted.title == "Acme Group"
    assert granted.installation.workspace == "EACME"
    assert granted.installation.organisation == "EACME"


def test_tokens_that_rotate_have_an_end(fake: FakeOAuth) -> None:
    rotating = {"refresh_token": "xoxe-1-9", "expires_in": 43_200}
    fake.codes["code"] = build_grant() | rotating
    tokens = build_oauth(fake).exchange_code("code").installation.tokens
    assert tokens.refresh_token == "xoxe-1-9"
    assert tokens.expires_at == AT + timedelta(hours=12)


def test_a_refresh_token_is_exchanged_once(fake: FakeOAuth) -> None:
    oauth = build_oauth(fake)
    assert oauth.renew_tokens("xoxe-1-0").refresh_token == "xoxe-1-1"
    with pytest.raises(SlackCallFailed, match="invalid_refresh_token"):
        oauth.renew_tokens("xoxe-1-0")


def test_secrets_are_in_no_address_error_or_repr(fake: FakeOAuth) -> None:
    oauth = build_oauth(fake, "wrong-secret")
    with pytest.raises(SlackCallFailed) as failed:
        oauth.exchange_code("the-code")
    assert failed.value.code == "bad_client_secret"
    assert fake.paths == ["/api/oauth.v2.access"]
    shown = f"{failed.value!r} {oauth._credentials!r}"
    assert "wrong-secret" not in shown
    assert "the-code" not in shown


@pytest.mark.parametrize("missing", ["access_token", "bot_user_id", "team"])
def test_an_answer_without_what_is_needed_is_refused(
    fake: FakeOAuth, missing: str
) -> None:
    fake.codes["code"] = build_grant() | {missing: None}
    with pytest.raises(SlackCallFailed, match="bad_answer"):
        build_oauth(fake).exchange_code("code")


def test_a_slack_that_cannot_be_reached_is_said_so(fake: FakeOAuth) -> None:
    client = build_web_client(None, "http://127.0.0.1:9/api/")
    credentials = OAuthCredentials(CLIENT_ID, CLIENT_SECRET, REDIRECT)
    with pytest.raises(SlackCallFailed, match="unreachable"):
        SlackOAuth(credentials, client, lambda: AT).exchange_code("code")

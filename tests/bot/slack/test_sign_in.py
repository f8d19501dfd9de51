"""Sign in with Slack against the playground's, over HTTP."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from bot.playground.server import Playground
from bot.playground.sign_in import ALGORITHM, CODE_SECONDS, TOKEN_SECONDS, Grant
from bot.slack.oauth_credentials import OAuthCredentials
from bot.slack.sign_in import (
    LEEWAY_SECONDS,
    SignInFailed,
    SlackIdentity,
    SlackSignIn,
)

REDIRECT_URI = "https://collab.example.com/me/slack"
NONCE = "a-nonce-of-one-visit"


@pytest.fixture(scope="module")
def playground() -> Iterator[Playground]:
    """Return a playground that knows the redirect address."""
    with Playground() as playground:
        playground.state.sign_in.redirect_uris.add(REDIRECT_URI)
        yield playground


def build_sign_in(playground: Playground, **named: Any) -> SlackSignIn:
    """Return the app's side, with the right credentials unless `named`."""
    sign_in = playground.state.sign_in
    credentials = OAuthCredentials(
        sign_in.client_id, sign_in.client_secret, REDIRECT_URI
    )
    return SlackSignIn(
        replace(credentials, **named), f"{playground.url}/api/", playground.clock.now
    )


def choose_account(address: str, user_id: str) -> dict[str, str]:
    """Open Slack's page, choose an account, and return what comes back to the app."""
    page = requests.get(address, timeout=10)
    assert page.status_code == 200, page.text
    assert f'value="{user_id}"' in page.text
    form = {
        name: values[0] for name, values in parse_qs(urlsplit(address).query).items()
    }
    root = address.partition("?")[0]
    answer = requests.post(
        root, {**form, "user": user_id}, timeout=10, allow_redirects=False
    )
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT_URI}?")
    return {
        name: values[0] for name, values in parse_qs(urlsplit(location).query).items()
    }


def test_a_user_who_allows_it_is_known_by_their_account_and_address(
    playground: Playground,
) -> None:
    sign_in = build_sign_in(playground)
    address = sign_in.build_authorize_url(playground.team_id, "a-state", NONCE)
    back = choose_account(address, "UCARL")
    assert back["state"] == "a-state"
    carl = playground.get_user("carl").account
    assert sign_in.fetch_identity(back["code"], NONCE) == SlackIdentity(
        playground.team_id, "UCARL", carl.real_name, carl.email, True
    )


def test_who_cancels_comes_back_with_an_error(playground: Playground) -> None:
    address = build_sign_in(playground).build_authorize_url(
        playground.team_id, "a-state", NONCE
    )
    back = choose_account(address, "")
    assert back == {"state": "a-state", "error": "access_denied"}


def test_a_code_is_used_once_and_for_a_while(playground: Playground) -> None:
    sign_in = build_sign_in(playground)
    service = playground.state.sign_in
    code = service.issue_code("UCARL", REDIRECT_URI, NONCE)
    sign_in.fetch_identity(code, NONCE)
    with pytest.raises(SignInFailed, match="invalid_code"):
        sign_in.fetch_identity(code, NONCE)
    code = service.issue_code("UCARL", REDIRECT_URI, NONCE)
    now = playground.clock.now()
    playground.clock.set_now(now + timedelta(seconds=CODE_SECONDS + 60))
    with pytest.raises(SignInFailed, match="invalid_code"):
        sign_in.fetch_identity(code, NONCE)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "another"}, "bad_client_secret"),
        ({"redirect_uri": "https://evil.example.com/"}, "bad_redirect_uri"),
    ],
)
def test_slack_gives_no_token_for_other_credentials(
    playground: Playground, named: dict[str, str], reason: str
) -> None:
    code = playground.state.sign_in.issue_code("UCARL", REDIRECT_URI, NONCE)
    with pytest.raises(SignInFailed, match=reason) as caught:
        build_sign_in(playground, **named).fetch_identity(code, NONCE)
    assert playground.state.sign_in.client_secret not in str(caught.value)


def test_a_token_of_another_visit_app_slack_or_time_is_rejected(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = playground.state.sign_in
    sign_in = build_sign_in(playground)
    token = build_token(playground)
    assert read_token(sign_in, monkeypatch, token).user_id == "UCARL"
    others = {
        "another visit": build_token(playground, nonce="another"),
        "another app": build_token(playground, client_id="1.2"),
        "another Slack": build_token(playground, issuer="https://slack.example.com"),
        "another key": sign(playground, RSAKey.generate_key(2048)),
        "no signature": f"{sign(playground, service.key).rpartition('.')[0]}.",
        "a secret in place of a key": sign_by_public_key(playground),
        "no end": sign(playground, service.key, exp=None),
        "nothing": "",
        "words": "not a token",
    }
    for kind, other in others.items():
        with pytest.raises(SignInFailed) as caught:
            read_token(sign_in, monkeypatch, other)
        assert not other or other not in str(caught.value), kind
    later = playground.clock.now() + timedelta(
        seconds=TOKEN_SECONDS + LEEWAY_SECONDS + 5
    )
    playground.clock.set_now(later)
    with pytest.raises(SignInFailed, match="ExpiredTokenError"):
        read_token(sign_in, monkeypatch, token)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_token_with_any_other_character_is_rejected(
    playground: Playground, data: st.DataObject
) -> None:
    token = build_token(playground)
    position = data.draw(st.integers(0, len(token) - 2))
    character = data.draw(st.characters(codec="ascii").filter(str.isprintable))
    changed = token[:position] + character + token[position + 1 :]
    with pytest.MonkeyPatch.context() as monkeypatch:
        sign_in = build_sign_in(playground)
        if changed == token:
            assert read_token(sign_in, monkeypatch, changed).user_id == "UCARL"
            return
        with pytest.raises(SignInFailed):
            read_token(sign_in, monkeypatch, changed)


def test_a_token_without_an_account_is_rejected_and_one_without_an_address_told(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in = build_sign_in(playground)
    key = playground.state.sign_in.key
    for claim in ("https://slack.com/team_id", "https://slack.com/user_id"):
        with pytest.raises(SignInFailed, match="no_account"):
            read_token(sign_in, monkeypatch, sign(playground, key, **{claim: None}))
    for unverified in (False, None, "true", 1):
        token = sign(playground, key, email_verified=unverified)
        assert not read_token(sign_in, monkeypatch, token).is_email_verified


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": "<html>"},
        {"status": 302, "headers": {"Location": "https://evil.example.com/"}},
        {"json": []},
        {"json": {"ok": False, "error": 5}},
        {"json": {"ok": True, "id_token": None}},
        {"body": requests.Timeout("slow")},
        {"body": requests.ConnectionError("down")},
    ],
)
def test_whatever_slack_answers_the_failure_is_one_of_ours(
    playground: Playground, answer: dict[str, Any]
) -> None:
    sign_in = build_sign_in(playground)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as fake:
        fake.add("POST", f"{playground.url}/api/openid.connect.token", **answer)
        fake.add("GET", f"{playground.url}/openid/connect/keys", json={"keys": []})
        with pytest.raises(SignInFailed) as caught:
            sign_in.fetch_identity("a-code", NONCE)
    secret = playground.state.sign_in.client_secret
    assert secret not in f"{caught.value!r} {caught.value.__context__!r}"


def test_slack_shows_its_page_to_the_apps_own_address_alone(
    playground: Playground,
) -> None:
    address = build_sign_in(playground, redirect_uri="https://evil.example.com/")
    answer = requests.get(address.build_authorize_url("T", "s", NONCE), timeout=10)
    assert (answer.status_code, "redirect_uri" in answer.text) == (400, True)


def test_secrets_of_signing_in_are_not_shown(playground: Playground) -> None:
    credentials = OAuthCredentials("1.2", "the-secret", REDIRECT_URI)
    assert "the-secret" not in repr(credentials)
    code = playground.state.sign_in.issue_code("UCARL", REDIRECT_URI, NONCE)
    build_sign_in(playground).fetch_identity(code, NONCE)
    shown = json.dumps(playground.traffic_entries)
    assert code not in shown
    assert playground.state.sign_in.client_secret not in shown


def build_token(
    playground: Playground,
    nonce: str = NONCE,
    client_id: str | None = None,
    issuer: str | None = None,
) -> str:
    """Return a token about Carl as Slack builds it."""
    service = playground.state.sign_in
    grant = Grant("UCARL", client_id or service.client_id, REDIRECT_URI, nonce, 0)
    return service.build_token(grant, issuer or playground.url)


def sign_by_public_key(playground: Playground) -> str:
    """Return a token whose signature takes the public key's text for a secret."""
    key = playground.state.sign_in.key
    claims = build_token(playground).split(".")[1]
    header = encode(json.dumps({"alg": "HS256", "kid": key.kid}).encode())
    signed = f"{header}.{claims}"
    signature = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{encode(signature)}"


def encode(content: bytes) -> str:
    """Return bytes as the parts of a token are encoded."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def sign(
    playground: Playground,
    key: RSAKey,
    **changes: Any,
) -> str:
    """Return Carl's token with changed claims, signed by a key."""
    public = playground.state.sign_in.key
    claims = {**jwt.decode(build_token(playground), public).claims, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": ALGORITHM, "kid": public.kid}, claims, key)


def read_token(
    sign_in: SlackSignIn, monkeypatch: pytest.MonkeyPatch, token: str
) -> SlackIdentity:
    """Return the identity of a token that Slack sent."""
    monkeypatch.setattr(SlackSignIn, "_fetch_token", lambda *_: token)
    return sign_in.fetch_identity("a-code", NONCE)

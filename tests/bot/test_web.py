"""The guard before Slack's endpoint: only what Slack signed, in time and in form, gets through."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, EnvironBuilder, TestResponse

from bot.web import ENDPOINT, FORM, JSON, MOST, Guard, pages

SECRET = "5ecre75ecre75ecre75ecre7"
COMMAND = urlencode({"command": "/collab", "text": "help", "team_id": "T1", "user_id": "U1"}).encode()


class Endpoint:
    """Whatever stands behind the guard; remembers what reached it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"through"]


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(DispatcherMiddleware(pages(lambda: True), {ENDPOINT: Guard(endpoint, SECRET)}))


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def sent(client: Client, body: bytes, headers: dict[str, str], kind: str = FORM) -> TestResponse:
    return client.post(ENDPOINT, data=body, headers=headers, content_type=kind)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (COMMAND, FORM),
        (COMMAND, FORM + "; charset=utf-8"),
        (urlencode({"payload": '{"type":"block_actions"}'}).encode(), FORM),
        (urlencode({"ssl_check": "1"}).encode(), FORM),
        (b'{"type":"url_verification","challenge":"x"}', JSON),
        ("command=%2Fcollab&text=Grüße 🎉".encode(), FORM),
    ],
)
def test_what_slack_signed_gets_through_unchanged(client: Client, endpoint: Endpoint, body: bytes, kind: str) -> None:
    answer = sent(client, body, signed(body), kind)
    assert (answer.status_code, answer.text) == (200, "through")
    assert endpoint.bodies == [body]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "1"},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        signed(COMMAND, secret="another secret of another app"),
        signed(b"another body"),
        signed(COMMAND, at=time.time() - 301),
        signed(COMMAND, at=time.time() + 3600),
        signed(COMMAND) | {"X-Slack-Request-Timestamp": ""},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": "now"},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": "1e9"},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": "-1"},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": "9" * 400},
        signed(COMMAND) | {"X-Slack-Request-Timestamp": "\u00b2\u00b3"},
        signed(COMMAND) | {"X-Slack-Signature": ""},
        signed(COMMAND) | {"X-Slack-Signature": "v0=ÿÿ"},
        signed(COMMAND) | {"X-Slack-Signature": "v0=" + "A" * 64},
        signed(COMMAND) | {"X-Slack-Signature": "v1=" + "0" * 64},
    ],
)
def test_what_slack_did_not_sign_is_turned_away(client: Client, endpoint: Endpoint, headers: dict[str, str]) -> None:
    answer = sent(client, COMMAND, headers)
    assert (answer.status_code, answer.data) == (401, b"")
    assert endpoint.bodies == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b"payload={", b"{}", b"\x00" * 1000, b"", b"&&&===", b"payload"])
@pytest.mark.parametrize("kind", [FORM, JSON])
def test_malformed_and_unsigned_is_4xx(client: Client, endpoint: Endpoint, body: bytes, kind: str) -> None:
    assert sent(client, body, {}, kind).status_code == 401
    assert endpoint.bodies == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"payload=", FORM),
        (b"payload={", FORM),
        (b"payload=[]", FORM),
        (b"payload=%22text%22", FORM),
        (urlencode({"payload": "[" * 100_000}).encode(), FORM),
        (b"&".join(b"f%d=1" % n for n in range(200)), FORM),
        (b"", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"[" * 100_000, JSON),
        (b'{"a":' * 100_000, JSON),
    ],
)
def test_signed_and_malformed_is_400(client: Client, endpoint: Endpoint, body: bytes, kind: str) -> None:
    assert sent(client, body, signed(body), kind).status_code == 400
    assert endpoint.bodies == []


def test_the_largest_body_gets_through_and_one_byte_more_does_not(client: Client, endpoint: Endpoint) -> None:
    most = b'{"a":"' + b"x" * (MOST - 8) + b'"}'
    assert sent(client, most, signed(most), JSON).status_code == 200
    more = most + b" "
    assert sent(client, more, signed(more), JSON).status_code == 413
    assert endpoint.bodies == [most]


def test_an_oversized_body_is_not_even_read(endpoint: Endpoint) -> None:
    class Unread(BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError

    environ = EnvironBuilder(method="POST", content_type=FORM).get_environ()
    environ |= {"PATH_INFO": "", "CONTENT_LENGTH": str(10**12), "wsgi.input": Unread()}
    statuses: list[str] = []
    Guard(endpoint, SECRET)(environ, lambda status, _headers, _error=None: statuses.append(status))  # type: ignore[arg-type,return-value]
    assert statuses == ["413 Content Too Large"]


def test_a_body_without_a_length_is_limited_too(endpoint: Endpoint) -> None:
    def answer(body: bytes, headers: dict[str, str]) -> str:
        environ = EnvironBuilder(method="POST", content_type=JSON, headers=headers).get_environ()
        environ |= {"PATH_INFO": "", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
        environ.pop("CONTENT_LENGTH", None)
        statuses: list[str] = []
        Guard(endpoint, SECRET)(environ, lambda status, _headers, _error=None: statuses.append(status))  # type: ignore[arg-type,return-value]
        return statuses[0]

    fine, large = b'{"type":"x"}', b" " * (MOST + 5)
    assert answer(fine, signed(fine)) == "200 OK"
    assert answer(large, signed(large)) == "413 Content Too Large"
    assert endpoint.bodies == [fine]


@pytest.mark.parametrize("length", ["-1", "ten", "1 1", "+5", "9" * 30])
def test_an_odd_length_is_4xx(endpoint: Endpoint, length: str) -> None:
    environ = EnvironBuilder(method="POST", content_type=FORM).get_environ()
    environ |= {"PATH_INFO": "", "CONTENT_LENGTH": length}
    statuses: list[str] = []
    Guard(endpoint, SECRET)(environ, lambda status, _headers, _error=None: statuses.append(status))  # type: ignore[arg-type,return-value]
    assert statuses[0].startswith("4")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_other_methods_are_405(client: Client, endpoint: Endpoint, method: str) -> None:
    answer = client.open(ENDPOINT, method=method, headers=signed(b""))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert endpoint.bodies == []


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_other_content_types_are_415(client: Client, kind: str) -> None:
    assert sent(client, COMMAND, signed(COMMAND), kind).status_code == 415


@pytest.mark.parametrize(
    "path", ["/", "/slack", "/slack/events/", "/slack/events/more", "/slack/eventsmore", "/slack/install"]
)
def test_everything_else_is_404(client: Client, endpoint: Endpoint, path: str) -> None:
    assert client.post(path, data=COMMAND, headers=signed(COMMAND), content_type=FORM).status_code == 404
    assert client.get(path).status_code == 404
    assert endpoint.bodies == []


@pytest.mark.parametrize(("fine", "status"), [(True, 200), (False, 503)])
def test_health_says_whether_the_database_answers(fine: bool, status: int) -> None:
    assert Client(pages(lambda: fine)).get("/health").status_code == status


def test_no_body_and_no_header_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = json.dumps({"text": "between us two alone"}).encode()
    sent(client, secret, {}, JSON)
    sent(client, secret + b"{", signed(secret + b"{"), JSON)
    assert len(caplog.records) == 2
    assert "between us" not in caplog.text
    assert "v0=" not in caplog.text

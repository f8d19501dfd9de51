"""Slack's endpoint: only what Slack signed, in time and well-formed, is passed on."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltResponse
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder, TestResponse

from bot.health import Probes
from bot.web.app import (
    FORM_TYPE,
    JSON_TYPE,
    MAX_REQUEST_BYTES,
    SLACK_ENDPOINT,
    SignedEndpoint,
    build_public_app,
    mount_endpoint,
)
from bot.web.rejections import RejectionLog

PROBES = Probes(lambda: True, lambda: (), lambda: None)
SECRET = "5ecre75ecre75ecre75ecre7"
COMMAND = urlencode(
    {"command": "/collab", "text": "help", "team_id": "T1", "user_id": "U1"}
).encode()


class Endpoint:
    """A handler of payloads that records them."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    def __call__(self, payload: dict[str, Any]) -> BoltResponse:
        self.payloads.append(payload)
        return BoltResponse(status=200, body="through")


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(
        mount_endpoint(SignedEndpoint(endpoint, SECRET), build_public_app(PROBES))
    )


def signature_headers(
    body: bytes, *, at: float | None = None, secret: str = SECRET
) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(
        secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256
    ).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def post(
    client: Client,
    body: bytes,
    headers: dict[str, str],
    kind: str = FORM_TYPE,
    path: str = SLACK_ENDPOINT,
) -> TestResponse:
    return client.post(path, data=body, headers=headers, content_type=kind)


@pytest.mark.parametrize(
    ("body", "kind", "payload"),
    [
        (
            COMMAND,
            FORM_TYPE,
            {"command": "/collab", "text": "help", "team_id": "T1", "user_id": "U1"},
        ),
        (
            COMMAND,
            FORM_TYPE + "; charset=utf-8",
            {"command": "/collab", "text": "help", "team_id": "T1", "user_id": "U1"},
        ),
        (
            urlencode({"payload": '{"type":"block_actions"}'}).encode(),
            FORM_TYPE,
            {"type": "block_actions"},
        ),
        (urlencode({"ssl_check": "1"}).encode(), FORM_TYPE, {"ssl_check": "1"}),
        (
            b'{"type":"url_verification","challenge":"x"}',
            JSON_TYPE,
            {"type": "url_verification", "challenge": "x"},
        ),
        (
            "command=%2Fcollab&text=Grüße 🎉".encode(),
            FORM_TYPE,
            {"command": "/collab", "text": "Grüße 🎉"},
        ),
        (b"text=&text=last", FORM_TYPE, {"text": "last"}),
        (b'payload=[]&payload={"type":"last"}', FORM_TYPE, {"type": "last"}),
        (b'{"type":"first","type":"last"}', JSON_TYPE, {"type": "last"}),
        (b"{=1", FORM_TYPE, {"{": "1"}),
    ],
)
def test_signed_payload_is_passed_on(
    client: Client, endpoint: Endpoint, body: bytes, kind: str, payload: dict[str, Any]
) -> None:
    answer = post(client, body, signature_headers(body), kind)
    assert (answer.status_code, answer.text) == (200, "through")
    assert endpoint.payloads == [payload]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "1"},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        signature_headers(COMMAND, secret="another secret of another app"),
        signature_headers(b"another body"),
        signature_headers(COMMAND, at=time.time() - 301),
        signature_headers(COMMAND, at=time.time() + 3600),
        signature_headers(COMMAND) | {"X-Slack-Request-Timestamp": ""},
        signature_headers(COMMAND) | {"X-Slack-Request-Timestamp": "now"},
        signature_headers(COMMAND) | {"X-Slack-Request-Timestamp": "1e9"},
        signature_headers(COMMAND) | {"X-Slack-Request-Timestamp": "-1"},
        signature_headers(COMMAND) | {"X-Slack-Request-Timestamp": "9" * 400},
        signature_headers(COMMAND) | {"X-Slack-Request-Timestamp": "\u00b2\u00b3"},
        signature_headers(COMMAND) | {"X-Slack-Signature": ""},
        signature_headers(COMMAND) | {"X-Slack-Signature": "v0=ÿÿ"},
        signature_headers(COMMAND) | {"X-Slack-Signature": "v0=" + "A" * 64},
        signature_headers(COMMAND) | {"X-Slack-Signature": "v1=" + "0" * 64},
    ],
)
def test_unsigned_request_is_rejected(
    client: Client, endpoint: Endpoint, headers: dict[str, str]
) -> None:
    answer = post(client, COMMAND, headers)
    assert (answer.status_code, answer.data) == (401, b"")
    assert endpoint.payloads == []


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"payload={", b"{}", b"\x00" * 1000, b"", b"&&&===", b"payload"],
)
@pytest.mark.parametrize("kind", [FORM_TYPE, JSON_TYPE])
def test_malformed_unsigned_request_is_4xx(
    client: Client, endpoint: Endpoint, body: bytes, kind: str
) -> None:
    assert post(client, body, {}, kind).status_code == 401
    assert endpoint.payloads == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM_TYPE),
        (b"payload=", FORM_TYPE),
        (b"payload={", FORM_TYPE),
        (b"payload=[]", FORM_TYPE),
        (b"payload=%22text%22", FORM_TYPE),
        (b"payload={}", FORM_TYPE),
        (b'payload={"type":"first"}&payload=[]', FORM_TYPE),
        (b'payload={"a":NaN}', FORM_TYPE),
        (urlencode({"payload": "[" * 100_000}).encode(), FORM_TYPE),
        (b"&".join(b"f%d=1" % n for n in range(200)), FORM_TYPE),
        (b"", JSON_TYPE),
        (b"{", JSON_TYPE),
        (b"[]", JSON_TYPE),
        (b"null", JSON_TYPE),
        (b'{"a":Infinity}', JSON_TYPE),
        (b'{"a":' + b"9" * 10_000 + b"}", JSON_TYPE),
        (b"[" * 100_000, JSON_TYPE),
        (b'{"a":' * 100_000, JSON_TYPE),
    ],
)
def test_malformed_signed_request_is_400(
    client: Client, endpoint: Endpoint, body: bytes, kind: str
) -> None:
    assert post(client, body, signature_headers(body), kind).status_code == 400
    assert endpoint.payloads == []


def test_body_may_have_the_maximum_size_and_no_more(
    client: Client, endpoint: Endpoint
) -> None:
    most = b'{"a":"' + b"x" * (MAX_REQUEST_BYTES - 8) + b'"}'
    assert post(client, most, signature_headers(most), JSON_TYPE).status_code == 200
    more = most + b" "
    assert post(client, more, signature_headers(more), JSON_TYPE).status_code == 413
    assert [len(payload["a"]) for payload in endpoint.payloads] == [
        MAX_REQUEST_BYTES - 8
    ]


def test_oversized_body_is_not_read(endpoint: Endpoint) -> None:
    class Unread(BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError

    environ = EnvironBuilder(method="POST", content_type=FORM_TYPE).get_environ()
    environ |= {"PATH_INFO": "", "CONTENT_LENGTH": str(10**12), "wsgi.input": Unread()}
    statuses: list[str] = []
    SignedEndpoint(endpoint, SECRET)(
        environ,
        lambda status, _headers, _error=None: statuses.append(status),  # type: ignore[arg-type]
    )
    assert statuses == ["413 Content Too Large"]


def test_body_without_a_length_is_limited(endpoint: Endpoint) -> None:
    def answer(body: bytes, headers: dict[str, str]) -> str:
        environ = EnvironBuilder(
            method="POST", content_type=JSON_TYPE, headers=Headers(headers)
        ).get_environ()
        environ |= {
            "PATH_INFO": "",
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,
        }
        environ.pop("CONTENT_LENGTH", None)
        statuses: list[str] = []
        SignedEndpoint(endpoint, SECRET)(
            environ,
            lambda status, _headers, _error=None: statuses.append(status),  # type: ignore[arg-type]
        )
        return statuses[0]

    fine, large = b'{"type":"x"}', b" " * (MAX_REQUEST_BYTES + 5)
    assert answer(fine, signature_headers(fine)) == "200 OK"
    assert answer(large, signature_headers(large)) == "413 Content Too Large"
    assert endpoint.payloads == [{"type": "x"}]


@pytest.mark.parametrize("length", ["-1", "ten", "1 1", "+5", "9" * 30])
def test_malformed_length_is_4xx(endpoint: Endpoint, length: str) -> None:
    environ = EnvironBuilder(method="POST", content_type=FORM_TYPE).get_environ()
    environ |= {"PATH_INFO": "", "CONTENT_LENGTH": length}
    statuses: list[str] = []
    SignedEndpoint(endpoint, SECRET)(
        environ,
        lambda status, _headers, _error=None: statuses.append(status),  # type: ignore[arg-type]
    )
    assert statuses[0].startswith("4")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_other_methods_are_405(client: Client, endpoint: Endpoint, method: str) -> None:
    answer = client.open(SLACK_ENDPOINT, method=method, headers=signature_headers(b""))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert endpoint.payloads == []


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data; boundary=x", "application/xml"]
)
def test_other_content_types_are_415(client: Client, kind: str) -> None:
    assert post(client, COMMAND, signature_headers(COMMAND), kind).status_code == 415


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/slack",
        "/slack/events/",
        "/slack/events/more",
        "/slack/eventsmore",
        "/slack/install",
    ],
)
def test_other_paths_are_404(client: Client, endpoint: Endpoint, path: str) -> None:
    assert (
        client.post(
            path,
            data=COMMAND,
            headers=signature_headers(COMMAND),
            content_type=FORM_TYPE,
        ).status_code
        == 404
    )
    assert client.get(path).status_code == 404
    assert endpoint.payloads == []


@pytest.mark.parametrize(
    ("path", "broken", "words"),
    [
        ("/health", {"is_healthy": lambda: False}, "the database isn't answering"),
        ("/livez", {"list_stalled_loops": lambda: ["scheduler"]}, "stuck: scheduler"),
        (
            "/readyz",
            {"find_problem": lambda: "old"},
            "the database isn't usable: old",
        ),
    ],
)
def test_each_probe_answers_its_own_question(
    path: str, broken: dict[str, Any], words: str
) -> None:
    fine = Client(build_public_app(PROBES)).get(path)
    assert (fine.status_code, fine.text) == (200, "ok\n")

    client = Client(build_public_app(replace(PROBES, **broken)))
    failed = client.get(path)
    assert (failed.status_code, failed.text) == (503, f"{words}\n")
    others = {"/health", "/livez", "/readyz"} - {path}
    assert {client.get(other).status_code for other in others} == {200}


def test_bodies_and_headers_are_not_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = json.dumps({"text": "between us two alone"}).encode()
    post(client, secret, {}, JSON_TYPE)
    post(client, secret + b"{", signature_headers(secret + b"{"), JSON_TYPE)
    assert len(caplog.records) == 2
    assert "between us" not in caplog.text
    assert "v0=" not in caplog.text


@pytest.mark.parametrize(
    "mistake", [KeyError, TypeError, AttributeError, RecursionError, UnicodeEncodeError]
)
def test_payload_that_raises_is_400_and_logged_by_type(
    mistake: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    quoted = "between us two alone"

    def fail(_payload: dict[str, Any]) -> BoltResponse:
        raise (
            UnicodeEncodeError("utf-8", quoted, 0, 1, quoted)
            if mistake is UnicodeEncodeError
            else mistake(quoted)
        )

    assert (
        post(
            Client(SignedEndpoint(fail, SECRET)),
            COMMAND,
            signature_headers(COMMAND),
            FORM_TYPE,
            "",
        ).status_code
        == 400
    )
    assert mistake.__name__ in caplog.text
    assert quoted not in caplog.text


def test_rejections_are_counted_and_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    now = 0.0
    rejections = RejectionLog(lambda: now)
    for _ in range(1000):
        rejections.count_rejection("signature")
    assert [record.message for record in caplog.records] == [
        "rejected requests: 1 × signature"
    ]
    now = 59.9
    rejections.count_rejection("size")
    assert len(caplog.records) == 1
    now = 60.0
    rejections.count_rejection("signature")
    assert caplog.records[1].message == "rejected requests: 1000 × signature, 1 × size"


def test_unsigned_requests_are_logged_once_a_minute(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(50):
        post(client, COMMAND, {})
    assert len(caplog.records) == 1

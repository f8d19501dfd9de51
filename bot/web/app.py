"""The HTTP face: a guard before Slack's endpoint, and health, joined into one WSGI application."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt import App, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.web.rejections import RejectionLog
from bot.web.rsgi import MAX_BODY_BYTES, BufferedWsgi

Payload = dict[str, Any]

log = logging.getLogger("collab.web")

SLACK_ENDPOINT = "/slack/events"
MAX_REQUEST_BYTES = MAX_BODY_BYTES
HEADER_MILLISECONDS = (
    5000  # for the head of a request, and between two requests of one connection
)
MAX_CONNECTIONS = 4096  # of each worker; an idle one counts too
FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"


class RequestRejected(Exception):
    """A request that goes no further: its status line, with a word for the log."""

    def __init__(self, status: str, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.reason = why
        self.headers = [
            (name.replace("_", "-"), value) for name, value in headers.items()
        ]


class MalformedPayload(RequestRejected):
    """A signed request that is no payload; `why` is the kind of the error, without what it quotes."""

    def __init__(self, why: str) -> None:
        super().__init__("400 Bad Request", why)


class SignedEndpoint:
    """Reads the payload of what Slack signed and hands on that alone; answers the rest with 4xx, and logs no body."""

    def __init__(
        self, handle: Callable[[Payload], BoltResponse], signing_secret: str
    ) -> None:
        self._handle_payload = handle
        self._verifier = SignatureVerifier(signing_secret)
        self._rejections = RejectionLog()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """One request."""
        try:
            answer = self._answer_payload(self._read_payload(environ))
        except MalformedPayload as malformed:
            log.warning("a signed request is answered with 400: %s", malformed.reason)
            return _empty_response(malformed, start_response)
        except RequestRejected as turned:
            self._rejections.count_rejection(turned.reason)
            return _empty_response(turned, start_response)
        content = answer.body.encode()
        headers = [
            *answer.first_headers_without_set_cookie().items(),
            ("Content-Length", str(len(content))),
        ]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [content]

    def _answer_payload(self, payload: Payload) -> BoltResponse:
        try:
            return self._handle_payload(payload)
        except Exception as mistake:  # noqa: BLE001 - a payload of another shape than Slack's fails anywhere in Bolt
            raise MalformedPayload(type(mistake).__name__) from None

    def _read_payload(self, environ: WSGIEnvironment) -> Payload:
        if environ.get("PATH_INFO"):
            raise RequestRejected("404 Not Found", "path")
        if environ["REQUEST_METHOD"] != "POST":
            raise RequestRejected("405 Method Not Allowed", "method", Allow="POST")
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind not in {FORM_TYPE, JSON_TYPE}:
            raise RequestRejected("415 Unsupported Media Type", "content type")
        body = _read_body(environ)
        self._check_signature(environ, body)
        return _parse_payload(kind, body)

    def _check_signature(self, environ: WSGIEnvironment, body: bytes) -> None:
        stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        # The verifier raises on what these forms leave out.
        formed = re.fullmatch("[0-9]{1,12}", stamp) and re.fullmatch(
            "v0=[0-9a-f]{64}", signature
        )
        if not formed or not self._is_signed(body, stamp, signature):
            raise RequestRejected("401 Unauthorized", "signature")

    def _is_signed(self, body: bytes, stamp: str, signature: str) -> bool:
        try:
            return self._verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            return False


def build_web_app(
    app: App, signing_secret: str, healthy: Callable[[], bool]
) -> WSGIApplication:
    """Slack's endpoint behind its guard, and `/health`; everything else is 404."""
    from slack_bolt import BoltRequest  # noqa: PLC0415 - only HTTP needs these
    from werkzeug.middleware.dispatcher import DispatcherMiddleware  # noqa: PLC0415

    def dispatch(payload: Payload) -> BoltResponse:
        # As what comes by a socket: Bolt neither verifies nor reads the body again.
        return app.dispatch(BoltRequest(mode="socket_mode", body=payload))

    return DispatcherMiddleware(
        build_pages(healthy), {SLACK_ENDPOINT: SignedEndpoint(dispatch, signing_secret)}
    )


def build_pages(healthy: Callable[[], bool]) -> WSGIApplication:
    """What machines other than Slack may ask: whether the database answers."""

    def page(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        status, word = (
            _health_response(healthy)
            if environ.get("PATH_INFO") == "/health"
            else ("404 Not Found", b"Not Found\n")
        )
        start_response(
            status,
            [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(word))),
            ],
        )
        return [word]

    return page


def _health_response(healthy: Callable[[], bool]) -> tuple[str, bytes]:
    return (
        ("200 OK", b"ok\n")
        if healthy()
        else ("503 Service Unavailable", b"the database does not answer\n")
    )


def _read_body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    if length and not re.fullmatch("[0-9]{1,19}", length):
        raise RequestRejected("400 Bad Request", "content length")
    if length and int(length) > MAX_REQUEST_BYTES:
        raise RequestRejected("413 Content Too Large", "size")
    # Without a length only a server that ends the input itself can be read to its end.
    most = (
        int(length)
        if length
        else (MAX_REQUEST_BYTES + 1 if environ.get("wsgi.input_terminated") else 0)
    )
    body: bytes = environ["wsgi.input"].read(most)
    if len(body) > MAX_REQUEST_BYTES:
        raise RequestRejected("413 Content Too Large", "size")
    return body


def _parse_payload(kind: str, body: bytes) -> Payload:
    """The payload as Bolt reads it: of a form's fields with one name the last."""
    try:
        text = body.decode()
        if kind == FORM_TYPE:
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
            payload = (
                json.loads(form["payload"], parse_constant=_reject_constant)
                if "payload" in form
                else form
            )
        else:
            payload = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as mistake:
        raise MalformedPayload(type(mistake).__name__) from None
    if not isinstance(payload, dict) or not payload:
        raise MalformedPayload("no payload")
    return payload


def _reject_constant(constant: str) -> None:
    raise ValueError(constant)  # NaN and the infinities are no JSON


def _empty_response(
    turned: RequestRejected, start_response: StartResponse
) -> list[bytes]:
    start_response(turned.status, [("Content-Length", "0"), *turned.headers])
    return [b""]


def serve_http(
    listen: tuple[str, int], workers: int, load: Callable[[], WSGIApplication]
) -> None:
    """Serve until SIGINT or SIGTERM; each worker process calls `load` for its own application."""
    from granian import Granian  # noqa: PLC0415 - only HTTP needs it
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    host, port = listen
    server = Granian(
        "collab",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        backpressure=MAX_CONNECTIONS,
        workers=workers,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=30,
        respawn_failed_workers=True,
    )
    server.serve(target_loader=partial(_load_buffered, load), wrap_loader=False)


def _load_buffered(load: Callable[[], WSGIApplication]) -> BufferedWsgi:
    return BufferedWsgi(load())

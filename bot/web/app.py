"""The WSGI application: Slack's endpoint behind a signature check, and health."""

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

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.health import Probes
from bot.invitation_links import PAGE_PATH
from bot.logs import GRANIAN_LOGGING
from bot.operator_messages import (
    DATABASE_SILENT,
    describe_stalled_loops,
    describe_unready_database,
)
from bot.sign_in_links import MY_PAGE_PATH
from bot.slack.oauth import is_install_path
from bot.web.rejections import RejectionLog
from bot.web.rsgi import MAX_BODY_BYTES, BufferedWsgi

Payload = dict[str, Any]

log = logging.getLogger("collab.web")

SLACK_ENDPOINT = "/slack/events"
HEALTH_PATH, LIVE_PATH, READY_PATH = PROBE_PATHS = ("/health", "/livez", "/readyz")
MAX_REQUEST_BYTES = MAX_BODY_BYTES
# For the head of a request, and between two requests of one connection.
HEADER_MILLISECONDS = 5000
MAX_CONNECTIONS = 4096  # of each worker; an idle one counts too
FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
TIMESTAMP, SIGNATURE = re.compile("[0-9]{1,12}"), re.compile("v0=[0-9a-f]{64}")


class RequestRejected(Exception):
    """A request is answered with an error status; `reason` is a word for the log."""

    def __init__(self, status: str, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = [
            (name.replace("_", "-"), value) for name, value in headers.items()
        ]


class MalformedPayload(RequestRejected):
    """A signed request has no payload; `reason` is the type of an error."""

    def __init__(self, reason: str) -> None:
        super().__init__("400 Bad Request", reason)


class SignedEndpoint:
    """Passes on the payloads that Slack signed.

    Everything else is answered with 4xx. No body is logged.
    """

    def __init__(
        self, handle: Callable[[Payload], BoltResponse], signing_secret: str
    ) -> None:
        self._handle_payload = handle
        self._verifier = SignatureVerifier(signing_secret)
        self._rejections = RejectionLog()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request."""
        try:
            response = self._answer_payload(self._read_payload(environ))
        except MalformedPayload as error:
            log.warning("a signed request is answered with 400: %s", error.reason)
            return _respond_empty(error, start_response)
        except RequestRejected as error:
            self._rejections.count_rejection(error.reason)
            return _respond_empty(error, start_response)
        content = response.body.encode()
        headers = [
            *response.first_headers_without_set_cookie().items(),
            ("Content-Length", str(len(content))),
        ]
        phrase = HTTPStatus(response.status).phrase
        start_response(f"{response.status} {phrase}", headers)
        return [content]

    def _answer_payload(self, payload: Payload) -> BoltResponse:
        try:
            return self._handle_payload(payload)
        except Exception as error:  # noqa: BLE001 - a payload of another shape than Slack's fails anywhere in Bolt
            raise MalformedPayload(type(error).__name__) from None

    def _read_payload(self, environ: WSGIEnvironment) -> Payload:
        if environ.get("PATH_INFO"):
            raise RequestRejected("404 Not Found", "path")
        if environ["REQUEST_METHOD"] != "POST":
            raise RequestRejected("405 Method Not Allowed", "method", Allow="POST")
        content_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if content_type not in {FORM_TYPE, JSON_TYPE}:
            raise RequestRejected("415 Unsupported Media Type", "content type")
        body = _read_body(environ)
        self._check_signature(environ, body)
        return _parse_payload(content_type, body)

    def _check_signature(self, environ: WSGIEnvironment, body: bytes) -> None:
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        # The verifier raises for headers of another form.
        if not TIMESTAMP.fullmatch(timestamp) or not SIGNATURE.fullmatch(signature):
            raise RequestRejected("401 Unauthorized", "signature")
        if not self._is_signed(body, timestamp, signature):
            raise RequestRejected("401 Unauthorized", "signature")

    def _is_signed(self, body: bytes, timestamp: str, signature: str) -> bool:
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return False


def _respond_empty(
    rejection: RequestRejected, start_response: StartResponse
) -> list[bytes]:
    start_response(rejection.status, [("Content-Length", "0"), *rejection.headers])
    return [b""]


def _read_body(environ: WSGIEnvironment) -> bytes:
    body: bytes = environ["wsgi.input"].read(_body_size(environ))
    if len(body) > MAX_REQUEST_BYTES:
        raise RequestRejected("413 Content Too Large", "size")
    return body


def _body_size(environ: WSGIEnvironment) -> int:
    """Return how many bytes to read, one more than allowed if the length is unknown."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        # Only a server that ends the input itself can be read to its end.
        return MAX_REQUEST_BYTES + 1 if environ.get("wsgi.input_terminated") else 0
    if not re.fullmatch("[0-9]{1,19}", length):
        raise RequestRejected("400 Bad Request", "content length")
    if int(length) > MAX_REQUEST_BYTES:
        raise RequestRejected("413 Content Too Large", "size")
    return int(length)


def _parse_payload(content_type: str, body: bytes) -> Payload:
    """Return the payload as Bolt reads it: of form fields with one name, the last."""
    try:
        text = body.decode()
        if content_type == FORM_TYPE:
            payload = _parse_form(text)
        else:
            payload = _parse_json(text)
    except (ValueError, RecursionError) as error:
        raise MalformedPayload(type(error).__name__) from None
    if not isinstance(payload, dict) or not payload:
        raise MalformedPayload("no payload")
    return payload


def _parse_form(text: str) -> Any:
    form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    return _parse_json(form["payload"]) if "payload" in form else form


def _parse_json(text: str) -> Any:
    return json.loads(text, parse_constant=_reject_constant)


def _reject_constant(constant: str) -> None:
    raise ValueError(constant)  # NaN and the infinities are not JSON


def build_web_app(
    app: App,
    signing_secret: str,
    probes: Probes,
    pages: WSGIApplication | None = None,
) -> WSGIApplication:
    """Return Slack's endpoint, the probes and the pages as one application."""

    def dispatch(payload: Payload) -> BoltResponse:
        # As in Socket Mode: Bolt neither verifies nor parses the body again.
        return app.dispatch(BoltRequest(mode="socket_mode", body=payload))

    endpoint = SignedEndpoint(dispatch, signing_secret)
    return mount_endpoint(endpoint, build_public_app(probes, pages))


def mount_endpoint(
    endpoint: WSGIApplication, pages: WSGIApplication
) -> WSGIApplication:
    """Return an application with Slack's endpoint at its path and pages elsewhere.

    Werkzeug's DispatcherMiddleware does the same, but its import takes 80 ms.
    """

    def application(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path != SLACK_ENDPOINT and not path.startswith(f"{SLACK_ENDPOINT}/"):
            return pages(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + SLACK_ENDPOINT
        environ["PATH_INFO"] = path.removeprefix(SLACK_ENDPOINT)
        return endpoint(environ, start_response)

    return application


def build_public_app(
    probes: Probes, pages: WSGIApplication | None = None
) -> WSGIApplication:
    """Return the application for others than Slack: the probes, and the pages if any."""

    def application(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if pages and is_page_path(path):
            return pages(environ, start_response)
        if path not in PROBE_PATHS:
            status, words = "404 Not Found", "Not Found"
        else:
            problem = _find_problem(probes, path)
            status = "503 Service Unavailable" if problem else "200 OK"
            words = problem or "ok"
        text = f"{words}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(text))),
        ]
        start_response(status, headers)
        return [text]

    return application


def _find_problem(probes: Probes, path: str) -> str | None:
    """Return what is wrong with what a probe asks about; None if nothing is."""
    if path == HEALTH_PATH:
        return None if probes.is_healthy() else DATABASE_SILENT
    if path == LIVE_PATH:
        stalled = probes.list_stalled_loops()
        return describe_stalled_loops(stalled) if stalled else None
    reason = probes.find_problem()
    return describe_unready_database(reason) if reason else None


def is_page_path(path: str) -> bool:
    """Return whether a path is one of the pages for browsers."""
    is_mine = path == MY_PAGE_PATH or path.startswith(f"{MY_PAGE_PATH}/")
    return is_mine or path.startswith(PAGE_PATH) or is_install_path(path)


def serve_http(
    listen_address: tuple[str, int],
    worker_count: int,
    load_application: Callable[[], WSGIApplication],
) -> None:
    """Serve until SIGINT or SIGTERM; each worker process loads its own application."""
    from granian import Granian  # noqa: PLC0415 - only HTTP needs it
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    host, port = listen_address
    server = Granian(
        "collab",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        backpressure=MAX_CONNECTIONS,
        workers=worker_count,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=GRANIAN_LOGGING,
        workers_kill_timeout=30,
        respawn_failed_workers=True,
    )
    server.serve(
        target_loader=partial(_load_buffered, load_application), wrap_loader=False
    )


def _load_buffered(load_application: Callable[[], WSGIApplication]) -> BufferedWsgi:
    return BufferedWsgi(load_application())

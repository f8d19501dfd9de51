"""The HTTP face: a guard before Slack's endpoint, and health, joined into one WSGI application."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from slack_sdk.signature import SignatureVerifier

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from slack_bolt import App

log = logging.getLogger("collab.web")

ENDPOINT = "/slack/events"
MOST = 1024 * 1024  # bytes of a body
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class Turned(Exception):
    """A request that goes no further: its status line, with a word for the log."""

    def __init__(self, status: str, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]


class Guard:
    """Lets through what Slack signed and is well formed; answers the rest with 4xx, and logs no body."""

    def __init__(self, inner: WSGIApplication, signing_secret: str) -> None:
        self._inner = inner
        self._verifier = SignatureVerifier(signing_secret)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        try:
            body = self._admitted(environ)
        except Turned as turned:
            log.info("a request to %s was turned away: %s", ENDPOINT, turned.why)
            start_response(turned.status, [("Content-Length", "0"), *turned.headers])
            return [b""]
        read = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._inner({**environ, **read}, start_response)

    def _admitted(self, environ: WSGIEnvironment) -> bytes:
        if environ.get("PATH_INFO"):
            raise Turned("404 Not Found", "path")
        if environ["REQUEST_METHOD"] != "POST":
            raise Turned("405 Method Not Allowed", "method", Allow="POST")
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind not in {FORM, JSON}:
            raise Turned("415 Unsupported Media Type", "content type")
        body = _body(environ)
        self._check_signature(environ, body)
        if not _well_formed(kind, body):
            raise Turned("400 Bad Request", "malformed body")
        return body

    def _check_signature(self, environ: WSGIEnvironment, body: bytes) -> None:
        stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        # The verifier raises on what these forms leave out.
        formed = re.fullmatch("[0-9]{1,12}", stamp) and re.fullmatch("v0=[0-9a-f]{64}", signature)
        if not formed or not self._signed(body, stamp, signature):
            raise Turned("401 Unauthorized", "signature")

    def _signed(self, body: bytes, stamp: str, signature: str) -> bool:
        try:
            return self._verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            return False


def web_app(app: App, signing_secret: str, healthy: Callable[[], bool]) -> WSGIApplication:
    """Slack's endpoint behind its guard, and `/health`; everything else is 404."""
    from slack_bolt.adapter.wsgi import SlackRequestHandler  # noqa: PLC0415 - only HTTP needs these
    from werkzeug.middleware.dispatcher import DispatcherMiddleware  # noqa: PLC0415

    # The dispatcher has taken the path off by then.
    slack = Guard(SlackRequestHandler(app, path=""), signing_secret)
    return DispatcherMiddleware(pages(healthy), {ENDPOINT: slack})


def pages(healthy: Callable[[], bool]) -> WSGIApplication:
    """What machines other than Slack may ask: whether the database answers."""

    def page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, word = _health(healthy) if environ.get("PATH_INFO") == "/health" else ("404 Not Found", b"Not Found\n")
        start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(word)))])
        return [word]

    return page


def _health(healthy: Callable[[], bool]) -> tuple[str, bytes]:
    return ("200 OK", b"ok\n") if healthy() else ("503 Service Unavailable", b"the database does not answer\n")


def _body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    if length and not re.fullmatch("[0-9]{1,19}", length):
        raise Turned("400 Bad Request", "content length")
    if length and int(length) > MOST:
        raise Turned("413 Content Too Large", "size")
    # Without a length only a server that ends the input itself can be read to its end.
    most = int(length) if length else (MOST + 1 if environ.get("wsgi.input_terminated") else 0)
    body: bytes = environ["wsgi.input"].read(most)
    if len(body) > MOST:
        raise Turned("413 Content Too Large", "size")
    return body


def _well_formed(kind: str, body: bytes) -> bool:
    try:
        text = body.decode()
        if kind == JSON:
            return isinstance(json.loads(text), dict)
        form = parse_qs(text, keep_blank_values=True, max_num_fields=100)
        return isinstance(json.loads(form["payload"][0]), dict) if "payload" in form else bool(form)
    except (ValueError, RecursionError):
        return False


def serve(listen: tuple[str, int], workers: int, load: Callable[[], WSGIApplication]) -> None:
    """Serve until SIGINT or SIGTERM; each worker process calls `load` for its own application."""
    from granian import Granian  # noqa: PLC0415 - only HTTP needs it
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    host, port = listen
    server = Granian(
        "collab",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=30,
        respawn_failed_workers=True,
    )
    server.serve(target_loader=load, wrap_loader=False)

"""The playground's HTTP server, for this machine alone."""

import logging
import time
from collections.abc import Iterable
from io import BytesIO
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, jsonify, request
from flask_sock import Sock
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from bot.playground import files, messages, oauth_routes, page_api, web_api
from bot.playground.errors import SlackError
from bot.playground.oauth import AUTHORIZE_PATH as INSTALL_PATH
from bot.playground.oauth import OAuth
from bot.playground.state import PlaygroundState
from bot.playground.tutorial import PAGE_ACCEPTED_SUMMARY

log = logging.getLogger("playground")
LOCAL_HOSTS = ("127.0.0.1", "localhost")
AUTHORIZE_PATH = "/openid/connect/authorize"
# What another site's page may lead to.
OPEN_PATHS = ("/", AUTHORIZE_PATH, INSTALL_PATH)
# The pages of the app lead on after an answer that they took.
ACCEPTED_STATUS = "303"
MAX_FORM_BYTES = 64 * 1024
FOREIGN_FETCH_SITES = frozenset({"cross-site", "same-site"})
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: https:; frame-ancestors 'none'"
)


class DaemonThread(Thread):
    """A thread that reads a socket and does not keep the process alive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "daemon": True})


class QuietRequestHandler(WSGIRequestHandler):
    """Log requests at the level DEBUG only."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  werkzeug's name
        """Log one request, or the failure of a connection that has ended."""
        log.debug("%s: %s", type, message % args if args else message)


class CountingServer(ThreadedWSGIServer):
    """Serve each request in a thread and count the busy ones."""

    request_queue_size = 256

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._count = Lock()
        self.busy = 0

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle one connection."""
        with self._count:
            self.busy += 1
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._count:
                self.busy -= 1


def create_server(
    state: PlaygroundState,
    time_control: page_api.TimeControl,
    oauth: OAuth,
    port: int,
) -> BaseWSGIServer:
    """Return a server that already listens on 127.0.0.1."""
    return CountingServer(
        "127.0.0.1",
        port,
        _mount_pages(create_app(state, time_control, oauth), state),
        QuietRequestHandler,
    )


def wait_idle(server: BaseWSGIServer, seconds: float) -> None:
    """Wait until no request is open, for at most `seconds`."""
    end = time.monotonic() + seconds
    while getattr(server, "busy", 0) and time.monotonic() < end:
        time.sleep(0.005)


def create_app(
    state: PlaygroundState, time_control: page_api.TimeControl, oauth: OAuth
) -> Flask:
    """Return the WSGI application."""
    flask = Flask("playground", static_folder=None)
    flask.config["SOCK_SERVER_OPTIONS"] = {"thread_class": DaemonThread}
    flask.before_request(lambda: _reject_foreign_request(state))
    flask.after_request(_add_security_headers)
    flask.add_url_rule(
        "/api/<path:name>",
        "api",
        lambda name: web_api.handle_call(state, name, request),
        methods=["GET", "POST"],
    )
    flask.add_url_rule(
        "/api/openid.connect.token",
        "token",
        lambda: _handle_token_request(state),
        methods=["POST"],
    )
    flask.add_url_rule(
        AUTHORIZE_PATH, "authorize", lambda: state.sign_in.show_page(request)
    )
    flask.add_url_rule(
        AUTHORIZE_PATH,
        "choose",
        lambda: state.sign_in.receive_choice(request),
        methods=["POST"],
    )
    flask.add_url_rule("/openid/connect/keys", "keys", state.sign_in.list_keys)
    oauth_routes.add_routes(flask, state, oauth)
    flask.add_url_rule(
        "/response/<name>",
        "response",
        lambda name: _handle_response_url(state, name),
        methods=["POST"],
    )
    flask.add_url_rule(
        "/upload/<name>",
        "upload",
        lambda name: _handle_upload(state, name),
        methods=["POST"],
    )
    flask.register_blueprint(page_api.create_blueprint(state, time_control))
    Sock(flask).route("/link/")(
        lambda websocket: state.sockets.serve_connection(
            websocket, request.args.get("ticket", "")
        )
    )
    return flask


def _mount_pages(page: WSGIApplication, state: PlaygroundState) -> WSGIApplication:
    """Return an application that passes on what the app serves itself."""

    def application(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        is_of_app = environ.get("PATH_INFO", "").startswith(state.page_paths)
        if state.pages is None or not is_of_app:
            return page(environ, start_response)
        if not _accepts(environ):
            return state.pages(environ, start_response)

        def start_accepted(status: str, *args: Any) -> Any:
            if status.startswith(ACCEPTED_STATUS):
                state.tutorial.mark_done(PAGE_ACCEPTED_SUMMARY)
            return start_response(status, *args)

        return state.pages(environ, start_accepted)

    return application


def _accepts(environ: WSGIEnvironment) -> bool:
    """Return whether a request sends a form that accepts; its body can be read again."""
    length = environ.get("CONTENT_LENGTH") or "0"
    is_small = length.isdecimal() and int(length) <= MAX_FORM_BYTES
    if environ["REQUEST_METHOD"] != "POST" or not is_small:
        return False
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return parse_qs(body.decode("ascii", "replace")).get("action") == ["accept"]


def _reject_foreign_request(state: PlaygroundState) -> Any:
    # A foreign Host shows DNS rebinding, a foreign Origin another site's page.
    port = state.base_url.rpartition(":")[2]
    origins = {f"http://{name}:{port}" for name in LOCAL_HOSTS}
    origin = request.headers.get("Origin")
    is_from_other_site = request.headers.get("Sec-Fetch-Site") in FOREIGN_FETCH_SITES
    # Some WebSocket clients leave the port out of Host.
    has_local_host = request.host.removesuffix(f":{port}") in LOCAL_HOSTS
    is_foreign = not has_local_host or (origin and origin not in origins)
    is_link = request.method == "GET" and request.path in OPEN_PATHS
    if is_foreign or (is_from_other_site and not is_link):
        return jsonify({"error": "This address serves this machine alone."}), 403
    is_page_write = request.path.startswith("/ui/") and request.method == "POST"
    if is_page_write and request.mimetype != "application/json":
        return jsonify({"error": "Send JSON."}), 415
    return None


def _add_security_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _handle_token_request(state: PlaygroundState) -> Response:
    # Its arguments are secrets, and are not recorded.
    return web_api.apply_fault(
        state, "openid.connect.token", request, lambda: _answer_token_request(state)
    )


def _answer_token_request(state: PlaygroundState) -> Response:
    try:
        token = state.sign_in.exchange_code(request.form.to_dict(), state.base_url)
        answer = {"ok": True, **token}
    except SlackError as refusal:
        answer = refusal.response_body
    outcome = "ok" if answer["ok"] else answer["error"]
    state.traffic.add_entry("in", "call", f"openid.connect.token → {outcome}")
    return jsonify(answer)


def _handle_response_url(state: PlaygroundState, name: str) -> Response:
    try:
        _, body = web_api.parse_arguments(request)
    except SlackError as refusal:
        return Response(refusal.code, 400, mimetype="text/plain")
    state.traffic.record_reply(body)
    return web_api.apply_fault(
        state, "response_url", request, lambda: _apply_response(state, name, body)
    )


def _handle_upload(state: PlaygroundState, name: str) -> Response:
    # Slack accepts the plain bytes and a form with one file. Uploads are not recorded.
    content = request.get_data()
    if request.files:
        content = next(iter(request.files.values())).read()
    return web_api.apply_fault(
        state, "upload_url", request, lambda: _store_upload(state, name, content)
    )


def _store_upload(state: PlaygroundState, name: str, content: bytes) -> Response:
    owner = next((peer for peer in state.peers if name in peer.uploads), state)
    status, message = files.receive_content(owner, name, content)
    state.traffic.add_entry("in", "upload", f"{len(content)} bytes → {message}")
    return Response(message, status, mimetype="text/plain")


def _apply_response(
    state: PlaygroundState, name: str, body: dict[str, Any]
) -> Response:
    owner = next((peer for peer in state.peers if name in peer.response_urls), state)
    status, message = messages.receive_response(owner, name, body)
    state.traffic.add_entry("in", "response_url", f"answer later → {message}", body)
    return Response(message, status, mimetype="text/plain")

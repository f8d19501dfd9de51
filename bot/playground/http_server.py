"""The playground's HTTP server: for this machine alone."""

import logging
import time
from threading import Lock, Thread
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_sock import Sock
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from bot.playground import files, messages, page_api, webapi
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState

log = logging.getLogger("playground")
LOCAL_HOSTS = ("127.0.0.1", "localhost")
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: https:; frame-ancestors 'none'"
)


class DaemonThread(Thread):
    """A thread that does not keep the process; for the reader of a socket."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "daemon": True})


class QuietRequestHandler(WSGIRequestHandler):
    """Speaks to the log alone, and only when asked for detail."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  werkzeug's name
        """One line a request, or what went wrong with a connection that has ended."""
        log.debug("%s: %s", type, message % args if args else message)


class CountingServer(ThreadedWSGIServer):
    """A thread a request; knows how many are busy."""

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
    site: PlaygroundState, traveller: page_api.TimeControl, port: int
) -> BaseWSGIServer:
    """A server on 127.0.0.1 that already holds its port."""
    return CountingServer(
        "127.0.0.1", port, create_app(site, traveller), QuietRequestHandler
    )


def wait_idle(busy: BaseWSGIServer, seconds: float) -> None:
    """Wait for open requests to end, at most so long."""
    end = time.monotonic() + seconds
    while getattr(busy, "busy", 0) and time.monotonic() < end:
        time.sleep(0.005)


def create_app(site: PlaygroundState, traveller: page_api.TimeControl) -> Flask:
    """The WSGI application."""
    flask = Flask("playground", static_folder=None)
    flask.config["SOCK_SERVER_OPTIONS"] = {"thread_class": DaemonThread}
    flask.before_request(lambda: _reject_foreign_request(site))
    flask.after_request(_add_security_headers)
    flask.add_url_rule(
        "/api/<path:name>",
        "api",
        lambda name: webapi.handle_call(site, name, request),
        methods=["GET", "POST"],
    )
    flask.add_url_rule(
        "/response/<name>",
        "response",
        lambda name: _handle_response_url(site, name),
        methods=["POST"],
    )
    flask.add_url_rule(
        "/upload/<name>",
        "upload",
        lambda name: _handle_upload(site, name),
        methods=["POST"],
    )
    flask.register_blueprint(page_api.create_blueprint(site, traveller))
    Sock(flask).route("/link/")(
        lambda ws: site.sockets.serve_connection(ws, request.args.get("ticket", ""))
    )
    return flask


def _reject_foreign_request(site: PlaygroundState) -> Any:
    # A foreign Host is a rebound name, a foreign Origin another site's page: neither may act here.
    port = site.base_url.rpartition(":")[2]
    origins = {f"http://{name}:{port}" for name in LOCAL_HOSTS}
    origin = request.headers.get("Origin")
    crossed = (
        request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        and request.path != "/"
    )
    # Some WebSocket clients leave the port out of Host.
    known = request.host.removesuffix(f":{port}") in LOCAL_HOSTS
    if not known or crossed or (origin and origin not in origins):
        return jsonify({"error": "This address serves this machine alone."}), 403
    if (
        request.path.startswith("/ui/")
        and request.method == "POST"
        and request.mimetype != "application/json"
    ):
        return jsonify({"error": "Send JSON."}), 415
    return None


def _add_security_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _handle_response_url(site: PlaygroundState, name: str) -> Response:
    try:
        _, body = webapi.parse_arguments(request)
    except SlackError as refusal:
        return Response(refusal.code, 400, mimetype="text/plain")
    site.traffic.record_reply(body)
    return webapi.apply_fault(
        site, "response_url", request, lambda: _apply_response(site, name, body)
    )


def _handle_upload(site: PlaygroundState, name: str) -> Response:
    # The bytes alone, or the one file of a form: Slack takes both. They are no call, and are not recorded.
    content = request.get_data()
    if request.files:
        content = next(iter(request.files.values())).read()
    return webapi.apply_fault(
        site, "upload_url", request, lambda: _store_upload(site, name, content)
    )


def _store_upload(site: PlaygroundState, name: str, content: bytes) -> Response:
    status, renderer = files.receive_content(site, name, content)
    site.traffic.add_entry("in", "upload", f"{len(content)} bytes → {renderer}")
    return Response(renderer, status, mimetype="text/plain")


def _apply_response(site: PlaygroundState, name: str, body: dict[str, Any]) -> Response:
    status, renderer = messages.receive_response(site, name, body)
    site.traffic.add_entry("in", "response_url", f"answer later → {renderer}", body)
    return Response(renderer, status, mimetype="text/plain")

"""Run a WSGI application on an RSGI server: read each body before a thread is used.

A thread that reads a body itself waits for as long as the sender likes, so that a few
slow senders would occupy all threads.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from time import monotonic
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from bot.error_log import log_error
from bot.web.rejections import RejectionLog
from collab.deadline import request_deadline

log = logging.getLogger("collab.web")

MAX_THREADS = 4  # more of them answer no faster
BODY_SECONDS = 3.0  # Slack waits no longer for the whole answer
MAX_BODY_BYTES = 1024 * 1024
# CGI variables that do not begin with HTTP_.
UNPREFIXED_HEADERS = {
    "content-type": "CONTENT_TYPE",
    "content-length": "CONTENT_LENGTH",
}


class BodyRejected(Exception):
    """A body is too large or comes too slowly; carries the status to answer with."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class BufferedWsgi:
    """Reads bodies in the event loop, then calls the application in a few threads.

    A body has a maximum size and a deadline.
    """

    def __init__(
        self, application: WSGIApplication, *, body_seconds: float = BODY_SECONDS
    ) -> None:
        self._application = application
        self._body_seconds = body_seconds
        self._threads = ThreadPoolExecutor(MAX_THREADS, "request")
        self._rejections = RejectionLog()

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer one request; its deadline counts from its arrival.

        Nothing is raised: the server would log it, and two of its threads then wait for each other for ever.
        """
        try:
            await self._answer_request(scope, protocol)
        except Exception as mistake:  # noqa: BLE001 - see above
            log_error(log, "request", mistake)
            with suppress(RuntimeError):
                protocol.response_empty(500, [])

    async def _answer_request(self, scope: Any, protocol: Any) -> None:
        arrived_at = monotonic()
        try:
            body = await self._read_in_time(scope, protocol)
        except BodyRejected as rejected:
            self._rejections.count_rejection(rejected.status.phrase.lower())
            protocol.response_empty(int(rejected.status), [("connection", "close")])
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._threads, self._run_application, scope, protocol, body, arrived_at
        )

    async def _read_in_time(self, scope: Any, protocol: Any) -> bytes:
        try:
            async with asyncio.timeout(self._body_seconds):
                return await _read_body(scope.headers.get("content-length"), protocol)
        except TimeoutError:
            raise BodyRejected(HTTPStatus.REQUEST_TIMEOUT) from None
        except RuntimeError:  # the sender closed the connection
            raise BodyRejected(HTTPStatus.BAD_REQUEST) from None

    def _run_application(
        self, scope: Any, protocol: Any, body: bytes, arrived_at: float
    ) -> None:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _error: object = None
        ) -> Any:
            started[:] = [(status, headers)]

        with request_deadline(arrived_at):
            content = b"".join(
                self._application(build_environ(scope, body), start_response)
            )
        status, headers = started[0]
        # From this thread, so that the answer does not wait for the event loop.
        protocol.response_bytes(int(status[:3]), headers, content)


async def _read_body(announced: str | None, protocol: Any) -> bytes:
    if announced and announced.isdecimal():
        if int(announced) > MAX_BODY_BYTES:
            raise BodyRejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        whole: bytes = await protocol()
        return whole
    body = bytearray()
    async for piece in protocol:
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise BodyRejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)


def build_environ(scope: Any, body: bytes) -> WSGIEnvironment:
    """Build the WSGI environment of a request whose body has been read."""
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path,
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = UNPREFIXED_HEADERS.get(name) or "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = BytesIO(body)
    environ["wsgi.input_terminated"] = True
    return environ

"""Open and close the connection of Socket Mode."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from threading import Thread
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.config import Config, FatalError
from bot.error_log import log_error
from bot.operator_messages import describe_slack_problem
from bot.slack.errors import MALFORMED_RESPONSE_ERRORS, failure_from_error
from collab.deadline import request_deadline

log = logging.getLogger("collab.slack")

MAX_THREADS = 4  # more do not answer faster
PING_SECONDS = 2  # the SDK replaces a socket that is silent for four times as long
CLOSE_SECONDS = 10.0  # for open requests to end
POLL_SECONDS = 0.05


class DeadlineExecutor(ThreadPoolExecutor):
    """Run requests so that the deadline of each counts from its arrival."""

    def submit(self, run: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Queue a request."""
        return super().submit(_run_since, time.monotonic(), run, *args, **kwargs)


def _run_since(arrived_at: float, run: Any, *args: Any, **kwargs: Any) -> Any:
    with request_deadline(arrived_at):
        return run(*args, **kwargs)


class RequestHandler(SocketModeHandler):
    """Handle requests; log a failure, which the SDK logs with the whole payload or not
    at all.
    """

    def handle(self, client: Any, req: Any) -> None:
        """Answer one request."""
        try:
            super().handle(client, req)
        except Exception as error:  # noqa: BLE001 - the answer or the connection is of any kind
            log_error(log, f"answering {req.type}", error)


class SocketConnection:
    """An open connection; the SDK reconnects it until it is closed."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def close(self) -> None:
        """Accept no more requests, and wait up to CLOSE_SECONDS for the open ones."""
        client = self._handler.client
        closing = Thread(target=self._handler.close, daemon=True)
        closing.start()
        end = time.monotonic() + CLOSE_SECONDS
        while closing.is_alive() and time.monotonic() < end:
            # A session that was just starting resets this flag once, and the SDK would
            # wait for it for ever.
            client.current_session_state.terminated = True
            client.message_queue.put(None)  # wakes the thread that waits for a message
            closing.join(POLL_SECONDS)


def open_connection(app: App, settings: Config, client: WebClient) -> SocketConnection:
    """Open the connection; raise FatalError when Slack refuses it."""
    handler: Any = RequestHandler(
        app,
        settings.app_token,
        web_client=client,
        ping_interval=PING_SECONDS,
        concurrency=MAX_THREADS,
    )
    handler.client.message_workers.shutdown()
    handler.client.message_workers = DeadlineExecutor(MAX_THREADS, "request")
    connection = SocketConnection(handler)
    try:
        handler.connect()
    except (
        SlackClientError,
        OSError,
        HTTPException,
        *MALFORMED_RESPONSE_ERRORS,
    ) as error:
        connection.close()
        raise FatalError(_describe_failure(error, settings)) from None
    return connection


def _describe_failure(error: Exception, settings: Config) -> str:
    code = "unreachable"
    if isinstance(error, SlackApiError):
        code = failure_from_error(error).code
    return describe_slack_problem(code, "SLACK_APP_TOKEN", settings.api_url)

"""Socket Mode: one connection to Slack, opened with clear words and closed for certain."""

from __future__ import annotations

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
from bot.operator_messages import describe_slack_problem
from bot.slack.errors import MALFORMED_RESPONSE_ERRORS, failure_from_error
from collab.deadline import request_deadline

MAX_THREADS = 4  # more of them answer no faster
PING_SECONDS = 2  # seconds between looks at the socket; one that has been silent for more than four of them is replaced
CLOSE_SECONDS = 10.0  # seconds that open requests have to end
POLL_SECONDS = 0.05  # seconds


class DeadlineExecutor(ThreadPoolExecutor):
    """Threads for what came by the socket; the deadline of each request counts from its arrival."""

    def submit(self, run: Any, /, *args: Any, **more: Any) -> Any:
        """Put a request into the queue."""
        return super().submit(_run_since, time.monotonic(), run, *args, **more)


def _run_since(arrived_at: float, run: Any, *args: Any, **more: Any) -> Any:
    with request_deadline(arrived_at):
        return run(*args, **more)


class SocketConnection:
    """An open connection; it reconnects by itself until it is closed."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def close(self) -> None:
        """Take nothing more, finish what is being answered, and end."""
        client = self._handler.client
        closing = Thread(target=self._handler.close, daemon=True)
        closing.start()
        end = time.monotonic() + CLOSE_SECONDS
        while closing.is_alive() and time.monotonic() < end:
            # A session that was just beginning takes this back once, and the SDK would wait for it for ever.
            client.current_session_state.terminated = True
            client.message_queue.put(None)  # wakes who waits there for a message
            closing.join(POLL_SECONDS)


def open_connection(app: App, settings: Config, client: WebClient) -> SocketConnection:
    """Open the connection; raises Stopped."""
    handler: Any = SocketModeHandler(
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
    ) as problem:
        connection.close()
        code = (
            failure_from_error(problem).code
            if isinstance(problem, SlackApiError)
            else "unreachable"
        )
        raise FatalError(
            describe_slack_problem(code, "SLACK_APP_TOKEN", settings.api_url)
        ) from None
    return connection

"""Call Slack: its Web API, response URLs and file uploads."""

from __future__ import annotations

import json
import logging
import os
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import cache
from http import HTTPStatus
from http.client import HTTPException
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.metrics import get_recorder
from bot.setting_parsers import is_loopback
from bot.slack.errors import (
    KIND_BY_CODE,
    MALFORMED_RESPONSE_ERRORS,
    OPERATOR_ADVICE,
    REFUSED_TOKEN_CODES,
    FailureKind,
    MethodPaused,
    RateLimited,
    SlackCallFailed,
    failure_from_error,
)
from collab.model import WorkspaceId

log = logging.getLogger("collab.slack")

WEB_API_SECONDS = 10  # to connect, and for each answer
RESPONSE_URL_TIMEOUTS = (2.0, 5.0)  # seconds to connect, and for the answer
# Seconds to connect and to send the whole file, and for the answer.
UPLOAD_TIMEOUTS = (10.0, 10.0)
RESPONSE_URL, UPLOAD_URL = "response_url", "upload_url"
OPEN_METHOD = "conversations.open"
GET_UPLOAD_URL_METHOD = "files.getUploadURLExternal"
COMPLETE_UPLOAD_METHOD = "files.completeUploadExternal"
UPLOAD_STEPS = (OPEN_METHOD, GET_UPLOAD_URL_METHOD, UPLOAD_URL, COMPLETE_UPLOAD_METHOD)
# The hosts that Slack documents for response URLs and uploads, and those of GovSlack.
SLACK_ADDRESS = re.compile(r"https://(hooks|files)\.slack(-gov)?\.com/[!-\[\]-~]*")
# Printable, without the backslash that some parsers take for a slash.
URL_PATH = re.compile(r"[!-\[\]-~]*")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class BotTokens(Protocol):
    """Knows the app's token in each workspace."""

    def get_token(self, workspace: WorkspaceId) -> str:
        """Return the app's token in a workspace; raises SlackCallFailed."""

    def get_scopes(self, workspace: WorkspaceId) -> frozenset[str]:
        """Return what the app may do in a workspace; raises SlackCallFailed."""

    def forget(self, workspace: WorkspaceId) -> None:
        """Read a workspace's token anew at its next use."""


class SlackClient:
    """Call Slack, and pause a method of a workspace after a 429 as long as Slack asks.

    `tokens` has those of many workspaces; without it the client's own is used. Every
    call raises SlackCallFailed, or MethodPaused while its method is paused.
    """

    def __init__(self, client: WebClient, tokens: BotTokens | None = None) -> None:
        self.client = client
        self._tokens = tokens
        self._paused_until: dict[tuple[str, str], float] = {}
        self._advised_codes: set[tuple[str, str]] = set()
        self._lock = Lock()

    def call_method(
        self, workspace: WorkspaceId, method: str, **args: Any
    ) -> dict[str, Any]:
        """Call a method of the Web API and return its answer."""
        self._raise_if_paused(workspace, method)
        client = self.get_client(workspace)
        try:
            return call_api(client, method, **args)
        except RateLimited as limited:
            raise self._pause_method(workspace, method, limited.seconds) from None
        except SlackCallFailed as failure:
            failure = self._sort_refusal(workspace, failure)
            self._log_operator_advice_once(workspace, failure.code)
            raise failure from None

    def _sort_refusal(
        self, workspace: WorkspaceId, failure: SlackCallFailed
    ) -> SlackCallFailed:
        """Return a refused token of one of many workspaces as what may pass.

        The app was just removed there, which an event will say, or its token replaced.
        """
        if self._tokens is None or failure.code not in REFUSED_TOKEN_CODES:
            return failure
        self._tokens.forget(workspace)
        return SlackCallFailed("token_refused")

    def find_scopes(self, workspace: WorkspaceId) -> frozenset[str] | None:
        """Return what the app may do in a workspace; None where only Slack knows."""
        return self._tokens.get_scopes(workspace) if self._tokens else None

    def get_client(self, workspace: WorkspaceId) -> WebClient:
        """Return a client with the app's token in a workspace."""
        if self._tokens is None:
            return self.client
        client = copy(self.client)
        client.token = self._tokens.get_token(workspace)
        return client

    def post_response(
        self, workspace: WorkspaceId, url: str, body: Mapping[str, Any]
    ) -> None:
        """Post a message to a response URL."""
        self._raise_if_paused(workspace, RESPONSE_URL)
        self._reject_foreign_url(url)
        try:
            post_json(url, body, self.client.proxy)
        except RateLimited as limited:
            raise self._pause_method(workspace, RESPONSE_URL, limited.seconds) from None

    def upload_file(
        self,
        workspace: WorkspaceId,
        user: str,
        filename: str,
        title: str,
        content: bytes,
        comment: str,
    ) -> str:
        """Send a file to a user's direct message and return the file's id.

        Nobody sees the file before the last step; after a failure the caller repeats
        all steps.
        """
        # A pause of a later step is noticed before the content is sent in vain.
        for step in UPLOAD_STEPS:
            self._raise_if_paused(workspace, step)
        opened = self.call_method(workspace, OPEN_METHOD, users=user)
        channel_id = read_text_field(opened.get("channel"), "id")
        upload = self.call_method(
            workspace, GET_UPLOAD_URL_METHOD, filename=filename, length=len(content)
        )
        file_id = read_text_field(upload, "file_id")
        self._send_content(workspace, read_text_field(upload, "upload_url"), content)
        self.call_method(
            workspace,
            COMPLETE_UPLOAD_METHOD,
            files=json.dumps([{"id": file_id, "title": title}]),
            channel_id=channel_id,
            initial_comment=comment,
        )
        return file_id

    def _send_content(self, workspace: WorkspaceId, url: str, content: bytes) -> None:
        self._reject_foreign_url(url)
        try:
            upload_bytes(url, content, self.client.proxy)
        except RateLimited as limited:
            raise self._pause_method(workspace, UPLOAD_URL, limited.seconds) from None

    def _reject_foreign_url(self, url: str) -> None:
        if not is_slack_url(url, self.client.base_url):
            raise SlackCallFailed("invalid_url")

    def _raise_if_paused(self, workspace: WorkspaceId, method: str) -> None:
        with self._lock:
            paused_until = self._paused_until.get((workspace, method), 0.0)
        seconds_left = paused_until - time.monotonic()
        if seconds_left > 0:
            raise MethodPaused(seconds_left)

    def _pause_method(
        self, workspace: WorkspaceId, method: str, seconds: float
    ) -> MethodPaused:
        log.warning(
            "Slack limits %s in workspace %s: paused for %.0f s",
            method,
            workspace,
            seconds,
        )
        with self._lock:
            self._paused_until[workspace, method] = time.monotonic() + seconds
        return MethodPaused(seconds)

    def _log_operator_advice_once(self, workspace: WorkspaceId, code: str) -> None:
        """Log, once for each workspace, what only the operator can repair."""
        advice = OPERATOR_ADVICE.get(code)
        if advice and (workspace, code) not in self._advised_codes:
            self._advised_codes.add((workspace, code))
            log.error("Slack answers %s in workspace %s: %s", code, workspace, advice)


def build_web_client(token: str | None, api_url: str) -> WebClient:
    """Return a client with a time limit, no retries and no log lines of its own."""
    bypass_proxies_for_loopback(api_url)
    # The SDK logs request bodies, and formats them whenever its logger has no level.
    quiet = logging.getLogger("collab.slack.sdk")
    quiet.setLevel(logging.CRITICAL)
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=WEB_API_SECONDS,
        ssl=build_ssl_context(secure=api_url.startswith("https:")),
        retry_handlers=[],
        logger=quiet,
    )


@cache
def build_ssl_context(*, secure: bool) -> ssl.SSLContext:
    """Return the TLS context for all calls; one without certificates for plain HTTP.

    The SDK itself would read the certificates again for every call, also for HTTP.
    """
    if secure:
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def bypass_proxies_for_loopback(api_url: str) -> None:
    """Remove the proxies from the environment when the Web API is on this machine.

    Every HTTP library reads these variables by itself.
    """
    if is_loopback(urlsplit(api_url).hostname):
        for name in PROXY_VARIABLES:
            os.environ.pop(name, None)
            os.environ.pop(name.lower(), None)


def call_api(client: WebClient, method: str, **args: Any) -> dict[str, Any]:
    """Call a method of the Web API and return its answer.

    Raise SlackCallFailed or RateLimited, neither of which quotes what was sent.
    """
    data = call_api_with_headers(client, method, **args).data
    if not isinstance(data, dict):
        raise SlackCallFailed("bad_answer")
    return dict(data)


def call_api_with_headers(client: WebClient, method: str, **args: Any) -> Any:
    """Call a method like `call_api`, and return the SDK's response with its headers."""
    # Messages and views contain structures, so they are sent as JSON; the methods that
    # read accept forms only.
    is_json = method.startswith(("chat.", "views."))
    json_body, form = (args, None) if is_json else (None, args)
    with _count_call(method), _translate_errors():
        return client.api_call(method, json=json_body, params=form)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate the errors of the SDK, without what was sent."""
    try:
        yield
    except SlackApiError as error:
        raise failure_from_error(error) from None
    except TimeoutError:
        raise SlackCallFailed("timeout") from None
    except OSError as error:
        timed_out = isinstance(getattr(error, "reason", None), TimeoutError)
        raise SlackCallFailed("timeout" if timed_out else "unreachable") from None
    except (HTTPException, SlackClientError):
        raise SlackCallFailed("unreachable") from None
    except MALFORMED_RESPONSE_ERRORS:
        raise SlackCallFailed("bad_answer") from None


@contextmanager
def _count_call(method: str) -> Iterator[None]:
    """Count a call of Slack with its outcome."""
    outcome = "ok"
    try:
        yield
    except RateLimited:
        outcome = "ratelimited"
        raise
    except SlackCallFailed as failure:
        outcome = failure.kind.value
        raise
    finally:
        get_recorder().count_slack_call(method, outcome)


def is_slack_url(url: object, api_url: str) -> bool:
    """Return whether a URL from a payload leads to Slack or to the configured API."""
    if not isinstance(url, str):
        return False
    if SLACK_ADDRESS.fullmatch(url):
        return True
    api = urlsplit(api_url)
    origin = f"{api.scheme}://{api.netloc}/"
    if not url.startswith(origin):
        return False
    return URL_PATH.fullmatch(url.removeprefix(origin)) is not None


def post_json(url: str, body: Mapping[str, Any], proxy: str | None = None) -> None:
    """Post JSON to a response URL, without following redirects."""
    with _count_call(RESPONSE_URL):
        _send_request(url, RESPONSE_URL_TIMEOUTS, proxy, json=body)


def upload_bytes(url: str, content: bytes, proxy: str | None = None) -> None:
    """Post the content of a file to its upload URL.

    An upload URL that is used up or expired becomes the transient `upload_lost`: the
    next attempt gets another one.
    """
    headers = {"Content-Type": "application/octet-stream"}
    try:
        with _count_call(UPLOAD_URL):
            _send_request(url, UPLOAD_TIMEOUTS, proxy, data=content, headers=headers)
    except SlackCallFailed as failure:
        if failure.kind is FailureKind.RECIPIENT_GONE:
            raise SlackCallFailed("upload_lost") from None
        raise failure from None


def read_text_field(answer: Any, name: str) -> str:
    """Return a text of an answer; raise SlackCallFailed where it is missing."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, str) or not value:
        raise SlackCallFailed("bad_answer")
    return value


def _send_request(
    url: str, timeouts: tuple[float, float], proxy: str | None, **content: Any
) -> None:
    import requests  # noqa: PLC0415 - slow to import, and not needed at the start

    try:
        with requests.Session() as session:
            # No .netrc: its passwords are for others. The proxy is that of the Web API.
            session.trust_env = False
            session.proxies = {"http": proxy, "https": proxy} if proxy else {}
            with session.post(
                url, timeout=timeouts, allow_redirects=False, stream=True, **content
            ) as response:
                _check_response(response)
    except requests.Timeout:
        raise SlackCallFailed("timeout") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        raise SlackCallFailed("invalid_url") from None
    except requests.RequestException:
        raise SlackCallFailed("unreachable") from None


def _check_response(response: Any) -> None:
    status: int = response.status_code
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(response.headers.get("Retry-After"))
    body = next(response.iter_content(200), b"").decode("ascii", "replace").strip()
    is_code = body in KIND_BY_CODE and status < HTTPStatus.INTERNAL_SERVER_ERROR
    raise SlackCallFailed(body if is_code else f"http_{status}")

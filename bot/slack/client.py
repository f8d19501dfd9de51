"""Calls to Slack: the Web API, response URLs and uploads, and the one table that sorts what can go wrong."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import ssl
import time
from collections.abc import Mapping
from enum import Enum
from functools import cache
from http import HTTPStatus
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.config import is_loopback

log = logging.getLogger("collab.slack")

WEB_API_SECONDS = 10  # seconds, to connect and for each answer
CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0  # seconds, for a response URL
UPLOAD_TIMEOUTS = (
    10.0,
    10.0,
)  # the same for an upload; to connect and to send all of it, and for the answer
DEFAULT_RETRY_AFTER_SECONDS = 30.0  # seconds, where a 429 does not say
MAX_PAUSE_SECONDS = 3600.0  # seconds; nobody rests longer on the word of one header
RESPONSE_URL, UPLOAD_URL = "response_url", "upload_url"
OPEN_METHOD, GET_UPLOAD_URL_METHOD, COMPLETE_UPLOAD_METHOD = (
    "conversations.open",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
)
# The hosts that Slack documents for response URLs and for uploads, and those of GovSlack.
SLACK_ADDRESS = re.compile(r"https://(hooks|files)\.slack(-gov)?\.com/[!-\[\]-~]*")
URL_PATH = re.compile(
    r"[!-\[\]-~]*"
)  # printable, without the backslash that some readers take for a slash
# What the SDK raises where something between us and Slack answered, in a form that it cannot take.
MALFORMED_RESPONSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError)
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class FailureKind(Enum):
    """What an error means for a delivery."""

    RECIPIENT_GONE = "gone"  # nobody there any more: not tried again, told to whoever can do something
    TRANSIENT = "transient"  # tried again later
    OPERATOR_ERROR = "ours"  # our defect or our setting: not tried again, logged


def parse_codes(renderer: str) -> frozenset[str]:
    """Codes, written with spaces between."""
    return frozenset(renderer.split())


CODES_BY_KIND: Mapping[FailureKind, frozenset[str]] = {
    FailureKind.RECIPIENT_GONE: parse_codes(
        """
        account_inactive no_account user_disabled user_deactivated user_not_found users_not_found
        user_not_visible user_not_in_channel cannot_dm_bot
        messages_tab_disabled channel_not_found channel_is_archived is_archived is_inactive not_in_channel
        team_not_found restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
        restricted_action_non_threadable_channel posting_to_channel_denied external_channel_migrating ekm_access_denied
        message_not_found cant_update_message edit_window_closed cannot_reply_to_message thread_not_found
        expired_url used_url invalid_url http_404 http_410
        invalid_channel file_uploads_disabled file_uploads_except_images_disabled file_upload_size_restricted
        file_type_not_allowed storage_limit_reached
        """
    ),
    FailureKind.TRANSIENT: parse_codes(
        """
        timeout unreachable bad_answer ratelimited rate_limited message_limit_exceeded internal_error
        service_unavailable fatal_error request_timeout team_added_to_org accesslimited update_failed
        streaming_state_conflict
        upload_lost file_not_found file_update_failed
        http_408 http_425 http_429
        """
    ),
    FailureKind.OPERATOR_ERROR: parse_codes(
        """
        invalid_blocks invalid_blocks_format invalid_arguments invalid_arg_name invalid_json json_not_object
        invalid_post_type missing_post_type invalid_form_data invalid_charset missing_argument missing_args
        no_text msg_too_long msg_blocks_too_long metadata_too_large too_many_attachments block_mismatch
        unknown_method method_deprecated deprecated_endpoint
        missing_scope no_permission not_allowed_token_type access_denied
        not_authed invalid_auth token_revoked token_expired org_login_required two_factor_setup_required
        invalid_token no_active_hooks action_prohibited app_access_restricted
        """
    ),
}
KIND_BY_CODE = {code: sort for sort, codes in CODES_BY_KIND.items() for code in codes}
# With these it is the app's own token that Slack refuses.
REFUSED_TOKEN_CODES = frozenset(
    {"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"}
)
_INVALID_AUTH_ADVICE = (
    "it refuses the bot's token; put a valid SLACK_BOT_TOKEN and start again, "
    "then send what was given up with `collab deliveries retry --all`"
)
OPERATOR_ADVICE = dict.fromkeys(REFUSED_TOKEN_CODES, _INVALID_AUTH_ADVICE) | {
    "missing_scope": "`collab check` says which scope; install the app again from its manifest"
}


def failure_kind_of(code: str) -> FailureKind:
    """What an error code means; an unknown one is ours to look at, an unknown failure of a server is transient."""
    if re.fullmatch(r"http_5\d\d", code):
        return FailureKind.TRANSIENT
    return KIND_BY_CODE.get(code, FailureKind.OPERATOR_ERROR)


class SlackCallFailed(Exception):
    """A call failed; `code` is Slack's word, or ours for what happened on the way."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.kind = failure_kind_of(code)


class MethodPaused(Exception):
    """Slack asked not to use this method for so many seconds; nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f}")
        self.seconds = seconds


class SlackClient:
    """One workspace's Web API, response URLs and uploads; rests a method after a 429 for as long as Slack asks."""

    def __init__(self, client: WebClient) -> None:
        self.client = client
        self._pauses: dict[tuple[str, str], float] = {}
        self._advised_codes: set[tuple[str, str]] = set()
        self._lock = Lock()

    def call_method(self, workspace: str, method: str, **args: Any) -> dict[str, Any]:
        """Call a method of the Web API; raises SlackTrouble, or Resting when it has to wait."""
        self._raise_if_paused(workspace, method)
        try:
            answer = call_api(self.client, method, **args)
        except RateLimited as limited:
            raise self._pause_method(workspace, method, limited.seconds) from None
        except SlackCallFailed as trouble:
            self._log_operator_advice_once(workspace, trouble.code)
            raise
        return answer

    def post_response(self, workspace: str, url: str, body: Mapping[str, Any]) -> None:
        """Post to a response URL; raises SlackTrouble, or Resting when it has to wait."""
        self._raise_if_paused(workspace, RESPONSE_URL)
        self._reject_foreign_url(url)
        try:
            post_json(url, body, self.client.proxy)
        except RateLimited as limited:
            raise self._pause_method(workspace, RESPONSE_URL, limited.seconds) from None

    def upload_file(
        self,
        workspace: str,
        user: str,
        filename: str,
        title: str,
        content: bytes,
        comment: str,
    ) -> str:
        """Put a file into a person's direct message and give its id; raises SlackTrouble, or Resting if it has to wait.

        Nobody sees anything of it before the last step, so after a failure all of them are gone through again.
        """
        # A rest that is known is found before the bytes are sent in vain.
        for step in (
            OPEN_METHOD,
            GET_UPLOAD_URL_METHOD,
            UPLOAD_URL,
            COMPLETE_UPLOAD_METHOD,
        ):
            self._raise_if_paused(workspace, step)
        channel = read_text_field(
            self.call_method(workspace, OPEN_METHOD, users=user).get("channel"), "id"
        )
        place = self.call_method(
            workspace, GET_UPLOAD_URL_METHOD, filename=filename, length=len(content)
        )
        file, address = (
            read_text_field(place, "file_id"),
            read_text_field(place, "upload_url"),
        )
        self._reject_foreign_url(address)
        try:
            upload_bytes(address, content, self.client.proxy)
        except RateLimited as limited:
            raise self._pause_method(workspace, UPLOAD_URL, limited.seconds) from None
        files = json.dumps([{"id": file, "title": title}])
        self.call_method(
            workspace,
            COMPLETE_UPLOAD_METHOD,
            files=files,
            channel_id=channel,
            initial_comment=comment,
        )
        return file

    def _reject_foreign_url(self, url: str) -> None:
        if not is_slack_url(url, self.client.base_url):
            raise SlackCallFailed("invalid_url")

    def _raise_if_paused(self, workspace: str, method: str) -> None:
        with self._lock:
            left = self._pauses.get((workspace, method), 0.0) - time.monotonic()
        if left > 0:
            raise MethodPaused(left)

    def _pause_method(
        self, workspace: str, method: str, seconds: float
    ) -> MethodPaused:
        log.warning(
            "Slack limits %s in workspace %s: it rests for %.0f s",
            method,
            workspace,
            seconds,
        )
        with self._lock:
            self._pauses[workspace, method] = time.monotonic() + seconds
        return MethodPaused(seconds)

    def _log_operator_advice_once(self, workspace: str, code: str) -> None:
        """Say once what only the operator can mend."""
        advice = OPERATOR_ADVICE.get(code)
        if advice and (workspace, code) not in self._advised_codes:
            self._advised_codes.add((workspace, code))
            log.error("Slack answers %s in workspace %s: %s", code, workspace, advice)


class RateLimited(SlackCallFailed):
    """A 429, with the seconds that it asks to wait."""

    def __init__(self, retry_after: object) -> None:
        super().__init__("ratelimited")
        self.seconds = _parse_retry_after(retry_after)


def build_web_client(token: str, api_url: str) -> WebClient:
    """A client that waits for nobody: no retries inside, a time limit, and none of its own log lines."""
    bypass_proxies_for_loopback(api_url)
    # The SDK's own lines quote bodies, and it formats them whenever its logger's level is not set.
    quiet = logging.getLogger("collab.slack.sdk")
    quiet.setLevel(logging.CRITICAL)
    trust = build_ssl_context(secure=api_url.startswith("https:"))
    return WebClient(
        token=token,
        base_url=api_url,
        timeout=WEB_API_SECONDS,
        ssl=trust,
        retry_handlers=[],
        logger=quiet,
    )


@cache
def build_ssl_context(*, secure: bool) -> ssl.SSLContext:
    """Whom TLS trusts, read once: the SDK would read it again for every call, for plain sockets too."""
    return (
        ssl.create_default_context()
        if secure
        else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )


def bypass_proxies_for_loopback(api_url: str) -> None:
    """A Slack on this machine is reached without the environment's proxies, which every library reads by itself."""
    if is_loopback(urlsplit(api_url).hostname):
        for name in PROXY_VARIABLES:
            os.environ.pop(name, None)
            os.environ.pop(name.lower(), None)


def call_api(client: WebClient, method: str, **args: Any) -> dict[str, Any]:
    """One call of the Web API; raises SlackTrouble or RateLimited, never anything that quotes what was sent."""
    data = call_api_with_headers(client, method, **args).data
    if not isinstance(data, dict):
        raise SlackCallFailed("bad_answer")
    return dict(data)


def call_api_with_headers(client: WebClient, method: str, **args: Any) -> Any:
    """The same with the whole answer, headers included."""
    # Messages and views carry structures, which are JSON; all others take forms, which those that read insist on.
    written = method.startswith(("chat.", "views."))
    try:
        return client.api_call(
            method, json=args if written else None, params=None if written else args
        )
    except SlackApiError as rejected:
        raise failure_from_error(rejected) from None
    except TimeoutError:
        raise SlackCallFailed("timeout") from None
    except OSError as broken:
        timed_out = isinstance(getattr(broken, "reason", None), TimeoutError)
        raise SlackCallFailed("timeout" if timed_out else "unreachable") from None
    except (HTTPException, SlackClientError):
        raise SlackCallFailed("unreachable") from None
    except MALFORMED_RESPONSE_ERRORS:
        raise SlackCallFailed("bad_answer") from None


def is_slack_url(url: object, api_url: str) -> bool:
    """Whether an address out of a payload or an answer leads to Slack, or to where the Web API was set to be."""
    if not isinstance(url, str):
        return False
    api = urlsplit(api_url)
    origin = f"{api.scheme}://{api.netloc}/"
    at_the_api = url.startswith(origin) and URL_PATH.fullmatch(url.removeprefix(origin))
    return bool(at_the_api or SLACK_ADDRESS.fullmatch(url))


def post_json(url: str, body: Mapping[str, Any], proxy: str | None = None) -> None:
    """Post to a response URL with time limits of its own, without following redirects."""
    _send_request(url, (CONNECT_SECONDS, READ_SECONDS), proxy, json=body)


def upload_bytes(url: str, content: bytes, proxy: str | None = None) -> None:
    """Post the bytes of a file to the address that Slack gave for them; an address that is spent asks for another."""
    headers = {"Content-Type": "application/octet-stream"}
    try:
        _send_request(url, UPLOAD_TIMEOUTS, proxy, data=content, headers=headers)
    except SlackCallFailed as trouble:
        raise (
            SlackCallFailed("upload_lost")
            if trouble.kind is FailureKind.RECIPIENT_GONE
            else trouble
        ) from None


def _send_request(
    url: str, patience: tuple[float, float], proxy: str | None, **content: Any
) -> None:
    import requests  # noqa: PLC0415 - slow to import, and first needed long after the start

    try:
        with requests.Session() as session:
            # No .netrc: its passwords are for others. The proxy is the one of the Web API's client.
            session.trust_env = False
            session.proxies = {"http": proxy, "https": proxy} if proxy else {}
            with session.post(
                url, timeout=patience, allow_redirects=False, stream=True, **content
            ) as answer:
                _check_response(answer)
    except requests.Timeout:
        raise SlackCallFailed("timeout") from None
    except requests.RequestException as broken:
        bad = isinstance(
            broken, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema
        )
        raise SlackCallFailed("invalid_url" if bad else "unreachable") from None


def read_text_field(answer: Any, name: str) -> str:
    """One word of an answer, which without it is none; raises SlackTrouble."""
    found = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(found, str) or not found:
        raise SlackCallFailed("bad_answer")
    return found


def _check_response(answer: Any) -> None:
    status: int = answer.status_code
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(answer.headers.get("Retry-After"))
    word = next(answer.iter_content(200), b"").decode("ascii", "replace").strip()
    raise SlackCallFailed(
        word
        if word in KIND_BY_CODE and status < HTTPStatus.INTERNAL_SERVER_ERROR
        else f"http_{status}"
    )


def failure_from_error(rejected: SlackApiError) -> SlackCallFailed:
    """What Slack refused, sorted."""
    answer: Any = rejected.response
    # Something between us and Slack may answer in JSON that is no object.
    status, code = (
        answer.status_code,
        answer.data.get("error") if isinstance(answer.data, dict) else None,
    )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(answer.headers.get("Retry-After"))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SlackCallFailed(f"http_{status}")
    if not isinstance(code, str) or not re.fullmatch(r"[a-z0-9_]{2,60}", code):
        return SlackCallFailed("bad_answer")
    return (
        RateLimited(answer.headers.get("Retry-After"))
        if code in {"ratelimited", "rate_limited"}
        else SlackCallFailed(code)
    )


def _parse_retry_after(retry_after: object) -> float:
    try:
        given = float(str(retry_after))
    except ValueError:
        return DEFAULT_RETRY_AFTER_SECONDS
    return (
        min(max(given, 1.0), MAX_PAUSE_SECONDS)
        if math.isfinite(given)
        else DEFAULT_RETRY_AFTER_SECONDS
    )

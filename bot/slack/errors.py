"""Slack's error codes, sorted by what a failure means, and the exceptions of calls."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any

from slack_sdk.errors import SlackApiError

DEFAULT_RETRY_AFTER_SECONDS = 30.0  # where a 429 names no time
MAX_PAUSE_SECONDS = 3600.0  # the longest pause that one header may cause
# What the SDK raises when a server between us and Slack answers in another form.
MALFORMED_RESPONSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError)

_ERROR_CODE = re.compile(r"[a-z0-9_]{2,60}")
_SERVER_ERROR_CODE = re.compile(r"http_5\d\d")
_RATE_LIMIT_CODES = frozenset({"ratelimited", "rate_limited"})


class FailureKind(Enum):
    """Name what a failed call means for a delivery."""

    # Not tried again; those who can act on it are notified.
    RECIPIENT_GONE = "gone"
    # Tried again later.
    TRANSIENT = "transient"
    # A defect or a wrong setting of ours: not tried again, logged.
    OPERATOR_ERROR = "ours"


def parse_codes(text: str) -> frozenset[str]:
    """Return the error codes in a text, separated by white space."""
    return frozenset(text.split())


CODES_BY_KIND: Mapping[FailureKind, frozenset[str]] = {
    FailureKind.RECIPIENT_GONE: parse_codes(
        """
        account_inactive no_account user_disabled user_deactivated
        user_not_found users_not_found user_not_visible user_not_in_channel
        cannot_dm_bot messages_tab_disabled channel_not_found
        channel_is_archived is_archived is_inactive not_in_channel
        team_not_found restricted_action restricted_action_read_only_channel
        restricted_action_thread_only_channel
        restricted_action_non_threadable_channel posting_to_channel_denied
        external_channel_migrating ekm_access_denied message_not_found
        cant_update_message edit_window_closed cannot_reply_to_message
        thread_not_found expired_url used_url invalid_url http_404 http_410
        invalid_channel file_uploads_disabled
        file_uploads_except_images_disabled file_upload_size_restricted
        file_type_not_allowed storage_limit_reached
        """
    ),
    FailureKind.TRANSIENT: parse_codes(
        """
        timeout unreachable bad_answer ratelimited rate_limited
        message_limit_exceeded internal_error service_unavailable fatal_error
        request_timeout team_added_to_org accesslimited update_failed
        streaming_state_conflict upload_lost file_not_found file_update_failed
        not_installed tokens_unreadable token_not_renewed token_refused
        http_408 http_425 http_429
        """
    ),
    FailureKind.OPERATOR_ERROR: parse_codes(
        """
        invalid_blocks invalid_blocks_format invalid_arguments invalid_arg_name
        invalid_json json_not_object invalid_post_type missing_post_type
        invalid_form_data invalid_charset missing_argument missing_args no_text
        msg_too_long msg_blocks_too_long metadata_too_large too_many_attachments
        block_mismatch unknown_method method_deprecated deprecated_endpoint
        missing_scope no_permission not_allowed_token_type access_denied
        not_authed invalid_auth token_revoked token_expired org_login_required
        two_factor_setup_required invalid_token no_active_hooks
        action_prohibited app_access_restricted
        """
    ),
}
KIND_BY_CODE = {code: kind for kind, codes in CODES_BY_KIND.items() for code in codes}
# The codes by which Slack refuses the app's own token.
REFUSED_TOKEN_CODES = frozenset(
    {"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"}
)
_INVALID_AUTH_ADVICE = (
    "it refuses the bot's token; put a valid SLACK_BOT_TOKEN and start again, "
    "then send what was given up with `collab deliveries retry --all`"
)
OPERATOR_ADVICE = dict.fromkeys(REFUSED_TOKEN_CODES, _INVALID_AUTH_ADVICE) | {
    "token_refused": "it refuses the token; install Collab in that workspace again",
    "missing_scope": (
        "`collab check` says which scope; install the app again from its manifest"
    ),
}


def failure_kind_of(code: str) -> FailureKind:
    """Return what an error code means.

    An unknown status of a server's failure (http_5xx) is transient; any other unknown
    code is for the operator to look at.
    """
    if _SERVER_ERROR_CODE.fullmatch(code):
        return FailureKind.TRANSIENT
    return KIND_BY_CODE.get(code, FailureKind.OPERATOR_ERROR)


class SlackCallFailed(Exception):
    """Report a failed call; `code` is Slack's error code, or ours for the network."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.kind = failure_kind_of(code)


class RateLimited(SlackCallFailed):
    """Report a 429, with the seconds that its Retry-After header names."""

    def __init__(self, retry_after: object) -> None:
        super().__init__("ratelimited")
        self.seconds = _parse_retry_after(retry_after)


class MethodPaused(Exception):
    """Report that a method is paused for some more seconds; nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f}")
        self.seconds = seconds


def failure_from_error(error: SlackApiError) -> SlackCallFailed:
    """Return the failure that an answer of the Web API means."""
    response: Any = error.response
    retry_after = response.headers.get("Retry-After")
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(retry_after)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SlackCallFailed(f"http_{response.status_code}")
    # A server between us and Slack may answer with JSON that is not an object.
    code = response.data.get("error") if isinstance(response.data, dict) else None
    if not isinstance(code, str) or not _ERROR_CODE.fullmatch(code):
        return SlackCallFailed("bad_answer")
    if code in _RATE_LIMIT_CODES:
        return RateLimited(retry_after)
    return SlackCallFailed(code)


def _parse_retry_after(retry_after: object) -> float:
    """Return the seconds of a Retry-After header, within 1 and MAX_PAUSE_SECONDS."""
    try:
        seconds = float(str(retry_after))
    except ValueError:
        return DEFAULT_RETRY_AFTER_SECONDS
    if not math.isfinite(seconds):
        return DEFAULT_RETRY_AFTER_SECONDS
    return min(max(seconds, 1.0), MAX_PAUSE_SECONDS)

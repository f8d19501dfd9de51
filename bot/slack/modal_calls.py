"""Open and update modals beside the response to Slack's request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from slack_sdk import WebClient

from bot.error_log import log_error
from bot.slack.client import call_api
from bot.slack.errors import FailureKind, SlackCallFailed, parse_codes
from bot.slack.views import View

log = logging.getLogger("collab.slack")

# The modal was closed, or changed meanwhile.
VIEW_CHANGED_CODES = parse_codes("not_found hash_conflict")
EXPIRED_TRIGGER_CODES = parse_codes(
    "expired_trigger_id trigger_expired exchanged_trigger_id trigger_exchanged"
)


@dataclass(frozen=True, slots=True)
class ModalCall:
    """A method of the Web API that shows a modal, and its arguments."""

    client: WebClient
    method: str
    arguments: Mapping[str, str]

    def send(self, view: View) -> None:
        """Show a modal; raises SlackCallFailed."""
        call_api(self.client, self.method, **self.arguments, view=view)


class ModalQueue:
    """Sends calls in threads of its own: a trigger id expires within 3 seconds.

    Updates run one after the other, so that a modal ends up with the last one.
    """

    def __init__(self) -> None:
        self._open_executor = ThreadPoolExecutor(2, "modal-open")
        self._update_executor = ThreadPoolExecutor(1, "modal-update")

    def submit(self, function: Callable[[], object]) -> None:
        """Run a function beside the response."""
        self._open_executor.submit(function)

    def open(
        self, call: ModalCall, view: View, on_failure: Callable[[], object]
    ) -> None:
        """Show a modal; call `on_failure` if Slack refuses it."""

        def send() -> None:
            try:
                call.send(view)
            except SlackCallFailed as error:
                _log_failure(call.method, error)
                on_failure()

        self._open_executor.submit(send)

    def update(self, call: ModalCall, view: View) -> None:
        """Replace the content of a modal; if Slack refuses it, nothing changes."""

        def send() -> None:
            try:
                call.send(view)
            except SlackCallFailed as error:
                _log_failure(call.method, error)

        self._update_executor.submit(send)


def _log_failure(method: str, error: SlackCallFailed) -> None:
    if error.code in VIEW_CHANGED_CODES:
        log.info("%s: %s", method, error.code)
    elif error.code in EXPIRED_TRIGGER_CODES or error.kind is FailureKind.TRANSIENT:
        log.warning("%s: %s", method, error.code)
    else:
        log_error(log, f"{method} ({error.code})", error)

"""Run a handler and turn whatever goes wrong into a text for the person.

Rejections and parse errors are rendered; anything else is logged with an id that the
text names, too. The log has the type of an error and where it arose, never a payload, a
name or a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.error_log import log_error
from bot.rendering import RenderedText
from bot.request_trace import note_outcome
from bot.slack.commands.errors import ParseError
from bot.slack.deferred_requests import DeferredRequest
from bot.slack.identity import MalformedId
from bot.slack.requests import FieldError, Services
from collab.errors import ProfileUnread, Rejected
from collab.model import Caller
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

Result = TypeVar("Result")


class RequestFailed(Exception):
    """A request had no effect, or its reply cannot be shown; `text` says so.

    `is_transient`: the same request may succeed later.
    """

    def __init__(self, text: RenderedText, *, is_transient: bool = False) -> None:
        super().__init__(text.text)
        self.text = text
        self.is_transient = is_transient


@dataclass(frozen=True, slots=True)
class RequestRunner:
    """Runs what one request needs, with its services.

    `busy` is why nothing is run: the request's deadline passed before its turn came.
    """

    services: Services
    busy: Unavailable | None = None

    def run(
        self,
        by: Caller,
        function: Callable[[], Result],
        deferred: DeferredRequest | None = None,
    ) -> Result:
        """Return the function's result.

        If the caller's profile is not known yet, `deferred` is handled later. Raises
        RequestFailed for any error, except FieldError and MalformedId.
        """
        try:
            self._reject_when_busy()
            return self._run_or_reject(by, function, deferred)
        except (FieldError, MalformedId, RequestFailed):
            raise
        except Unavailable as error:
            note_outcome("unavailable")
            error_id = log_error(log, f"storage ({error.reason})", error)
            name = "unsure" if error.is_unsure else "unavailable"
            raise self._build_failure(name, error_id, is_transient=True) from error
        except Exception as error:
            note_outcome("failed")
            error_id = log_error(log, by.origin, error)
            raise self._build_failure("broken", error_id) from error

    def _reject_when_busy(self) -> None:
        if self.busy:
            raise self.busy

    def _run_or_reject(
        self,
        by: Caller,
        function: Callable[[], Result],
        deferred: DeferredRequest | None,
    ) -> Result:
        try:
            return function()
        except (Rejected, ParseError) as rejected:
            if isinstance(rejected, ProfileUnread):
                if deferred:
                    note_outcome("deferred")
                    raise RequestFailed(deferred.enqueue(self.services)) from rejected
            elif self.services.progress.has_changed:
                raise self._build_not_shown() from rejected
            note_outcome("refused")
            text = self.services.render_rejection(rejected, by)
            raise RequestFailed(text) from rejected

    def _build_failure(
        self, name: str, error_id: str, *, is_transient: bool = False
    ) -> RequestFailed:
        """Say that nothing was changed only if that is so."""
        if self.services.progress.has_changed:
            return self._build_not_shown()
        text = self.services.renderer.render(f"refusals/{name}", id=error_id)
        return RequestFailed(text, is_transient=is_transient)

    def _build_not_shown(self) -> RequestFailed:
        return RequestFailed(self.services.renderer.render("refusals/not_shown"))

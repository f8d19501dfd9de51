"""Deferred requests: what depends on a profile that Slack is slow to send is kept, handled later and answered then.

A request is kept in the outbox, so that it survives the end of the process. Its answer goes to the request's
`response_url` or, where there is none, into the sender's direct message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.error_log import log_error
from bot.priority_gate import PriorityGate
from bot.rendering import RenderedText
from bot.slack.commands import parser
from bot.slack.commands.errors import ParseError
from bot.slack.handlers.forms import execute_line_or_open_form
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
)
from bot.slack.routes import ACTION_HANDLERS, SUBMISSION_HANDLERS
from bot.slack.views import Message, View, blocks
from collab.errors import Rejected
from collab.model import Account, Caller
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

DEFERRED, REPLY = "deferred_request", "reply"
REPLY_BLOCK_TYPES = frozenset(
    {"section", "context", "header", "divider", "actions", "image"}
)  # blocks that messages may have


@dataclass(frozen=True, slots=True)
class DeferredRequest:
    """What is needed to handle a request later.

    A command has its text as `name` and its channel as `about`; a press its route and value; a submission its
    window's callback id and metadata, and what was filled in as `values`. No text in it looks like a card number:
    the dispatcher refuses those first.
    """

    by: Caller
    kind: str  # command, action or view
    name: str
    about: str
    response_url: str | None = None
    origin: str = ""
    is_ephemeral: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    def enqueue(self, services: Services) -> RenderedText:
        """Put it into the outbox and return what to tell the sender meanwhile."""
        payload = asdict(self)
        payload["by"].pop("workspace")
        target = f"{DEFERRED}:{self.by.idempotency_key}"
        services.outbox.enqueue_message(self.by.workspace, target, DEFERRED, payload)
        return services.render_reply(
            "profile_pending", in_messages=self.response_url is None
        )

    @classmethod
    def from_payload(
        cls, workspace: str, payload: Mapping[str, Any]
    ) -> DeferredRequest:
        """Return the request that an outbox payload holds."""
        by = payload["by"]
        caller = Caller(
            workspace, Account(**by["account"]), by["origin"], by["idempotency_key"]
        )
        return cls(**{**payload, "by": caller})


class DeferredRequestHandler:
    """Handles deferred requests by the same handlers as others."""

    def __init__(
        self,
        services: Services,
        get_locale: Callable[[Caller], str | None],
        now: Callable[[], datetime],
        priority_gate: PriorityGate,
    ) -> None:
        self._services = services
        self._get_locale = get_locale
        self._now = now
        self._priority_gate = priority_gate

    def handle(self, request: DeferredRequest) -> None:
        """Handle a request and send its answer; raises Unavailable when it is to be tried again."""
        services = self._services.for_locale(self._get_locale(request.by))
        with self._priority_gate.hold_priority():
            answer = self._build_answer(services, request)
        if answer is None or request.by.account is None:
            return
        if request.response_url is not None:
            replaces = {} if request.kind == "command" else {"replace_original": False}
            answer = {"response_type": "ephemeral", **replaces, **answer}
        payload = {
            "url": request.response_url,
            "user": request.by.account.user,
            "body": answer,
        }
        services.outbox.enqueue_message(
            request.by.workspace,
            f"{REPLY}:{request.by.idempotency_key}",
            REPLY,
            payload,
        )

    def _build_answer(
        self, services: Services, request: DeferredRequest
    ) -> Message | None:
        opened: list[View] = []
        try:
            result = _HANDLER_BY_KIND[request.kind](
                services, request, self._now(), opened.append
            )
        except FieldError as wrong:
            return blocks.build_message(RenderedText(wrong.message, (wrong.message,)))
        except (Rejected, ParseError) as rejected:
            return blocks.build_message(services.render_rejection(rejected, request.by))
        except Unavailable:
            raise
        except Exception as mistake:  # noqa: BLE001 - whatever it is, the person gets a word and the log an id
            found = log_error(log, request.by.origin, mistake)
            return blocks.build_message(
                services.renderer.render("refusals/broken", id=found)
            )
        # Slack opens a window only right after a press.
        return (
            blocks.build_message(services.renderer.render("refusals/window_failed"))
            if opened
            else _as_message(result)
        )


def _handle_command(
    services: Services,
    request: DeferredRequest,
    at: datetime,
    open_view: Callable[[View], None],
) -> Message | None:
    line = parser.parse(request.name, request.by.workspace, services.bus.roles)
    return execute_line_or_open_form(
        services, CommandRequest(request.by, at, request.about, line, open_view)
    )


def _handle_action(
    services: Services,
    request: DeferredRequest,
    at: datetime,
    open_view: Callable[[View], None],
) -> RenderedText | Message | None:
    click = ActionRequest(
        caller=request.by,
        at=at,
        value=request.about,
        origin=request.origin,
        is_ephemeral=request.is_ephemeral,
        response_url=request.response_url,
        open_view=open_view,
        update_view=open_view,
        show_view=open_view,
        values=request.values,
    )
    return ACTION_HANDLERS[request.name](services, click)


def _handle_view(
    services: Services,
    request: DeferredRequest,
    at: datetime,
    _open_view: Callable[[View], None],
) -> View | None:
    return SUBMISSION_HANDLERS[request.name](
        services, ViewSubmission(request.by, at, request.about, request.values)
    )


_HANDLER_BY_KIND: Mapping[str, Callable[..., RenderedText | Message | View | None]] = {
    "command": _handle_command,
    "action": _handle_action,
    "view": _handle_view,
}


def _as_message(result: RenderedText | Message | View | None) -> Message | None:
    """Return an answer as a message, without the fields of a window."""
    if result is None:
        return None
    if isinstance(result, RenderedText):
        return blocks.build_message(result)
    shown = [block for block in result["blocks"] if block["type"] in REPLY_BLOCK_TYPES][
        : blocks.MAX_MESSAGE_BLOCKS
    ]
    texts = (
        block["text"]["text"] for block in shown if isinstance(block.get("text"), dict)
    )
    return {
        "text": result.get("text")
        or blocks.truncate("\n".join(texts), blocks.MAX_MESSAGE_TEXT),
        "blocks": shown,
    }

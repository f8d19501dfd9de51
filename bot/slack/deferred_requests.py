"""Deferred requests wait in the outbox until Slack has sent the caller's profile.

The reply goes to the request's response URL or, if it has none, into a direct message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.error_log import log_error
from bot.priority_gate import PriorityGate
from bot.rendering import RenderedText
from bot.slack.commands.errors import ParseError
from bot.slack.handlers.forms import execute_line_or_open_form
from bot.slack.lookups import parse_line
from bot.slack.reach_notes import add_reach_note
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
)
from bot.slack.routes import ACTION_HANDLERS, SUBMISSION_HANDLERS
from bot.slack.views import Block, Message, View, blocks
from collab.errors import Rejected
from collab.model import Account, Caller, ChannelId, WorkspaceId
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

DEFERRED, REPLY = "deferred_request", "reply"
REPLY_BLOCK_TYPES = frozenset(
    {"section", "context", "header", "divider", "actions", "image"}
)  # blocks that messages may have


class RequestKind(StrEnum):
    """The kinds of requests that can be handled later."""

    COMMAND = "command"
    ACTION = "action"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class DeferredRequest:
    """What is needed to handle a request later.

    `name` and `detail` are the text and the channel of a command, the route and the
    value of an action, or the callback id and the metadata of a modal, whose fields
    are `values`. None of it holds a card number: `input_checks` rejects those first.
    """

    by: Caller
    kind: RequestKind
    name: str
    detail: str
    response_url: str | None = None
    origin: str = ""
    is_ephemeral: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    def enqueue(self, services: Services) -> RenderedText:
        """Put it into the outbox; return a text for the caller."""
        payload = asdict(self)
        payload["by"].pop("workspace")
        target = f"{DEFERRED}:{self.by.idempotency_key}"
        services.outbox.enqueue_message(self.by.workspace, target, DEFERRED, payload)
        return services.render_reply(
            "profile_pending", in_messages=self.response_url is None
        )

    @classmethod
    def from_payload(
        cls, workspace: WorkspaceId, payload: Mapping[str, Any]
    ) -> DeferredRequest:
        """Return the request in a payload of the outbox."""
        by = payload["by"]
        caller = Caller(
            workspace, Account(**by["account"]), by["origin"], by["idempotency_key"]
        )
        kind = RequestKind(payload["kind"])
        return cls(**{**payload, "by": caller, "kind": kind})


class DeferredRequestHandler:
    """Handles deferred requests by the handlers of all requests."""

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
        """Handle a request and enqueue its reply; raises Unavailable to be retried."""
        services = self._services.for_locale(self._get_locale(request.by))
        with self._priority_gate.hold_priority():
            message = self._build_reply(services, request)
        if message is None or request.by.account is None:
            return
        if request.response_url is not None:
            message = {"response_type": "ephemeral", **message}
            if request.kind is not RequestKind.COMMAND:
                message.setdefault("replace_original", False)
        payload = {
            "url": request.response_url,
            "user": request.by.account.user,
            "body": message,
        }
        target = f"{REPLY}:{request.by.idempotency_key}"
        services.outbox.enqueue_message(request.by.workspace, target, REPLY, payload)

    def _build_reply(
        self, services: Services, request: DeferredRequest
    ) -> Message | None:
        opened: list[View] = []
        try:
            result = _run_handler(services, request, self._now(), opened.append)
        except FieldError as error:
            text = RenderedText(error.message, (error.message,))
        except (Rejected, ParseError) as rejected:
            text = services.render_rejection(rejected, request.by)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the person gets a text, the log an id
            error_id = log_error(log, request.by.origin, error)
            text = services.renderer.render("refusals/broken", id=error_id)
        else:
            if not opened:
                return add_reach_note(services, _as_message(result))
            # Slack opens a modal only right after a press.
            text = services.renderer.render("refusals/window_failed")
        return blocks.build_message(text)


def _run_handler(
    services: Services,
    request: DeferredRequest,
    at: datetime,
    open_view: Callable[[View], None],
) -> RenderedText | Message | View | None:
    if request.kind is RequestKind.COMMAND:
        line = parse_line(services, request.by, at, request.name)
        command = CommandRequest(
            request.by, at, ChannelId(request.detail), line, open_view
        )
        return execute_line_or_open_form(services, command)
    if request.kind is RequestKind.VIEW:
        submission = ViewSubmission(request.by, at, request.detail, request.values)
        return SUBMISSION_HANDLERS[request.name](services, submission)
    action = ActionRequest(
        caller=request.by,
        at=at,
        value=request.detail,
        origin=request.origin,
        is_ephemeral=request.is_ephemeral,
        response_url=request.response_url,
        open_view=open_view,
        update_view=open_view,
        show_view=open_view,
        values=request.values,
    )
    return ACTION_HANDLERS[request.name](services, action)


def _as_message(result: RenderedText | Message | View | None) -> Message | None:
    """Return a result as a message, without the fields of a modal."""
    if result is None:
        return None
    if isinstance(result, RenderedText):
        return blocks.build_message(result)
    shown = [block for block in result["blocks"] if block["type"] in REPLY_BLOCK_TYPES]
    shown = shown[: blocks.MAX_MESSAGE_BLOCKS]
    text = result.get("text") or "\n".join(_list_block_texts(shown))
    return {"text": blocks.truncate(text, blocks.MAX_MESSAGE_TEXT), "blocks": shown}


def _list_block_texts(shown: Sequence[Block]) -> list[str]:
    texts = [block.get("text") for block in shown]
    return [text["text"] for text in texts if isinstance(text, dict)]

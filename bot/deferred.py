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

from bot import grammar
from bot.cards import Message, View, blocks
from bot.listeners import ACTIONS, VIEWS, typed
from bot.listeners.road import Click, Command, Desk, Submission, WrongField
from bot.misread import Misread
from bot.rush import Rush
from bot.trouble import log_defect
from bot.words import Said
from collab.people import Account, Caller
from collab.refusals import Refused
from collab.service import Unavailable

log = logging.getLogger("collab.slack")

DEFERRED, REPLY = "deferred_request", "reply"
ANSWERABLE = frozenset({"section", "context", "header", "divider", "actions", "image"})  # blocks that messages may have


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

    def keep(self, desk: Desk) -> Said:
        """Put it into the outbox and return what to tell the sender meanwhile."""
        payload = asdict(self)
        payload["by"].pop("workspace")
        target = f"{DEFERRED}:{self.by.delivery}"
        desk.outbox.post(self.by.workspace, target, DEFERRED, payload)
        return desk.say("profile_pending", in_messages=self.response_url is None)

    @classmethod
    def read(cls, workspace: str, payload: Mapping[str, Any]) -> DeferredRequest:
        """Return the request that an outbox payload holds."""
        by = payload["by"]
        caller = Caller(workspace, Account(**by["account"]), by["door"], by["delivery"])
        return cls(**{**payload, "by": caller})


class DeferredRequests:
    """Handles deferred requests by the same handlers as others."""

    def __init__(
        self, desk: Desk, locale: Callable[[Caller], str | None], now: Callable[[], datetime], rush: Rush
    ) -> None:
        self._desk = desk
        self._locale = locale
        self._now = now
        self._rush = rush

    def handle(self, request: DeferredRequest) -> None:
        """Handle a request and send its answer; raises Unavailable when it is to be tried again."""
        desk = self._desk.speaking(self._locale(request.by))
        with self._rush.answering():
            answer = self._answer(desk, request)
        if answer is None or request.by.account is None:
            return
        if request.response_url is not None:
            replaces = {} if request.kind == "command" else {"replace_original": False}
            answer = {"response_type": "ephemeral", **replaces, **answer}
        payload = {"url": request.response_url, "user": request.by.account.user, "body": answer}
        desk.outbox.post(request.by.workspace, f"{REPLY}:{request.by.delivery}", REPLY, payload)

    def _answer(self, desk: Desk, request: DeferredRequest) -> Message | None:
        opened: list[View] = []
        try:
            result = _HANDLERS[request.kind](desk, request, self._now(), opened.append)
        except WrongField as wrong:
            return blocks.message(Said(wrong.words, (wrong.words,)))
        except (Refused, Misread) as refused:
            return blocks.message(desk.refused(refused, request.by))
        except Unavailable:
            raise
        except Exception as mistake:  # noqa: BLE001 - whatever it is, the person gets a word and the log an id
            found = log_defect(log, request.by.door, mistake)
            return blocks.message(desk.words.say("refusals/broken", id=found))
        # Slack opens a window only right after a press.
        return blocks.message(desk.words.say("refusals/window_failed")) if opened else _as_message(result)


def _command(desk: Desk, request: DeferredRequest, at: datetime, open_view: Callable[[View], None]) -> Message | None:
    line = grammar.parse(request.name, request.by.workspace, desk.collab.kinds)
    return typed(desk, Command(request.by, at, request.about, line, open_view))


def _action(
    desk: Desk, request: DeferredRequest, at: datetime, open_view: Callable[[View], None]
) -> Said | Message | None:
    click = Click(
        by=request.by,
        at=at,
        value=request.about,
        origin=request.origin,
        ephemeral=request.is_ephemeral,
        response_url=request.response_url,
        open_view=open_view,
        update_view=open_view,
        show_view=open_view,
        values=request.values,
    )
    return ACTIONS[request.name](desk, click)


def _view(desk: Desk, request: DeferredRequest, at: datetime, _open_view: Callable[[View], None]) -> View | None:
    return VIEWS[request.name](desk, Submission(request.by, at, request.about, request.values))


_HANDLERS: Mapping[str, Callable[..., Said | Message | View | None]] = {
    "command": _command,
    "action": _action,
    "view": _view,
}


def _as_message(result: Said | Message | View | None) -> Message | None:
    """Return an answer as a message, without the fields of a window."""
    if result is None:
        return None
    if isinstance(result, Said):
        return blocks.message(result)
    shown = [block for block in result["blocks"] if block["type"] in ANSWERABLE][: blocks.BLOCKS]
    texts = (block["text"]["text"] for block in shown if isinstance(block.get("text"), dict))
    return {"text": result.get("text") or blocks.cut("\n".join(texts), blocks.TOP), "blocks": shown}

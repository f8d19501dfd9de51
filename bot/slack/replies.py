"""What a press is answered with, as a message or as a modal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt import BoltResponse

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import BlockId
from bot.slack.request_runner import RequestFailed, RequestRunner
from bot.slack.requests import ActionRequest, Services
from bot.slack.routes import LIST_HANDLERS
from bot.slack.views import Message, View, blocks
from bot.slack.views.controls import answer_view
from collab.model import Caller

UNCHANGED_TITLE = "wrong.title"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, a whole message, or nothing.

    `title_key` is the label that heads it in a modal. `is_failure`: the press had no
    effect. A text that is no failure is shown only where the message of the button is
    not updated through the outbox.
    """

    text: RenderedText | None = None
    message: Message | None = None
    title_key: str = UNCHANGED_TITLE
    is_failure: bool = False

    @classmethod
    def from_result(
        cls, result: RenderedText | Message | None, title_key: str = UNCHANGED_TITLE
    ) -> Reply:
        """Return the result of a handler as a reply."""
        if isinstance(result, RenderedText):
            return cls(text=result, title_key=title_key)
        return cls(message=result, title_key=title_key)

    @property
    def keeps_original(self) -> bool:
        """Return whether the message of the button stays unchanged."""
        if self.is_failure:
            return True
        return self.message is not None and not self.message.get(
            "replace_original", True
        )

    def build_modal(self, renderer: Renderer) -> View | None:
        """Return the reply as a modal; None if there is nothing to show."""
        if self.text and self.is_failure:
            return build_failure_modal(renderer, self.text)
        if self.text:
            shown = blocks.paragraph_blocks(self.text.paragraphs)
        elif self.message:
            shown = self.message["blocks"]
        else:
            return None
        return answer_view(renderer, renderer.render_label(self.title_key), shown)


def build_failure_modal(renderer: Renderer, text: RenderedText) -> View:
    """Return a modal that says that a request had no effect."""
    return blocks.modal_view(
        "wrong",
        renderer.render_label(UNCHANGED_TITLE),
        blocks.paragraph_blocks(text.paragraphs),
        close=renderer.render_label("close"),
    )


def build_reply_message(
    runner: RequestRunner, request: ActionRequest, reply: Reply
) -> Message | None:
    """Return what to post to the response URL; None if nothing.

    A message that others see is updated through the outbox. A text about an ephemeral
    list is posted with the updated list.
    """
    if reply.message:
        return _add_reply_flags(request, reply.message)
    if reply.text is None or not (reply.is_failure or request.is_ephemeral):
        return None
    rebuild = partial(_rebuild_list, runner.services, request)
    try:
        current_list = runner.run(request.caller, rebuild)
    except RequestFailed:
        current_list = None
    if current_list is None:
        return _add_reply_flags(request, blocks.build_message(reply.text))
    return _add_reply_flags(request, blocks.prepend_text(reply.text, current_list))


def enqueue_response(
    services: Services, by: Caller, url: str | None, message: Message
) -> None:
    """Enqueue a message to a response URL, in order with others to the same URL."""
    if url is not None:
        services.enqueue_response(by, url, message)


def report_refused_modal(runner: RequestRunner, by: Caller, url: str | None) -> None:
    """Enqueue a message that Slack refused to show a modal."""
    text = runner.services.renderer.render("refusals/window_failed")
    message = {
        "response_type": "ephemeral",
        "replace_original": False,
        **blocks.build_message(text),
    }
    try:
        runner.run(by, partial(enqueue_response, runner.services, by, url, message))
    except RequestFailed:
        return  # it is logged; there is no other way to the person


def build_response(body: dict[str, Any]) -> BoltResponse:
    """Return a response with a body, or the empty acknowledgement."""
    return BoltResponse(status=200, body=body or "")


def build_field_errors_response(errors: dict[str, str]) -> BoltResponse:
    """Return a response that shows errors under the fields of a modal."""
    return build_response({"response_action": "errors", "errors": errors})


def _rebuild_list(services: Services, request: ActionRequest) -> Message | None:
    """Return the updated ephemeral list that a button belongs to."""
    if not request.is_ephemeral:
        return None
    handler = LIST_HANDLERS.get(BlockId.decode(request.origin).name)
    return handler(services, request) if handler else None


def _add_reply_flags(request: ActionRequest, message: Message) -> Message:
    """Say whether a message replaces the one that the button belongs to."""
    is_replacing = message.get("replace_original", request.is_ephemeral)
    if is_replacing:
        return {**message, "replace_original": is_replacing}
    return {
        **message,
        "replace_original": is_replacing,
        "response_type": "ephemeral",
    }

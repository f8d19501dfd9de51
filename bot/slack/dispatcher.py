"""The doors: a payload is read, its listener asked, and the answer put where Slack looks for it.

One road for whatever goes wrong: refusals and misread lines become words, anything else a word with an id that the log
has too. The log gets the kind of the mistake and where it arose, never a body, a name or a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, wraps
from typing import Any, TypeVar

from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.error_log import log_error
from bot.priority_gate import PriorityGate
from bot.rendering import RenderedText
from bot.slack.address_lookup import addresses_to_look_up
from bot.slack.button_values import BlockId, MenuOption
from bot.slack.channel_lookup import channel_to_look_up
from bot.slack.client import call_api
from bot.slack.commands import parser
from bot.slack.commands.errors import ParseError
from bot.slack.deferred_requests import DeferredRequest
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed, parse_codes
from bot.slack.handlers import home
from bot.slack.handlers.forms import execute_line_or_open_form
from bot.slack.identity import (
    MalformedId,
    is_slack_id,
    read_caller,
    read_event_caller,
    read_slack_id,
    read_trigger_id,
)
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    OptionsRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routes import (
    ACTION_HANDLERS,
    LIST_HANDLERS,
    OPTIONS_HANDLERS,
    SHORTCUT_HANDLERS,
    SLACK_EVENT_HANDLERS,
    SUBMISSION_HANDLERS,
)
from bot.slack.views import Message, OptionsResponse, View, blocks
from bot.slack.views.forms import command_answer_view
from collab.card_numbers import holds_card_number
from collab.deadline import request_deadline
from collab.errors import CardNumber, ProfileUnread, Rejected, TooLong
from collab.model import Caller
from collab.text import clean_json_texts, clean_text
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")

VIEW_CHANGED_CODES = parse_codes(
    "not_found hash_conflict"
)  # the window was closed, or changed meanwhile
EXPIRED_TRIGGER_CODES = parse_codes(
    "expired_trigger_id trigger_expired exchanged_trigger_id trigger_exchanged"
)

COMMAND_MAX_LENGTH, FIELD_MAX_LENGTH = (
    4_000,
    3_000,
)  # characters of one text: more is answered before anything reads it
Body = Mapping[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FailedReply:
    """It did not happen: the words for the person, and whether trying the same again could help."""

    rendered: RenderedText
    is_transient: bool = False


@dataclass(frozen=True, slots=True)
class ViewCall:
    """A method of the Web API that shows a view, and where; raises SlackTrouble."""

    client: WebClient
    method: str
    arguments: Mapping[str, str]

    def __call__(self, view: View) -> None:
        """Show a view there."""
        call_api(self.client, self.method, **self.arguments, view=view)


def in_caller_locale(
    door: Callable[[Dispatcher, Body, BoltContext], BoltResponse],
) -> Callable[[Dispatcher, Body, BoltContext], BoltResponse]:
    """The same door, where all is said in the language of whoever stands before it."""

    @wraps(door)
    def answers(
        dispatcher: Dispatcher, body: Body, context: BoltContext
    ) -> BoltResponse:
        with request_deadline(), ExitStack() as turn:
            # This may ask Slack, so it is done before anybody's turn is taken.
            by = read_caller(body, context, "", "")
            speaking = dispatcher.in_locale_of(by)
            channel = channel_to_look_up(body)
            if channel and is_slack_id(channel) and dispatcher.services.channel_lookup:
                dispatcher.services.channel_lookup.prefetch_state(
                    by, channel, is_own="command" in body
                )
            emails = addresses_to_look_up(body)
            if emails and dispatcher.services.address_lookup:
                dispatcher.services.address_lookup.fetch_absent(by.workspace, emails)
            try:
                turn.enter_context(dispatcher.priority_gate.hold_priority())
            except Unavailable as busy:
                speaking = replace(speaking, busy_rejection=busy)
            return door(speaking, body, context)

    return answers


def without_reply(
    door: Callable[[Dispatcher, Body, BoltContext], BoltResponse],
) -> Callable[[Dispatcher, Body, BoltContext], BoltResponse]:
    """The same door, where nothing is said to anybody."""

    @wraps(door)
    def answers(
        dispatcher: Dispatcher, body: Body, context: BoltContext
    ) -> BoltResponse:
        with request_deadline():
            return door(
                replace(dispatcher, services=dispatcher.services.for_locale(None)),
                body,
                context,
            )

    return answers


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """One method for each kind of payload; `windows` opens modals beside the answer, within Slack's 3 seconds.

    `changes` gives open ones other content: in one thread, so that the last choice is what they show in the end.
    `tongue` gives the locale of whoever is to be answered. `respond` posts to a response URL where the outbox cannot
    be written to. `busy` is why nothing is tried: the request's deadline passed before its turn came.
    """

    services: Services
    now: Callable[[], datetime]
    view_executor: ThreadPoolExecutor
    update_executor: ThreadPoolExecutor
    priority_gate: PriorityGate
    get_locale: Callable[[Caller], str | None]
    respond: Callable[[str, str, Message], object] | None = None
    busy_rejection: Unavailable | None = None

    @in_caller_locale
    def handle_command(self, body: Body, context: BoltContext) -> BoltResponse:
        """A typed line; the answer goes in the same HTTP response, unless a window opens in its place."""
        trigger = read_trigger_id(body.get("trigger_id"))
        by = read_caller(body, context, "command", f"command:{trigger}")
        opens = ViewCall(context.client, "views.open", {"trigger_id": trigger})
        channel = read_slack_id(body["channel_id"]) if "channel_id" in body else ""
        url, text = _response_url(body, context), str(body.get("text") or "")
        opening = partial(self._open_view, opens, by, url)
        later = DeferredRequest(by, "command", text, channel, url)
        result = self._run_safely(
            by, partial(self._run_command, by, text, channel, opening), later
        )
        message = (
            blocks.build_message(result.rendered)
            if isinstance(result, FailedReply)
            else result
        )
        return build_response(
            {"response_type": "ephemeral", **message} if message else {}
        )

    @in_caller_locale
    def handle_action(self, body: Body, context: BoltContext) -> BoltResponse:
        """A pressed button or a chosen option; Slack ignores the answer's body, so words go through the outbox."""
        route, value = _route_and_value(body["actions"][0])
        request = self._run_action(body, context, value)
        url = request.response_url
        later = DeferredRequest(
            request.caller,
            "action",
            route,
            value,
            url,
            request.origin,
            request.is_ephemeral,
        )
        result = self._run_safely(
            request.caller,
            partial(
                ACTION_HANDLERS.get(route, _handle_unknown_action),
                self.services,
                request,
            ),
            later,
        )
        if body.get("view"):
            self._show_in_view(body["view"], context.client, request, result)
            return build_response({})
        message = self._post_reply(request, result)
        post = partial(self._enqueue_response, request.caller, request.response_url)
        posted = (
            self._run_safely(request.caller, partial(post, message))
            if message
            else None
        )
        if message and isinstance(posted, FailedReply):
            return self._respond_without_outbox(request, message, posted)
        return build_response({})

    @in_caller_locale
    def handle_shortcut(self, body: Body, context: BoltContext) -> BoltResponse:
        """A shortcut; a global one stands in no conversation, so whatever there is to say is said in a window."""
        trigger = read_trigger_id(body.get("trigger_id"))
        by = read_caller(body, context, "shortcut", f"shortcut:{trigger}")
        opens = ViewCall(context.client, "views.open", {"trigger_id": trigger})
        opening = partial(self._open_view, opens, by, None)
        opened = SHORTCUT_HANDLERS.get(
            str(body["callback_id"]), _handle_unknown_shortcut
        )
        result = self._run_safely(by, partial(opened, self.services, by, self.now()))
        opening(
            self._failure_modal(result.rendered)
            if isinstance(result, FailedReply)
            else result
        )
        return build_response({})

    @in_caller_locale
    def handle_options(self, body: Body, context: BoltContext) -> BoltResponse:
        """Letters typed into a field that asks for its choices; they go in the same HTTP response."""
        route, _, about = str(body["action_id"]).partition(":")
        value = clean_text(str(body.get("value") or "")[:FIELD_MAX_LENGTH])
        request = OptionsRequest(
            read_caller(body, context, "modal", ""), self.now(), value, about
        )
        result = self._run_safely(
            request.caller,
            partial(OPTIONS_HANDLERS.get(route, _no_options), self.services, request),
        )
        return build_response(
            _no_options(self.services, request)
            if isinstance(result, FailedReply)
            else result
        )

    @in_caller_locale
    def handle_submission(self, body: Body, context: BoltContext) -> BoltResponse:
        """A modal that was sent in; what is wrong with one field is said under it."""
        view = body["view"]
        by = read_caller(
            body,
            context,
            "modal",
            f"view:{read_slack_id(view.get('id'))}:{view.get('hash', '')}",
        )
        malformed = [
            block
            for block, element in _input_elements(view).items()
            if not all(map(is_slack_id, _selected_ids(element)))
        ]
        if malformed:
            renderer = self.services.renderer.render_label("field.bad_choice")
            return build_response(
                {
                    "response_action": "errors",
                    "errors": dict.fromkeys(malformed, renderer),
                }
            )
        too_long = {
            block: length
            for block, each in _input_elements(view).items()
            if (length := _typed_length(each)) > FIELD_MAX_LENGTH
        }
        if too_long:
            return build_response(
                {
                    "response_action": "errors",
                    "errors": self._reject_long_input(too_long),
                }
            )
        submission = ViewSubmission(
            by,
            self.now(),
            str(view.get("private_metadata", "")),
            _submitted_values(view),
        )
        cards = [
            block
            for block, value in submission.values.items()
            if holds_card_number(value)
        ]
        if cards:
            renderer = self.services.renderer.render(
                "refusals/card_number", "plain"
            ).text
            return build_response(
                {"response_action": "errors", "errors": dict.fromkeys(cards, renderer)}
            )
        name = str(view["callback_id"])
        later = DeferredRequest(
            by, "view", name, submission.private_metadata, values=submission.values
        )
        try:
            result = self._run_safely(
                by,
                partial(
                    SUBMISSION_HANDLERS.get(name, _handle_unknown_view),
                    self.services,
                    submission,
                ),
                later,
            )
        except FieldError as wrong:
            return build_response(
                {"response_action": "errors", "errors": {wrong.block_id: wrong.message}}
            )
        update = (
            self._failure_modal(result.rendered)
            if isinstance(result, FailedReply)
            else result
        )
        return build_response(
            {"response_action": "update", "view": update} if update else {}
        )

    @without_reply
    def handle_event(self, body: Body, context: BoltContext) -> BoltResponse:
        """Something happened in the workspace; Slack sends it again when it could not be kept."""
        event = clean_json_texts(body["event"], COMMAND_MAX_LENGTH)
        by = read_event_caller(body, context)
        with self.priority_gate.hold_priority():
            result = self._run_safely(
                by,
                partial(
                    SLACK_EVENT_HANDLERS[event["type"]],
                    self.services,
                    by,
                    self.now(),
                    event,
                ),
            )
        return (
            BoltResponse(status=503)
            if isinstance(result, FailedReply) and result.is_transient
            else build_response({})
        )

    def in_locale_of(self, by: Caller) -> Dispatcher:
        """The same doors in the language that the caller has chosen in Slack; as they are while it cannot be read."""
        try:
            speaking = self.services.for_locale(self.get_locale(by))
        except Unavailable:
            speaking = self.services.for_locale(None)
        # People of other workspaces have no commands, so nothing tells them to type one.
        is_external = by.account is not None and by.account.team != by.workspace
        return replace(
            self, services=speaking.without_commands() if is_external else speaking
        )

    def _reject_long_input(self, lengths: Mapping[str, int]) -> dict[str, str]:
        say = partial(
            self.services.renderer.render,
            "refusals/too_long",
            "plain",
            what="text",
            limit=FIELD_MAX_LENGTH,
        )
        return {block: say(length=length).text for block, length in lengths.items()}

    def _run_command(
        self, by: Caller, text: str, channel: str, opening: Callable[[View], None]
    ) -> Message | None:
        if len(text) > COMMAND_MAX_LENGTH:
            raise TooLong("command", len(text), COMMAND_MAX_LENGTH)
        if holds_card_number(text):
            raise CardNumber
        line = parser.parse(text, by.workspace, self.services.bus.roles)
        asked = CommandRequest(by, self.now(), channel, line, opening)
        return execute_line_or_open_form(self.services, asked)

    def _run_action(
        self, body: Body, context: BoltContext, value: str
    ) -> ActionRequest:
        trigger = read_trigger_id(body.get("trigger_id"))
        by = read_caller(body, context, "button", f"action:{trigger}")
        url = _response_url(body, context)
        ephemeral = bool((body.get("container") or {}).get("is_ephemeral"))
        origin = str(body["actions"][0].get("block_id", ""))
        view = body.get("view") or {}
        within = _surface_type(body) == "modal"
        method = "views.push" if within else "views.open"
        opening = partial(
            self._open_view,
            ViewCall(context.client, method, {"trigger_id": trigger}),
            by,
            url,
        )
        updating = partial(
            self._update_view,
            ViewCall(context.client, "views.update", {"view_id": _read_view_id(view)}),
        )
        showing = updating if within else opening
        return ActionRequest(
            by,
            self.now(),
            value,
            origin,
            ephemeral,
            url,
            opening,
            updating,
            showing,
            _submitted_values(view),
        )

    def _post_reply(
        self,
        request: ActionRequest,
        result: RenderedText | Message | FailedReply | None,
    ) -> Message | None:
        """What is posted to the click's own address, if anything: a kept copy is brought up to date by itself."""
        said = (
            result.rendered
            if isinstance(result, FailedReply)
            else result
            if isinstance(result, RenderedText)
            else None
        )
        if said is None:
            return (
                _with_reply_flags(request, result) if isinstance(result, dict) else None
            )
        if isinstance(result, RenderedText) and not request.is_ephemeral:
            return None
        shown = self._run_safely(
            request.caller, partial(_rebuild_list, self.services, request)
        )
        return _with_reply_flags(
            request,
            blocks.prepend_text(said, shown)
            if isinstance(shown, dict)
            else blocks.build_message(said),
        )

    def _show_in_view(
        self,
        place: Body,
        client: WebClient,
        request: ActionRequest,
        result: RenderedText | Message | FailedReply | None,
    ) -> None:
        """Words for a press in Home or in a window, neither of which has an address of its own, stand in a window.

        In a window they take the place of what was there, unless that is to stay.
        """
        stays = isinstance(result, FailedReply) or (
            isinstance(result, dict) and not result.get("replace_original", True)
        )
        shown = self._as_modal(result)
        if shown and place.get("type") == "modal" and not stays:
            self._open_view(
                ViewCall(client, "views.update", {"view_id": _read_view_id(place)}),
                request.caller,
                None,
                shown,
            )
        elif shown:
            request.open_view(shown)
        if isinstance(result, FailedReply):
            self._run_safely(
                request.caller,
                partial(home.refresh_home_of_caller, self.services, request.caller),
            )

    def _as_modal(
        self, result: RenderedText | Message | FailedReply | None
    ) -> View | None:
        if result is None:
            return None
        if isinstance(result, FailedReply):
            return self._failure_modal(result.rendered)
        shown = (
            blocks.paragraph_blocks(result.paragraphs)
            if isinstance(result, RenderedText)
            else result["blocks"]
        )
        label = self.services.renderer.render_label
        return blocks.modal_view(
            "shown", label("shown.title"), shown, close=label("close")
        )

    def _enqueue_response(self, by: Caller, url: str | None, message: Message) -> None:
        if url:
            key = (by.idempotency_key or "").partition(":")[2]
            self.services.outbox.enqueue_message(
                by.workspace, f"reply:{key}", "reply", {"url": url, "body": message}
            )

    def _respond_without_outbox(
        self, request: ActionRequest, message: Message, failed: FailedReply
    ) -> BoltResponse:
        """Answer a press at once, when what it is to be told cannot be kept."""
        if self.respond is None or not request.response_url:
            return (
                BoltResponse(status=503) if failed.is_transient else build_response({})
            )
        self.view_executor.submit(self._respond_now, self.respond, request, message)
        return build_response({})

    def _respond_now(
        self,
        respond: Callable[[str, str, Message], object],
        request: ActionRequest,
        message: Message,
    ) -> None:
        try:
            respond(request.caller.workspace, request.response_url or "", message)
        except (SlackCallFailed, MethodPaused) as trouble:
            log_error(log, "response_url", trouble)

    def _open_view(
        self, opens: ViewCall, by: Caller, url: str | None, view: View
    ) -> None:
        self.view_executor.submit(self._open_view_now, opens, by, url, view)

    def _open_view_now(
        self, opens: ViewCall, by: Caller, url: str | None, view: View
    ) -> None:
        try:
            opens(view)
        except SlackCallFailed as trouble:
            _log_view_failure(opens.method, trouble)
            message = blocks.build_message(
                self.services.renderer.render("refusals/window_failed")
            )
            body = {"response_type": "ephemeral", "replace_original": False, **message}
            self._run_safely(by, partial(self._enqueue_response, by, url, body))

    def _update_view(self, updates: ViewCall, view: View) -> None:
        self.update_executor.submit(self._update_view_now, updates, view)

    def _update_view_now(self, updates: ViewCall, view: View) -> None:
        try:
            updates(view)
        except SlackCallFailed as trouble:
            # The window stays as it was, or was closed meanwhile; sending it in is decided by the core all the same.
            _log_view_failure(updates.method, trouble)

    def _run_safely(
        self,
        by: Caller,
        run: Callable[[], Result],
        later: DeferredRequest | None = None,
    ) -> Result | FailedReply:
        """The one door through which nothing falls; what needs a profile that isn't known yet is done `later`."""
        try:
            self._reject_when_busy()
            return self._run_or_reject(by, run, later)
        except (FieldError, MalformedId):
            raise
        except Unavailable as unavailable:
            found = log_error(log, f"storage ({unavailable.reason})", unavailable)
            return self._failed_reply(
                "unsure" if unavailable.is_unsure else "unavailable",
                found,
                passing=True,
            )
        except Exception as mistake:  # noqa: BLE001 - the one door: whatever it is, the person gets a word and the log an id
            found = log_error(log, by.origin, mistake)
            return self._failed_reply("broken", found, passing=False)

    def _reject_when_busy(self) -> None:
        if self.busy_rejection:
            raise self.busy_rejection

    def _failed_reply(self, name: str, found: str, *, passing: bool) -> FailedReply:
        """Say that nothing was changed only when that is so."""
        if self.services.progress.has_changed:
            return FailedReply(self.services.renderer.render("refusals/not_shown"))
        return FailedReply(
            self.services.renderer.render(f"refusals/{name}", id=found),
            is_transient=passing,
        )

    def _run_or_reject(
        self, by: Caller, run: Callable[[], Result], later: DeferredRequest | None
    ) -> Result | FailedReply:
        try:
            return run()
        except ProfileUnread as unread:
            return FailedReply(
                later.enqueue(self.services)
                if later
                else self.services.render_rejection(unread, by)
            )
        except (Rejected, ParseError) as rejected:
            if self.services.progress.has_changed:
                return FailedReply(self.services.renderer.render("refusals/not_shown"))
            return FailedReply(self.services.render_rejection(rejected, by))

    def _failure_modal(self, said: RenderedText) -> View:
        renderer = self.services.renderer
        shown = blocks.paragraph_blocks(said.paragraphs)
        return blocks.modal_view(
            "wrong",
            renderer.render_label("wrong.title"),
            shown,
            close=renderer.render_label("close"),
        )


def build_response(body: dict[str, Any]) -> BoltResponse:
    """The answer with a body, or the empty acknowledgement."""
    return BoltResponse(status=200, body=body or "")


def _response_url(body: Body, context: BoltContext) -> str | None:
    """Return where an answer may be posted later; a workspace without the app has nothing that it could be kept in."""
    url = body.get("response_url")
    return url if context.bot_token and isinstance(url, str) else None


def _route_and_value(action: Body) -> tuple[str, str]:
    """The route and the value of a control: the option of a menu without a route of its own names both."""
    route, chosen = (
        str(action["action_id"]).partition(":")[0],
        action.get("selected_option"),
    )
    if chosen and route not in ACTION_HANDLERS:
        menu_option = MenuOption.decode(str(chosen["value"]))
        return menu_option.route, menu_option.value
    return route, str((chosen or action).get("value") or "")


def _rebuild_list(services: Services, request: ActionRequest) -> Message | None:
    """Return the ephemeral list that a button belongs to, as it is now."""
    if not request.is_ephemeral:
        return None
    handler = LIST_HANDLERS.get(BlockId.decode(request.origin).name)
    return handler(services, request) if handler else None


def _surface_type(body: Body) -> str:
    """Whether a control stands in a `modal` or in a `home`; in neither when it stands in a message."""
    return str((body.get("view") or {}).get("type") or "")


def _handle_unknown_action(services: Services, _click: ActionRequest) -> Message:
    return {**services.build_reply("stale"), "replace_original": False}


def _handle_unknown_view(services: Services, _sent: ViewSubmission) -> View:
    return command_answer_view(services.renderer, None, services.build_reply("stale"))


def _handle_unknown_shortcut(services: Services, _by: Caller, _at: datetime) -> View:
    return command_answer_view(services.renderer, None, services.build_reply("stale"))


def _log_view_failure(method: str, trouble: SlackCallFailed) -> None:
    if trouble.code in VIEW_CHANGED_CODES:
        log.info("%s: %s", method, trouble.code)
    elif trouble.code in EXPIRED_TRIGGER_CODES or trouble.kind is FailureKind.TRANSIENT:
        log.warning("%s: %s", method, trouble.code)
    else:
        log_error(log, f"{method} ({trouble.code})", trouble)


def _no_options(_desk: Services, _search: OptionsRequest) -> OptionsResponse:
    return {"options": []}


def _with_reply_flags(request: ActionRequest, message: Message) -> Message:
    replaces = message.get("replace_original", request.is_ephemeral)
    return {
        **message,
        "replace_original": replaces,
        **({} if replaces else {"response_type": "ephemeral"}),
    }


def _submitted_values(view: Body) -> dict[str, str]:
    """What was filled in, by block; of several choices, their values with commas."""
    return {
        block: _element_value(element)
        for block, element in _input_elements(view).items()
    }


def _read_view_id(view: Body) -> str:
    return read_slack_id(view["id"]) if "id" in view else ""


def _input_elements(view: Body) -> dict[str, Body]:
    state = (view.get("state") or {}).get("values") or {}
    return {
        block: next(iter(elements.values()), {}) for block, elements in state.items()
    }


def _selected_ids(element: Body) -> list[Any]:
    """Return the ids that were chosen in a field for users or channels."""
    one = (
        element.get("selected_user")
        or element.get("selected_conversation")
        or element.get("selected_channel")
    )
    many = element.get("selected_users") or element.get("selected_conversations") or ()
    return [*many, *([one] if one else [])]


def _typed_length(element: Body) -> int:
    """Return how many characters were typed into a field."""
    typed = element.get("value")
    return len(typed) if isinstance(typed, str) else 0


def _element_value(element: Body) -> str:
    many = _selected_ids(element) or [
        str(each["value"]) for each in element.get("selected_options") or ()
    ]
    if many:
        return ",".join(map(read_slack_id, many) if _selected_ids(element) else many)
    chosen = (element.get("selected_option") or {}).get("value")
    return clean_text(str(element.get("value") or "")[:FIELD_MAX_LENGTH]) or str(
        chosen or element.get("selected_date") or ""
    )

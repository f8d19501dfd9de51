"""From a payload to its handler, and from the result to Slack's response.

Each request is handled in the locale of its caller; whatever goes wrong is answered by
`RequestRunner`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from slack_bolt import BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.error_log import log_error
from bot.priority_gate import PriorityGate
from bot.request_trace import trace_request
from bot.slack.account_lookup import accounts_to_look_up
from bot.slack.action_requests import build_action_request
from bot.slack.address_lookup import addresses_to_look_up
from bot.slack.button_values import MenuOption
from bot.slack.channel_lookup import channel_to_look_up, link_to_join
from bot.slack.deferred_requests import DeferredRequest, RequestKind
from bot.slack.errors import MethodPaused, SlackCallFailed
from bot.slack.handler_calls import run_action, run_submission
from bot.slack.handlers.channels import check_may_link
from bot.slack.handlers.forms import execute_line_or_open_form
from bot.slack.handlers.home import refresh_home_of_caller
from bot.slack.handlers.pages import rebuild_page, replace_page_message
from bot.slack.identity import (
    is_slack_id,
    read_app_id,
    read_caller,
    read_event_caller,
    read_slack_id,
    read_trigger_id,
)
from bot.slack.input_checks import (
    COMMAND_MAX_LENGTH,
    check_command_text,
    find_field_errors,
)
from bot.slack.lookups import parse_line
from bot.slack.modal_calls import ModalCall, ModalQueue
from bot.slack.page_below import (
    ShownPage,
    attach_page,
    find_page_below,
    read_metadata,
)
from bot.slack.payloads import Body
from bot.slack.reach_notes import add_reach_note
from bot.slack.replies import (
    Reply,
    build_failure_modal,
    build_field_errors_response,
    build_reply_message,
    build_response,
    enqueue_response,
    report_refused_modal,
)
from bot.slack.request_runner import RequestFailed, RequestRunner
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    OptionsRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routes import (
    ACTION_HANDLERS,
    OPTIONS_HANDLERS,
    SHORTCUT_HANDLERS,
    SLACK_EVENT_HANDLERS,
)
from bot.slack.view_state import (
    FIELD_MAX_LENGTH,
    read_field_values,
    read_view_id,
)
from bot.slack.views import Message, OptionsResponse, View, blocks
from bot.slack.views.forms import command_answer_view
from collab.deadline import request_deadline
from collab.errors import Rejected
from collab.model import Account, Caller, ChannelId, WorkspaceId
from collab.text import clean_json_texts, clean_text
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.slack")


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """One method for each type of payload.

    `get_locale` returns the locale of a caller; it may call Slack, and raises
    Unavailable. `respond` posts to a response URL where the outbox cannot be written.
    """

    services: Services
    now: Callable[[], datetime]
    modals: ModalQueue
    priority_gate: PriorityGate
    get_locale: Callable[[Caller], str | None]
    respond: Callable[[WorkspaceId, str, Message], object] | None = None

    def handle_command(self, body: Body, context: BoltContext) -> BoltResponse:
        """Handle a typed command; the reply goes into the response."""
        with self._start_request(body, context) as runner:
            trigger_id = read_trigger_id(body.get("trigger_id"))
            by = read_caller(body, context, "command", f"command:{trigger_id}")
            channel = read_slack_id(body["channel_id"]) if "channel_id" in body else ""
            url = _read_response_url(body, context)
            text = str(body.get("text") or "")
            call = ModalCall(context.client, "views.open", {"trigger_id": trigger_id})
            open_view = partial(self._open_view, runner, call, by, url)
            app_id = read_app_id(body)
            run_command = partial(
                self._run_command, runner.services, by, text, channel, open_view, app_id
            )
            deferred = DeferredRequest(by, RequestKind.COMMAND, text, channel, url)
            try:
                message = runner.run(by, run_command, deferred)
            except RequestFailed as failed:
                message = blocks.build_message(failed.text)
            if message is None:
                return build_response({})
            return build_response({"response_type": "ephemeral", **message})

    def handle_action(self, body: Body, context: BoltContext) -> BoltResponse:
        """Handle a pressed button or a selected option.

        Slack ignores the body of the response, so a reply goes through the outbox, or
        into a modal when the control is in a view.
        """
        with self._start_request(body, context) as runner:
            route, value = _read_route_and_value(body["actions"][0])
            request = self._build_action_request(runner, body, context, value)
            reply = run_action(runner, route, request)
            page = request.page or request.page_below
            self._refresh_page(runner, context.client, request.caller, page)
            if body.get("view"):
                self._show_in_view(runner, body["view"], context.client, request, reply)
                return build_response({})
            message = build_reply_message(runner, request, reply)
            if message is None:
                return build_response({})
            return self._post_message(runner, request, message)

    def handle_shortcut(self, body: Body, context: BoltContext) -> BoltResponse:
        """Handle a global shortcut, which is answered by a modal."""
        with self._start_request(body, context) as runner:
            trigger_id = read_trigger_id(body.get("trigger_id"))
            by = read_caller(body, context, "shortcut", f"shortcut:{trigger_id}")
            handler = SHORTCUT_HANDLERS.get(
                str(body["callback_id"]), _handle_unknown_shortcut
            )
            try:
                view = runner.run(by, partial(handler, runner.services, by, self.now()))
            except RequestFailed as failed:
                view = build_failure_modal(runner.services.renderer, failed.text)
            call = ModalCall(context.client, "views.open", {"trigger_id": trigger_id})
            self._open_view(runner, call, by, None, view)
            return build_response({})

    def handle_options(self, body: Body, context: BoltContext) -> BoltResponse:
        """Return the options for a text typed into a select."""
        with self._start_request(body, context) as runner:
            route, _, field_key = str(body["action_id"]).partition(":")
            typed = clean_text(str(body.get("value") or "")[:FIELD_MAX_LENGTH])
            by = read_caller(body, context, "modal", "")
            request = OptionsRequest(by, self.now(), typed, field_key)
            handler = OPTIONS_HANDLERS.get(route, _find_no_options)
            try:
                options = runner.run(by, partial(handler, runner.services, request))
            except RequestFailed:
                options = _find_no_options(runner.services, request)
            return build_response(options)

    def handle_submission(self, body: Body, context: BoltContext) -> BoltResponse:
        """Handle a submitted modal; errors of fields are shown under them."""
        with self._start_request(body, context) as runner:
            view = body["view"]
            view_id, view_hash = read_slack_id(view.get("id")), view.get("hash", "")
            by = read_caller(body, context, "modal", f"view:{view_id}:{view_hash}")
            field_errors = find_field_errors(runner.services.renderer, view)
            if field_errors:
                return build_field_errors_response(field_errors)
            submission = ViewSubmission(
                by,
                self.now(),
                read_metadata(view),
                read_field_values(view),
            )
            page = find_page_below(view)
            response = run_submission(
                runner,
                str(view["callback_id"]),
                submission,
                page,
                shows_page=page is not None and page.is_below(view),
            )
            self._refresh_page(runner, context.client, by, page)
            return response

    def handle_event(self, body: Body, context: BoltContext) -> BoltResponse:
        """Handle an event; Slack sends it again if storage is unavailable."""
        with request_deadline():
            runner = RequestRunner(self.services.for_locale(None))
            event = clean_json_texts(body["event"], COMMAND_MAX_LENGTH)
            event["api_app_id"] = read_app_id(body)
            event["event_time"] = body.get("event_time")
            by = read_event_caller(body, context)
            handler = SLACK_EVENT_HANDLERS[event["type"]]
            handle = partial(handler, runner.services, by, self.now(), event)
            with trace_request(by.workspace), self.priority_gate.hold_priority():
                try:
                    runner.run(by, handle)
                except RequestFailed as failed:
                    if failed.is_transient:
                        return BoltResponse(status=503)
            return build_response({})

    @contextmanager
    def _start_request(
        self, body: Body, context: BoltContext
    ) -> Iterator[RequestRunner]:
        """Yield a runner in the caller's locale, once it is the request's turn.

        What may call Slack is done before that.
        """
        with request_deadline(), ExitStack() as turn:
            by = read_caller(body, context, "", "")
            is_command = "command" in body
            turn.enter_context(trace_request(by.workspace, is_command=is_command))
            services = self._localize(by)
            self._prefetch(body, by)
            busy: Unavailable | None = None
            try:
                turn.enter_context(self.priority_gate.hold_priority())
            except Unavailable as error:
                busy = error
            yield RequestRunner(services, busy)

    def _localize(self, by: Caller) -> Services:
        """Return the services in the caller's locale, or in the default one."""
        try:
            locale = self.get_locale(by)
        except Unavailable:
            locale = None
        services = self.services.for_locale(locale)
        # People of other workspaces have no commands, so none is suggested to them.
        is_external = by.account is not None and by.account.team != by.workspace
        return services.without_commands() if is_external else services

    def _prefetch(self, body: Body, by: Caller) -> None:
        """Look up the channel and the addresses that the payload names."""
        channel_lookup = self.services.channel_lookup
        channel = channel_to_look_up(body)
        link = link_to_join(body)
        if channel_lookup and link and is_slack_id(link.channel_id):
            # Not without the right: the handler says so.
            with suppress(Rejected, Unavailable):
                check_may_link(self.services, by, self.now(), link)
                channel_lookup.join(by, link.channel_id)
        if channel_lookup and channel and is_slack_id(channel):
            channel_lookup.prefetch_state(by, channel, is_own="command" in body)
        address_lookup = self.services.address_lookup
        emails = addresses_to_look_up(body)
        if address_lookup and emails:
            address_lookup.fetch_accounts(by.workspace, emails)
        for user_id in accounts_to_look_up(body):
            account = Account(by.workspace, user_id)
            with suppress(Unavailable):
                # The profile of who is new here is read and saved with it.
                self.get_locale(Caller(by.workspace, account, by.origin))

    def _run_command(
        self,
        services: Services,
        by: Caller,
        text: str,
        channel: str,
        open_view: Callable[[View], None],
        app_id: str,
    ) -> Message | None:
        check_command_text(text)
        line = parse_line(services, by, self.now(), text)
        request = CommandRequest(
            by, self.now(), ChannelId(channel), line, open_view, app_id=app_id
        )
        return add_reach_note(services, execute_line_or_open_form(services, request))

    def _build_action_request(
        self, runner: RequestRunner, body: Body, context: BoltContext, value: str
    ) -> ActionRequest:
        trigger_id = read_trigger_id(body.get("trigger_id"))
        by = read_caller(body, context, "button", f"action:{trigger_id}")
        url = _read_response_url(body, context)

        def open_modal(call: ModalCall, view: View) -> None:
            self._open_view(runner, call, by, url, view)

        return build_action_request(
            body,
            by,
            self.now(),
            value=value,
            response_url=url,
            client=context.client,
            modals=self.modals,
            open_modal=open_modal,
        )

    def _show_in_view(
        self,
        runner: RequestRunner,
        surface: Body,
        client: WebClient,
        request: ActionRequest,
        reply: Reply,
    ) -> None:
        """Show a reply to a press in Home or a modal, which have no response URL.

        It replaces the modal of the control, unless that is to stay.
        """
        view = None
        if not request.replacing:
            view = reply.build_modal(runner.services.renderer)
        if view and surface.get("type") == "modal" and not reply.keeps_original:
            call = ModalCall(client, "views.update", {"view_id": read_view_id(surface)})
            view = attach_page(request.page_below, view)
            self._open_view(runner, call, request.caller, None, view)
        elif view:
            request.open_view(view)
        if reply.is_failure:
            self._refresh_home(runner, request.caller)

    def _refresh_home(self, runner: RequestRunner, by: Caller) -> None:
        try:
            runner.run(by, partial(refresh_home_of_caller, runner.services, by))
        except RequestFailed:
            return  # it is logged, and the person has a reply to the press already

    def _refresh_page(
        self,
        runner: RequestRunner,
        client: WebClient,
        by: Caller,
        page: ShownPage | None,
    ) -> None:
        """Bring a page up to date after a request has changed something."""
        if page is None or not runner.services.progress.has_changed:
            return
        if page.is_message:
            replace = partial(replace_page_message, runner.services, by, self.now())
            with suppress(RequestFailed):  # it is logged
                runner.run(by, partial(replace, page))
            return
        rebuild = partial(rebuild_page, runner.services, by, self.now(), page.trail)
        try:
            view = runner.run(by, rebuild)
        except RequestFailed:
            return  # it is logged
        call = ModalCall(client, "views.update", {"view_id": page.address})
        self.modals.update(call, view)

    def _post_message(
        self, runner: RequestRunner, request: ActionRequest, message: Message
    ) -> BoltResponse:
        """Enqueue a reply; without the outbox, post it at once."""
        enqueue = partial(
            enqueue_response,
            runner.services,
            request.caller,
            request.response_url,
            message,
        )
        try:
            runner.run(request.caller, enqueue)
        except RequestFailed as failed:
            if self.respond and request.response_url:
                post = partial(_post_now, self.respond, request, message)
                self.modals.submit(post)
            elif failed.is_transient:
                return BoltResponse(status=503)
        return build_response({})

    def _open_view(
        self,
        runner: RequestRunner,
        call: ModalCall,
        by: Caller,
        url: str | None,
        view: View,
    ) -> None:
        """Show a modal; if Slack refuses it, a message to the response URL says so."""
        report = partial(report_refused_modal, runner, by, url)
        self.modals.open(call, view, report)


def _post_now(
    respond: Callable[[WorkspaceId, str, Message], object],
    request: ActionRequest,
    message: Message,
) -> None:
    try:
        respond(request.caller.workspace, request.response_url or "", message)
    except (SlackCallFailed, MethodPaused) as error:
        log_error(log, "response_url", error)


def _read_response_url(body: Body, context: BoltContext) -> str | None:
    """Return where a reply may be posted later.

    A workspace without the app has no outbox to keep one.
    """
    url = body.get("response_url")
    return url if context.bot_token and isinstance(url, str) else None


def _read_route_and_value(action: Body) -> tuple[str, str]:
    """Return the route and the value of a control.

    An option of a menu without a route of its own names both.
    """
    route = str(action["action_id"]).partition(":")[0]
    option = action.get("selected_option")
    if option and route not in ACTION_HANDLERS:
        menu_option = MenuOption.decode(str(option["value"]))
        return menu_option.route, menu_option.value
    return route, str((option or action).get("value") or "")


def _handle_unknown_shortcut(services: Services, _by: Caller, _at: datetime) -> View:
    return command_answer_view(
        services.renderer, None, services.build_reply("outdated_control")
    )


def _find_no_options(_services: Services, _request: OptionsRequest) -> OptionsResponse:
    return {"options": []}

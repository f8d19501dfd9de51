"""Call the handler of an action or a submission, and turn its result into a reply."""

from __future__ import annotations

from functools import partial

from slack_bolt import BoltResponse

from bot.slack.deferred_requests import DeferredRequest, RequestKind
from bot.slack.page_below import ShownPage, attach_page
from bot.slack.reach_notes import add_reach_note
from bot.slack.replies import (
    UNCHANGED_TITLE,
    Reply,
    build_failure_modal,
    build_field_errors_response,
    build_response,
)
from bot.slack.request_runner import RequestFailed, RequestRunner
from bot.slack.requests import ActionRequest, FieldError, Services, ViewSubmission
from bot.slack.routes import ACTION_HANDLERS, ACTION_TITLES, SUBMISSION_HANDLERS
from bot.slack.views import Message, View
from bot.slack.views.forms import command_answer_view
from bot.slack.views.resources import DONE


def run_action(runner: RequestRunner, route: str, request: ActionRequest) -> Reply:
    """Return the reply to a press, or what went wrong."""
    handler = ACTION_HANDLERS.get(route, _handle_unknown_action)
    deferred = DeferredRequest(
        request.caller,
        RequestKind.ACTION,
        route,
        request.value,
        request.response_url,
        request.origin,
        request.is_ephemeral,
    )
    handle = partial(handler, runner.services, request)
    title_key = ACTION_TITLES.get(route, UNCHANGED_TITLE)
    try:
        result = runner.run(request.caller, handle, deferred)
        return Reply.from_result(add_reach_note(runner.services, result), title_key)
    except RequestFailed as failed:
        return Reply(text=failed.text, is_failure=True)


def run_submission(
    runner: RequestRunner,
    callback_id: str,
    submission: ViewSubmission,
    page: ShownPage | None,
    *,
    shows_page: bool,
) -> BoltResponse:
    """Return the response to a submission: a modal in its place, errors or nothing.

    `page` is the page from which the submitted modal was opened; with `shows_page` it
    is what appears when that modal closes, so that what was done can be seen there.
    """
    handler = SUBMISSION_HANDLERS.get(callback_id, _handle_unknown_view)
    deferred = DeferredRequest(
        submission.caller,
        RequestKind.VIEW,
        callback_id,
        submission.private_metadata,
        values=submission.values,
    )
    handle = partial(handler, runner.services, submission)
    try:
        view = runner.run(submission.caller, handle, deferred)
        view = add_reach_note(runner.services, view)
    except FieldError as error:
        return build_field_errors_response({error.block_id: error.message})
    except RequestFailed as failed:
        view = build_failure_modal(runner.services.renderer, failed.text)
    if view is None or (shows_page and view.get("callback_id") == DONE):
        return build_response({})
    shown = attach_page(page, view)
    return build_response({"response_action": "update", "view": shown})


def _handle_unknown_action(services: Services, _request: ActionRequest) -> Message:
    return {**services.build_reply("outdated_control"), "replace_original": False}


def _handle_unknown_view(services: Services, _submission: ViewSubmission) -> View:
    return command_answer_view(
        services.renderer, None, services.build_reply("outdated_control")
    )

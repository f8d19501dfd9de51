"""Access requests: requesting a role, withdrawing, approving and denying requests."""

from __future__ import annotations

from bot.rendering import RenderedText
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.slots import Slot
from bot.slack.event_details import read_first_event, render_event
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.access_requests import deny_request_view, request_form_view
from bot.slack.views.forms import command_answer_view
from bot.slack.views.outsiders import outsider_request_view
from collab import errors, events
from collab.access_request_queries import ListRequestableRoles, ShowAnswerableRequest
from collab.access_requests import (
    ApproveRequest,
    DenyRequest,
    RequestAccess,
    WithdrawRequest,
)
from collab.model import ResourceId

_read_sent_request = read_first_event(events.RequestSent)
_read_ended_request = read_first_event(events.RequestEnded)
_read_granted_request = read_first_event(events.RequestGranted)


def request_role(services: Services, request: CommandRequest) -> Message:
    """Request a role on a resource."""
    command = RequestAccess(
        request.caller,
        request.get(Slot.ROLE),
        get_resource_or_linked(services, request),
        request.get(Slot.NOTE),
    )
    outcome = services.execute(command, request.at, _read_sent_request)
    return blocks.build_message(render_event(services, "requested", outcome))


def withdraw_request(services: Services, request: CommandRequest) -> Message:
    """Withdraw the caller's request for a role on a resource."""
    resource_ref = get_resource_or_linked(services, request)
    command = WithdrawRequest(request.caller, resource_ref)
    outcome = services.execute(command, request.at, _read_ended_request)
    return blocks.build_message(render_event(services, "withdrawn", outcome))


def press_withdraw_request(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Withdraw the request that the button belongs to."""
    command = WithdrawRequest(request.caller, request.value)
    outcome = services.execute(command, request.at, _read_ended_request)
    if outcome.is_repeated:
        return None
    return render_event(services, "withdrawn", outcome)


def open_request_form(
    services: Services, request: ActionRequest, resource_id: ResourceId
) -> None:
    """Open a modal with the roles above the caller's own."""
    query = ListRequestableRoles(request.caller, resource_id)
    requestable = services.bus.query(query, request.at)
    request.open_view(
        request_form_view(services.renderer, requestable.resource, requestable.roles)
    )


def submit_request_form(services: Services, submission: ViewSubmission) -> View:
    """Request the chosen role; the modal then says who will answer."""
    command = RequestAccess(
        submission.caller,
        submission.fields.get(Slot.ROLE, ""),
        submission.private_metadata,
        submission.fields.get(Slot.NOTE),
    )
    outcome = services.execute(command, submission.at, _read_sent_request)
    answer = blocks.build_message(render_event(services, "requested", outcome))
    return command_answer_view(services.renderer, VERB_BY_NAME["request"], answer)


def approve_request(services: Services, request: ActionRequest) -> RenderedText | None:
    """Approve a request.

    If it gives power to somebody from outside, a question comes first.
    """
    command = ApproveRequest(request.caller, request.access_request_id, asks_first=True)
    try:
        outcome = services.execute(command, request.at, _read_granted_request)
    except errors.PowerForOutsider:
        query = ShowAnswerableRequest(request.caller, request.access_request_id)
        access_request = services.bus.query(query, request.at)
        request.open_view(outsider_request_view(services.renderer, access_request))
        return None
    if outcome.is_repeated:
        return None
    return render_event(services, "granted", outcome)


def submit_outsider_request(
    services: Services, submission: ViewSubmission
) -> View | None:
    """Approve a request after the question; its messages are updated."""
    command = ApproveRequest(submission.caller, submission.access_request_id)
    services.execute(command, submission.at)
    return None


def open_deny_form(services: Services, request: ActionRequest) -> None:
    """Open a modal for an optional reason, if the caller may still answer."""
    query = ShowAnswerableRequest(request.caller, request.access_request_id)
    access_request = services.bus.query(query, request.at)
    request.open_view(deny_request_view(services.renderer, access_request))


def submit_deny_form(services: Services, submission: ViewSubmission) -> View | None:
    """Deny a request; its messages are updated through the outbox."""
    reason = submission.fields.get(Slot.NOTE)
    command = DenyRequest(submission.caller, submission.access_request_id, reason)
    services.execute(command, submission.at)
    return None


ROUTES = (
    CommandRoute("request", request_role),
    CommandRoute("withdraw", withdraw_request),
    ActionRoute("withdraw", press_withdraw_request, "request.title"),
    ActionRoute("grant", approve_request, "modal.request"),
    ActionRoute("refuse", open_deny_form),
    SubmissionRoute("request", submit_request_form),
    SubmissionRoute("grant_outsider", submit_outsider_request),
    SubmissionRoute("refuse", submit_deny_form),
)

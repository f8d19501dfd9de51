"""Invitations as invited people see them: accepting, declining, snoozing, muting."""

from __future__ import annotations

from collections.abc import Callable

from bot.rendering import RenderedText
from bot.slack.commands.slots import Slot
from bot.slack.handlers.invitations import track_ephemeral_list
from bot.slack.handlers.transfers import open_acceptance_form
from bot.slack.lookups import (
    find_invitation_of_repeated_request,
    list_pending_invitations,
    make_invitation_reader,
)
from bot.slack.requests import ActionRequest, CommandRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.invitations import decline_invitation_view
from bot.slack.views.next_steps import NextStep, next_steps_block
from bot.slack.views.pending import pending_items_message
from collab import errors
from collab.command import Command
from collab.invitations.answer_queries import (
    ShowAnswerableInvitation,
    requires_details,
)
from collab.invitations.answers import (
    AcceptInvitation,
    DeclineInvitation,
    MuteInvitation,
    SnoozeInvitation,
)
from collab.invitations.asking_again import AskForInvitationAgain
from collab.model import InvitationId
from collab.open_items import InvitationView


def accept_invitation(services: Services, request: CommandRequest) -> Message:
    """Accept the one pending invitation that matches, or list those that do.

    What was agreed to already counts where nothing else matches.
    """
    matching = _list_matching(services, request)
    matching = [view for view in matching if view.waits] or matching
    if len(matching) > 1 or any(
        view.waits and requires_details(services.bus.roles, view) for view in matching
    ):
        return pending_items_message(services.renderer, matching, 0)

    def build_command(invitation_id: InvitationId) -> AcceptInvitation:
        return AcceptInvitation(request.caller, invitation_id)

    return _answer_matching(services, request, matching, "accepted", build_command)


def decline_invitation(services: Services, request: CommandRequest) -> Message:
    """Decline the one pending invitation that matches, or list those that do."""
    matching = _list_matching(services, request)
    if len(matching) > 1:
        return pending_items_message(services.renderer, matching, 0)

    def build_command(invitation_id: InvitationId) -> DeclineInvitation:
        reason = request.get(Slot.NOTE)
        return DeclineInvitation(request.caller, invitation_id, reason)

    return _answer_matching(services, request, matching, "declined", build_command)


def press_accept_invitation(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Accept an invitation, or open a modal if it takes more than a yes."""
    view = services.get_invitation(request.caller, request.at, request.invitation_id)
    if view.waits and requires_details(services.bus.roles, view):
        query = ShowAnswerableInvitation(request.caller, request.invitation_id)
        view = services.bus.query(query, request.at)
        track_ephemeral_list(services, request, view, "invitation")
        open_acceptance_form(services, request, view)
        return None
    command = AcceptInvitation(request.caller, request.invitation_id)
    return _execute_answer(services, request, "accepted", command)


def snooze_reminders(services: Services, request: ActionRequest) -> RenderedText | None:
    """Snooze the reminders of an invitation for a day."""
    command = SnoozeInvitation(request.caller, request.invitation_id)
    return _execute_answer(services, request, "snoozed", command)


def mute_reminders(services: Services, request: ActionRequest) -> RenderedText | None:
    """Mute the reminders of an invitation."""
    command = MuteInvitation(request.caller, request.invitation_id)
    return _execute_answer(services, request, "muted", command)


def press_ask_again(services: Services, request: ActionRequest) -> None:
    """Ask the inviter to send an expired invitation again; the card says so through
    the outbox.
    """
    command = AskForInvitationAgain(request.caller, request.invitation_id)
    services.execute(command, request.at)


def explain_invitation(services: Services, request: ActionRequest) -> Message:
    """Explain an invitation beside its message, which stays."""
    view = services.get_invitation(request.caller, request.at, request.invitation_id)
    return {**services.build_reply("about", card=view), "replace_original": False}


def open_decline_form(services: Services, request: ActionRequest) -> None:
    """Open a modal for an optional reason, if the caller may still answer."""
    query = ShowAnswerableInvitation(request.caller, request.invitation_id)
    view = services.bus.query(query, request.at)
    track_ephemeral_list(services, request, view, "invitation")
    request.open_view(decline_invitation_view(services.renderer, view))


def submit_decline_form(services: Services, submission: ViewSubmission) -> View | None:
    """Decline an invitation; its messages are updated through the outbox."""
    reason = submission.fields.get(Slot.NOTE)
    command = DeclineInvitation(submission.caller, submission.invitation_id, reason)
    services.execute(command, submission.at)
    return None


def _list_matching(services: Services, request: CommandRequest) -> list[InvitationView]:
    resource_ref = request.get(Slot.RESOURCE)
    return list(
        list_pending_invitations(services, request.caller, request.at, resource_ref)
    )


def _answer_matching(
    services: Services,
    request: CommandRequest,
    matching: list[InvitationView],
    reply: str,
    build_command: Callable[[InvitationId], Command],
) -> Message:
    """Answer the only matching invitation; raises NothingPending if there is none.

    Without a match this may be a request that arrived before: then its invitation is
    answered once more, which changes nothing.
    """
    invitation_id: InvitationId | None
    if matching:
        invitation_id = matching[0].invitation.id
    else:
        command = build_command(InvitationId(""))
        invitation_id = find_invitation_of_repeated_request(
            services, command, request.at
        )
    if invitation_id is None:
        raise errors.NothingPending(request.get(Slot.RESOURCE))
    read_invitation = make_invitation_reader(invitation_id)
    command = build_command(invitation_id)
    outcome = services.execute(command, request.at, read_invitation)
    text = services.render_reply(reply, card=outcome.view, at=request.at)
    if reply != "accepted" or outcome.view is None:
        return blocks.build_message(text)
    steps = next_steps_block(
        services.renderer, outcome.view.resource, NextStep.OPEN, NextStep.MEMBERS
    )
    return blocks.build_message(text, steps)


def _execute_answer(
    services: Services, request: ActionRequest, reply: str, command: Command
) -> RenderedText | None:
    read_invitation = make_invitation_reader(request.invitation_id)
    outcome = services.execute(command, request.at, read_invitation)
    if outcome.is_repeated:
        return None
    return services.render_reply(reply, card=outcome.view, at=request.at)


ROUTES = (
    CommandRoute("accept", accept_invitation),
    CommandRoute("decline", decline_invitation),
    ActionRoute("accept", press_accept_invitation, "modal.invitation"),
    ActionRoute("decline", open_decline_form),
    ActionRoute("snooze", snooze_reminders, "modal.invitation"),
    ActionRoute("mute", mute_reminders, "modal.invitation"),
    ActionRoute("ask_again", press_ask_again),
    ActionRoute("about", explain_invitation, "modal.invitation"),
    SubmissionRoute("decline", submit_decline_form),
)

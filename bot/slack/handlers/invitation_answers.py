"""Invitations from the side of those who are invited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.rendering import RenderedText
from bot.slack.commands.slots import Slot
from bot.slack.handlers.billing import open_acceptance_form
from bot.slack.handlers.invitations import track_ephemeral_list
from bot.slack.lookups import (
    find_invitation_of_delivery,
    list_pending_invitations,
    read_invitation,
    require_pending,
)
from bot.slack.requests import ActionRequest, CommandRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.invitations import decline_invitation_view
from bot.slack.views.pending import pending_items_message
from collab import errors
from collab.invitations.answers import (
    AcceptInvitation,
    DeclineInvitation,
    MuteInvitation,
    SnoozeInvitation,
    may_answer,
)
from collab.invitations.rules import OWN, PAY
from collab.open_items import InvitationView


def accept_invitation(services: Services, asked: CommandRequest) -> Message:
    """Say yes to the one invitation that fits, or show those that do."""
    return _answer_pending_invitation(
        services,
        asked,
        "accepted",
        lambda invitation: AcceptInvitation(asked.caller, invitation),
    )


def decline_invitation(services: Services, asked: CommandRequest) -> Message:
    """Say no to the one invitation that fits, or show those that do."""
    reason = asked.get(Slot.NOTE)
    return _answer_pending_invitation(
        services,
        asked,
        "declined",
        lambda invitation: DeclineInvitation(asked.caller, invitation, reason),
    )


def press_accept_invitation(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Accept pressed; an offer to pay, or to own what pays, asks in a window for what it needs."""
    card = services.get_invitation(request.caller, request.at, request.value)
    if card.waits and needs_acceptance_form(services, card):
        check_may_answer(services, request, card)
        track_ephemeral_list(services, request, card, "invitation")
        open_acceptance_form(services, request, card)
        return None
    return _execute_answer(
        services, request, "accepted", AcceptInvitation(request.caller, request.value)
    )


def snooze_reminders(services: Services, request: ActionRequest) -> RenderedText | None:
    """Snooze for a day chosen."""
    return _execute_answer(
        services, request, "snoozed", SnoozeInvitation(request.caller, request.value)
    )


def mute_reminders(services: Services, request: ActionRequest) -> RenderedText | None:
    """Mute reminders chosen."""
    return _execute_answer(
        services, request, "muted", MuteInvitation(request.caller, request.value)
    )


def explain_invitation(services: Services, request: ActionRequest) -> Message:
    """What is this? chosen: answered beside the message, which stays."""
    card = services.get_invitation(request.caller, request.at, request.value)
    return {**services.build_reply("about", card=card), "replace_original": False}


def open_decline_form(services: Services, request: ActionRequest) -> None:
    """Decline pressed: a window for an optional reason, when there is still something to answer."""
    card = services.get_invitation(request.caller, request.at, request.value)
    check_may_answer(services, request, card)
    track_ephemeral_list(services, request, card, "invitation")
    request.open_view(decline_invitation_view(services.renderer, card))


def submit_decline_form(services: Services, submission: ViewSubmission) -> View | None:
    """The window sent in; the message is replaced through the outbox."""
    services.execute(
        DeclineInvitation(
            submission.caller,
            submission.private_metadata,
            submission.values.get("reason") or None,
        ),
        submission.at,
    )
    return None


def needs_acceptance_form(services: Services, card: InvitationView) -> bool:
    """Whether more than a yes is needed: what is to pay, or whether what is owned gets a payment method."""
    has_billing = services.bus.roles[card.resource.kind].has_plans
    return card.invitation.purpose == PAY or (
        card.invitation.purpose == OWN and has_billing
    )


def check_may_answer(
    services: Services, request: ActionRequest, card: InvitationView
) -> None:
    """Refuse what is not the presser's to answer, or no longer open."""
    with services.read_workspace(request.caller) as repositories:
        me = (
            repositories.people.find_person_by_account(request.caller.account)
            if request.caller.account
            else None
        )
        if me is None or not may_answer(
            services.bus.context(repositories, request.at), me.id, card.invitation
        ):
            raise errors.NotYours
    require_pending(services, request, card)


def _answer_pending_invitation(
    services: Services, asked: CommandRequest, name: str, act: Callable[[str], Any]
) -> Message:
    what = asked.get(Slot.RESOURCE)
    found = list_pending_invitations(services, asked.caller, asked.at, what)
    if len(found) > 1 or (
        name == "accepted" and found and needs_acceptance_form(services, found[0])
    ):
        return pending_items_message(services.renderer, found, 0)
    invitation = (
        found[0].invitation.id
        if found
        else find_invitation_of_delivery(services, act(""), asked.at)
    )
    if invitation is None:
        raise errors.NothingPending(what)
    outcome = services.execute(act(invitation), asked.at, read_invitation(invitation))
    return blocks.build_message(services.render_reply(name, card=outcome.view))


def _execute_answer(
    services: Services, request: ActionRequest, name: str, act: Any
) -> RenderedText | None:
    outcome = services.execute(act, request.at, read_invitation(request.value))
    return (
        None if outcome.is_repeated else services.render_reply(name, card=outcome.view)
    )


ROUTES = (
    CommandRoute("accept", accept_invitation),
    CommandRoute("decline", decline_invitation),
    ActionRoute("accept", press_accept_invitation),
    ActionRoute("decline", open_decline_form),
    ActionRoute("snooze", snooze_reminders),
    ActionRoute("mute", mute_reminders),
    ActionRoute("about", explain_invitation),
    SubmissionRoute("decline", submit_decline_form),
)

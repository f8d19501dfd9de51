"""Invitations from the side of those who are invited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.rendering import RenderedText
from bot.slack.commands.catalog import Slot
from bot.slack.handlers.billing import open_acceptance_form
from bot.slack.handlers.invitations import track_ephemeral_list
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
    find_invitation_of_delivery,
    list_pending_invitations,
    read_invitation,
    require_pending,
)
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


def accept_invitation(desk: Services, asked: CommandRequest) -> Message:
    """Say yes to the one invitation that fits, or show those that do."""
    return _answer_pending_invitation(
        desk,
        asked,
        "accepted",
        lambda invitation: AcceptInvitation(asked.caller, invitation),
    )


def decline_invitation(desk: Services, asked: CommandRequest) -> Message:
    """Say no to the one invitation that fits, or show those that do."""
    reason = asked.get(Slot.NOTE)
    return _answer_pending_invitation(
        desk,
        asked,
        "declined",
        lambda invitation: DeclineInvitation(asked.caller, invitation, reason),
    )


def press_accept_invitation(
    desk: Services, click: ActionRequest
) -> RenderedText | None:
    """Accept pressed; an offer to pay, or to own what pays, asks in a window for what it needs."""
    card = desk.get_invitation(click.caller, click.at, click.value)
    if card.waits and needs_acceptance_form(desk, card):
        check_may_answer(desk, click, card)
        track_ephemeral_list(desk, click, card, "invitation")
        open_acceptance_form(desk, click, card)
        return None
    return _execute_answer(
        desk, click, "accepted", AcceptInvitation(click.caller, click.value)
    )


def snooze_reminders(desk: Services, click: ActionRequest) -> RenderedText | None:
    """Snooze for a day chosen."""
    return _execute_answer(
        desk, click, "snoozed", SnoozeInvitation(click.caller, click.value)
    )


def mute_reminders(desk: Services, click: ActionRequest) -> RenderedText | None:
    """Mute reminders chosen."""
    return _execute_answer(
        desk, click, "muted", MuteInvitation(click.caller, click.value)
    )


def explain_invitation(desk: Services, click: ActionRequest) -> Message:
    """What is this? chosen: answered beside the message, which stays."""
    card = desk.get_invitation(click.caller, click.at, click.value)
    return {**desk.build_reply("about", card=card), "replace_original": False}


def open_decline_form(desk: Services, click: ActionRequest) -> None:
    """Decline pressed: a window for an optional reason, when there is still something to answer."""
    card = desk.get_invitation(click.caller, click.at, click.value)
    check_may_answer(desk, click, card)
    track_ephemeral_list(desk, click, card, "invitation")
    click.open_view(decline_invitation_view(desk.renderer, card))


def submit_decline_form(desk: Services, sent: ViewSubmission) -> View | None:
    """The window sent in; the message is replaced through the outbox."""
    desk.execute(
        DeclineInvitation(
            sent.caller, sent.private_metadata, sent.values.get("reason") or None
        ),
        sent.at,
    )
    return None


def needs_acceptance_form(desk: Services, card: InvitationView) -> bool:
    """Whether more than a yes is needed: what is to pay, or whether what is owned gets a payment method."""
    has_billing = desk.bus.roles[card.resource.kind].has_plans
    return card.invitation.purpose == PAY or (
        card.invitation.purpose == OWN and has_billing
    )


def check_may_answer(
    desk: Services, click: ActionRequest, card: InvitationView
) -> None:
    """Refuse what is not the presser's to answer, or no longer open."""
    with desk.read_workspace(click.caller) as facts:
        me = (
            facts.find_person_by_account(click.caller.account)
            if click.caller.account
            else None
        )
        if me is None or not may_answer(
            desk.bus.context(facts, click.at), me.id, card.invitation
        ):
            raise errors.NotYours
    require_pending(desk, click, card)


def _answer_pending_invitation(
    desk: Services, asked: CommandRequest, name: str, act: Callable[[str], Any]
) -> Message:
    what = asked.get(Slot.RESOURCE)
    found = list_pending_invitations(desk, asked.caller, asked.at, what)
    if len(found) > 1 or (
        name == "accepted" and found and needs_acceptance_form(desk, found[0])
    ):
        return pending_items_message(desk.renderer, found, 0)
    invitation = (
        found[0].invitation.id
        if found
        else find_invitation_of_delivery(desk, act(""), asked.at)
    )
    if invitation is None:
        raise errors.NothingPending(what)
    outcome = desk.execute(act(invitation), asked.at, read_invitation(invitation))
    return blocks.build_message(desk.render_reply(name, card=outcome.view))


def _execute_answer(
    desk: Services, click: ActionRequest, name: str, act: Any
) -> RenderedText | None:
    outcome = desk.execute(act, click.at, read_invitation(click.value))
    return None if outcome.is_repeated else desk.render_reply(name, card=outcome.view)

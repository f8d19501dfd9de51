"""Invitations from the side of those who are invited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.cards import Message, View, blocks
from bot.cards.invitations import decline_view
from bot.cards.waiting import waiting_message
from bot.listeners.billing import open_acceptance
from bot.listeners.invitations import remember
from bot.listeners.road import Click, Command, Desk, Submission, check_open, done_before, seeing, waiting
from bot.verbs import Slot
from bot.words import Said
from collab import refusals
from collab.answers import Accept, Decline, Mute, Snooze, answers_for
from collab.offers import OWN, PAY
from collab.subjects import OpenInvitation


def accept(desk: Desk, asked: Command) -> Message:
    """Say yes to the one invitation that fits, or show those that do."""
    return _answer(desk, asked, "accepted", lambda invitation: Accept(asked.by, invitation))


def decline(desk: Desk, asked: Command) -> Message:
    """Say no to the one invitation that fits, or show those that do."""
    reason = asked.get(Slot.NOTE)
    return _answer(desk, asked, "declined", lambda invitation: Decline(asked.by, invitation, reason))


def press_accept(desk: Desk, click: Click) -> Said | None:
    """Accept pressed; an offer to pay, or to own what pays, asks in a window for what it needs."""
    card = desk.card(click.by, click.at, click.value)
    if card.waits and asks_more(desk, card):
        check_mine(desk, click, card)
        remember(desk, click, card, "invitation")
        open_acceptance(desk, click, card)
        return None
    return _pressed(desk, click, "accepted", Accept(click.by, click.value))


def press_snooze(desk: Desk, click: Click) -> Said | None:
    """Snooze for a day chosen."""
    return _pressed(desk, click, "snoozed", Snooze(click.by, click.value))


def press_mute(desk: Desk, click: Click) -> Said | None:
    """Mute reminders chosen."""
    return _pressed(desk, click, "muted", Mute(click.by, click.value))


def press_about(desk: Desk, click: Click) -> Message:
    """What is this? chosen: answered beside the message, which stays."""
    card = desk.card(click.by, click.at, click.value)
    return {**desk.tell("about", card=card), "replace_original": False}


def press_decline(desk: Desk, click: Click) -> None:
    """Decline pressed: a window for an optional reason, when there is still something to answer."""
    card = desk.card(click.by, click.at, click.value)
    check_mine(desk, click, card)
    remember(desk, click, card, "invitation")
    click.open_view(decline_view(desk.words, card))


def submit_decline(desk: Desk, sent: Submission) -> View | None:
    """The window sent in; the message is replaced through the outbox."""
    desk.perform(Decline(sent.by, sent.about, sent.values.get("reason") or None), sent.at)
    return None


def asks_more(desk: Desk, card: OpenInvitation) -> bool:
    """Whether more than a yes is needed: what is to pay, or whether what is owned gets a payment method."""
    has_billing = desk.collab.kinds[card.resource.kind].has_plans
    return card.invitation.purpose == PAY or (card.invitation.purpose == OWN and has_billing)


def check_mine(desk: Desk, click: Click, card: OpenInvitation) -> None:
    """Refuse what is not the presser's to answer, or no longer open."""
    with desk.facts(click.by) as facts:
        me = facts.person_by_account(click.by.account) if click.by.account else None
        if me is None or not answers_for(desk.collab.case(facts, click.at), me.id, card.invitation):
            raise refusals.NotYours
    check_open(desk, click, card)


def _answer(desk: Desk, asked: Command, name: str, act: Callable[[str], Any]) -> Message:
    what = asked.get(Slot.WHAT)
    found = waiting(desk, asked.by, asked.at, what)
    if len(found) > 1 or (name == "accepted" and found and asks_more(desk, found[0])):
        return waiting_message(desk.words, found, 0)
    invitation = found[0].invitation.id if found else done_before(desk, act(""), asked.at)
    if invitation is None:
        raise refusals.NothingPending(what)
    outcome = desk.perform(act(invitation), asked.at, seeing(invitation))
    return blocks.message(desk.say(name, card=outcome.seen))


def _pressed(desk: Desk, click: Click, name: str, act: Any) -> Said | None:
    outcome = desk.perform(act, click.at, seeing(click.value))
    return None if outcome.repeated else desk.say(name, card=outcome.seen)

"""The workspace: what keys are to be rotated, and what Slack says of its channels and of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.cards import Message, blocks
from bot.cards.keys import keys_message
from bot.identity import MalformedId, read_id
from bot.listeners.road import About, Click, Command, Desk, about_event, page_of, what_of
from bot.verbs import Slot
from collab import events
from collab.case import Case
from collab.channels import CloseChannel, RenameChannel
from collab.keys import Rotated, ShowKeys, StaleKeys, show_keys
from collab.people import Caller, Uninstall
from collab.service import Outcome, Seeing


def keys(desk: Desk, asked: Command) -> Message:
    """What is to be rotated, or that it was."""
    if asked.get(Slot.ROTATED) is None:
        return keys_message(desk.words, desk.collab.ask(ShowKeys(asked.by), asked.at))
    about, _ = desk.perform(Rotated(asked.by, what_of(desk, asked)), asked.at, _seeing_rotated(asked.by)).seen
    return desk.tell("rotated", resource=about.resource)


def press_keys(desk: Desk, click: Click) -> Message:
    """What is to be rotated, or another page of it."""
    found = desk.collab.ask(ShowKeys(click.by), click.at)
    return keys_message(desk.words, found, page_of(click.value.rpartition(" ")[2]))


def press_rotated(desk: Desk, click: Click) -> Message:
    """The keys of one thing are new; what is left stands below."""
    outcome = desk.perform(Rotated(click.by, click.value), click.at, _seeing_rotated(click.by))
    about, left = outcome.seen
    return blocks.stacked(desk.say("rotated", resource=about.resource), keys_message(desk.words, left))


def _seeing_rotated(by: Caller) -> Seeing:
    """Look at the thing, and at what else is to be rotated."""

    def see(case: Case, outcome: Outcome) -> tuple[About, StaleKeys]:
        return about_event(case, outcome.first(events.KeysRotated)), show_keys(ShowKeys(by), case)

    return see


def channel_archived(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """A channel was archived."""
    desk.perform(CloseChannel(by, read_id(event.get("channel")), "archived"), at)


def channel_deleted(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """End the links of a channel that was deleted."""
    desk.collab.perform(CloseChannel(by, read_id(event.get("channel")), "deleted"), at)


def channel_left(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The app is no longer in a channel."""
    desk.perform(CloseChannel(by, read_id(event.get("channel")), "left"), at)


def channel_renamed(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """A channel has another name."""
    channel = event.get("channel")
    if not isinstance(channel, dict) or not isinstance(channel.get("name"), str):
        raise MalformedId("channel")
    channel_id = read_id(channel.get("id"))
    desk.perform(RenameChannel(by, channel_id, channel["name"]), at)


def uninstalled(desk: Desk, by: Caller, at: datetime, _event: dict[str, Any]) -> None:
    """The workspace took the app away."""
    desk.perform(Uninstall(by), at)


def tokens_revoked(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The bot's token was taken back: nothing can be said any more until the app is installed again."""
    if (event.get("tokens") or {}).get("bot"):
        desk.perform(Uninstall(by), at)

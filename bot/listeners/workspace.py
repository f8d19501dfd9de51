"""The workspace: what keys are to be rotated, and what Slack says of its channels and of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.cards import Message, blocks
from bot.cards.keys import keys_message
from bot.identity import read_id
from bot.listeners.road import Click, Command, Desk, page_of, what_of
from bot.verbs import Slot
from bot.words import Said
from collab import events
from collab.channels import CloseChannel, RenameChannel
from collab.keys import Rotated, ShowKeys
from collab.people import Caller, Uninstall


def keys(desk: Desk, asked: Command) -> Message:
    """What is to be rotated, or that it was."""
    if asked.get(Slot.ROTATED) is None:
        return keys_message(desk.words, desk.collab.ask(ShowKeys(asked.by), asked.at))
    return blocks.message(_rotated(desk, asked.by, asked.at, what_of(desk, asked)))


def press_keys(desk: Desk, click: Click) -> Message:
    """What is to be rotated, or another page of it."""
    found = desk.collab.ask(ShowKeys(click.by), click.at)
    return keys_message(desk.words, found, page_of(click.value.rpartition(" ")[2]))


def press_rotated(desk: Desk, click: Click) -> Message:
    """The keys of one thing are new; what is left stands below."""
    said = _rotated(desk, click.by, click.at, click.value)
    return blocks.stacked(said, keys_message(desk.words, desk.collab.ask(ShowKeys(click.by), click.at)))


def _rotated(desk: Desk, by: Caller, at: datetime, what: str) -> Said:
    done = desk.collab.perform(Rotated(by, what), at).first(events.KeysRotated)
    with desk.facts(by) as facts:
        return desk.say("rotated", resource=facts.resource(done.resource))


def channel_archived(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """A channel was archived."""
    desk.collab.perform(CloseChannel(by, read_id(event.get("channel")), "archived"), at)


def channel_left(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The app is no longer in a channel."""
    desk.collab.perform(CloseChannel(by, read_id(event.get("channel")), "left"), at)


def channel_renamed(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """A channel has another name."""
    channel = event["channel"]
    desk.collab.perform(RenameChannel(by, read_id(channel["id"]), str(channel["name"])), at)


def uninstalled(desk: Desk, by: Caller, at: datetime, _event: dict[str, Any]) -> None:
    """The workspace took the app away."""
    desk.collab.perform(Uninstall(by), at)


def tokens_revoked(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The bot's token was taken back: nothing can be said any more until the app is installed again."""
    if (event.get("tokens") or {}).get("bot"):
        desk.collab.perform(Uninstall(by), at)

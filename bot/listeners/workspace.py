"""The workspace: what keys are to be rotated, and what Slack says of its channels and of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.cards import Message, blocks
from bot.listeners.road import Command, Desk, what_of
from bot.verbs import Slot
from collab import events
from collab.channels import CloseChannel, RenameChannel
from collab.keys import Rotated, ShowKeys
from collab.people import Caller, Uninstall


def keys(desk: Desk, asked: Command) -> Message:
    """What is to be rotated, or that it was."""
    if asked.get(Slot.ROTATED) is None:
        return desk.tell("keys", list=desk.collab.ask(ShowKeys(asked.by), asked.at))
    done = desk.collab.perform(Rotated(asked.by, what_of(desk, asked)), asked.at).first(events.KeysRotated)
    with desk.facts(asked.by) as facts:
        return blocks.message(desk.say("rotated", resource=facts.resource(done.resource)))


def channel_archived(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """A channel was archived."""
    desk.collab.perform(CloseChannel(by, str(event["channel"]), "archived"), at)


def channel_left(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The app is no longer in a channel."""
    desk.collab.perform(CloseChannel(by, str(event["channel"]), "left"), at)


def channel_renamed(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """A channel has another name."""
    channel = event["channel"]
    desk.collab.perform(RenameChannel(by, str(channel["id"]), str(channel["name"])), at)


def uninstalled(desk: Desk, by: Caller, at: datetime, _event: dict[str, Any]) -> None:
    """The workspace took the app away."""
    desk.collab.perform(Uninstall(by), at)


def tokens_revoked(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """The bot's token was taken back: nothing can be said any more until the app is installed again."""
    if (event.get("tokens") or {}).get("bot"):
        desk.collab.perform(Uninstall(by), at)

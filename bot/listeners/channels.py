"""Channels: what they hear of."""

from __future__ import annotations

from bot.cards import Message
from bot.listeners.road import Command, Desk, what_of
from bot.verbs import Slot
from collab import events
from collab.channels import LinkChannel, UnlinkChannel


def link(desk: Desk, asked: Command) -> Message:
    """Let this channel hear of a resource."""
    act = LinkChannel(asked.by, asked.channel, what_of(desk, asked), asked.get(Slot.GROUPS) or ())
    linked = desk.collab.perform(act, asked.at).first(events.ChannelLinked)
    with desk.facts(asked.by) as facts:
        resource = facts.resource(linked.resource)
    return desk.tell("linked", resource=resource, groups=linked.groups)


def unlink(desk: Desk, asked: Command) -> Message:
    """Let this channel hear of a resource no more."""
    act = UnlinkChannel(asked.by, asked.channel, asked.get(Slot.WHAT))
    unlinked = desk.collab.perform(act, asked.at).first(events.ChannelUnlinked)
    with desk.facts(asked.by) as facts:
        resource = facts.resource(unlinked.resource)
    return desk.tell("unlinked", resource=resource)

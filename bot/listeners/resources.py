"""Resources: making them."""

from __future__ import annotations

from bot.cards import Message
from bot.listeners.road import Command, Desk
from bot.verbs import Slot
from collab import events
from collab.resources import Create


def create(desk: Desk, asked: Command) -> Message:
    """Make a resource; the caller holds the role that the table names."""
    outcome = desk.collab.perform(Create(asked.by, asked.get(Slot.KIND), asked.get(Slot.NAME)), asked.at)
    made, joined = outcome.first(events.ResourceCreated), outcome.first(events.MemberJoined)
    return desk.tell("created", resource=made, role=joined.role)

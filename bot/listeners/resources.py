"""Resources: making them, giving them another shape, deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards import Message, View, blocks
from bot.cards.resources import delete_message, delete_view, disable_message, done_view, move_message
from bot.listeners.endings import ENDS, deleting, disabling, moving
from bot.listeners.road import Click, Command, Desk, Submission, WrongField, of_kind, two, what_of
from bot.verbs import Slot
from bot.words import Said
from collab import events, refusals
from collab.billing import Pay
from collab.events import Event
from collab.explain import Show
from collab.people import Caller
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename, Resource
from collab.service import Outcome


def create(desk: Desk, asked: Command) -> Message:
    """Make a resource; the caller holds the role that the table names, or the one that they hold where it stands."""
    act = Create(asked.by, asked.get(Slot.KIND), asked.get(Slot.NAME), asked.get(Slot.THERE))
    outcome = desk.collab.perform(act, asked.at)
    made, joined = outcome.first(events.ResourceCreated), outcome.first(events.MemberJoined)
    role = joined.role if joined else desk.collab.ask(Show(asked.by, made.resource), asked.at).role
    with desk.facts(asked.by) as facts:
        parent = facts.resource(made.parent) if made.parent else None
    kind = desk.collab.kinds[made.kind]
    founder = kind.role(kind.founder)
    # The first that a founder may grant is mostly a founder too; what one invites to is the next.
    grants = founder.grants[1] if founder and len(founder.grants) > 1 else None
    return desk.tell("created", resource=made, parent=parent, role=role, grants=grants, paid=kind.is_paid)


def rename(desk: Desk, asked: Command) -> Message:
    """Give it another name."""
    return _shaped(desk, asked, "renamed", Rename(asked.by, what_of(desk, asked), asked.get(Slot.NAME)))


def describe(desk: Desk, asked: Command) -> Message:
    """Say what it is, or take these words away."""
    return _shaped(desk, asked, "described", Describe(asked.by, what_of(desk, asked), asked.get(Slot.TEXT) or ""))


def move(desk: Desk, asked: Command) -> Message:
    """Show what a move would change; when it is there already, say that."""
    me = desk.me(asked.by)
    happens = desk.collab.preview(Move(asked.by, what_of(desk, asked), asked.get(Slot.THERE)), asked.at)
    if not of_kind(happens, events.ResourceMoved):
        return desk.tell("unchanged")
    return move_message(desk.words, moving(desk, asked, happens), me.id if me else "")


def press_move(desk: Desk, click: Click) -> Message | None:
    """Move pressed: let it stand in the other resource, or in nothing."""
    what, there = two(click.value)
    try:
        return _shaped(desk, click, "moved", Move(click.by, what, there or None))
    except refusals.UnknownResource:
        return desk.tell("gone")


def disable(desk: Desk, asked: Command) -> Message:
    """Show what would be disabled; when it is so already, say that."""
    happens = desk.collab.preview(Disable(asked.by, what_of(desk, asked)), asked.at)
    found = of_kind(happens, events.ResourceDisabled)
    return disable_message(desk.words, disabling(desk, asked, found[0].resource)) if found else desk.tell("unchanged")


def press_disable(desk: Desk, click: Click) -> Message | None:
    """Disable pressed: let nobody do anything there."""
    try:
        return _shaped(desk, click, "disabled", Disable(click.by, click.value))
    except refusals.UnknownResource:
        return desk.tell("gone")


def enable(desk: Desk, asked: Command) -> Message:
    """End that."""
    return _shaped(desk, asked, "enabled", Enable(asked.by, what_of(desk, asked)))


def pay(desk: Desk, asked: Command) -> Message:
    """Let a payment method pay, or nothing."""
    return _shaped(desk, asked, "paid", Pay(asked.by, what_of(desk, asked), asked.get(Slot.THERE)))


def delete(desk: Desk, asked: Command) -> Message:
    """Show what a deletion would end."""
    me = desk.me(asked.by)
    happens = _doomed(desk, asked, what_of(desk, asked))
    return delete_message(desk.words, deleting(desk, asked, happens), me.id if me else "")


def press_delete(desk: Desk, click: Click) -> Message | None:
    """Delete pressed: done at once, or a window that asks for the name when things stand inside."""
    try:
        outcome = desk.collab.perform(Delete(click.by, click.value), click.at)
    except refusals.TypeItsName as asks:
        with desk.facts(click.by) as facts:
            resource = facts.resource(click.value)
        if resource:
            click.open_view(delete_view(desk.words, resource, asks.inside))
        return None
    except refusals.UnknownResource:
        return desk.tell("gone")
    return None if outcome.repeated else blocks.message(_deleted(desk, click.by, outcome))


def submit_delete(desk: Desk, sent: Submission) -> View:
    """The window sent in, with the name; it says what came of it."""
    try:
        outcome = desk.collab.perform(Delete(sent.by, sent.about, sent.values.get("name")), sent.at)
    except refusals.TypeItsName as asks:
        words = desk.words.say(f"refusals/{asks.name}", "plain", title=asks.title, inside=asks.inside)
        raise WrongField("name", words.text) from asks
    return done_view(desk.words, _deleted(desk, sent.by, outcome))


def _shaped(desk: Desk, asked: Command | Click, name: str, act: Any) -> Message:
    """Do it and say what is so now; when it was so before, say that."""
    outcome = desk.collab.perform(act, asked.at)
    if not outcome.recorded:
        return desk.tell("unchanged")
    event: Any = outcome.first(events.ResourceMoved) or outcome.recorded[0].event
    other = getattr(event, "parent", None) or getattr(event, "payer", None)
    with desk.facts(asked.by) as facts:
        resource = facts.resource(event.resource)
        there = facts.resource(other) if other else None
    return desk.tell(name, resource=resource, event=event, other=there)


def _doomed(desk: Desk, asked: Command, what: str) -> Sequence[Event]:
    """What would happen if its name were typed."""
    try:
        return desk.collab.preview(Delete(asked.by, what), asked.at)
    except refusals.TypeItsName as asks:
        return desk.collab.preview(Delete(asked.by, what, asks.title), asked.at)


def _deleted(desk: Desk, by: Caller, outcome: Outcome) -> Said:
    gone = [recorded.event for recorded in outcome.recorded if isinstance(recorded.event, ENDS)]
    last = gone[-1]
    with desk.facts(by) as facts:
        resource = facts.resource(last.resource) or Resource(last.resource, "", "", last.title)
        retired = [facts.resource(e.resource) for e in gone[:-1] if isinstance(e, events.ResourceRetired)]
    name = "retired" if isinstance(last, events.ResourceRetired) else "deleted"
    return desk.say(name, resource=resource, inside=len(gone) - 1 - len(retired), retired=retired)

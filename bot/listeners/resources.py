"""Resources: making them, giving them another shape, deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards import Message, View, blocks
from bot.cards.resources import delete_message, delete_view, disable_message, done_view, move_message
from bot.listeners.endings import ENDS, deleting, disabling, moving
from bot.listeners.road import (
    About,
    Click,
    Command,
    Desk,
    Submission,
    WrongField,
    about_event,
    of_kind,
    seeing_first,
    two,
    what_of,
)
from bot.verbs import Slot
from bot.words import Said
from collab import events, refusals
from collab.billing import Pay
from collab.case import Case
from collab.events import Event
from collab.explain import Show, show
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename, Resource, find_namesake
from collab.service import Outcome, Seeing


def create(desk: Desk, asked: Command) -> Message:
    """Make a resource; the caller holds the role that the table names, or the one that they hold where it stands."""
    act = Create(asked.by, asked.get(Slot.KIND), asked.get(Slot.NAME), asked.get(Slot.THERE))
    seen: Created = desk.perform(act, asked.at, _seeing_created(asked)).seen
    made = seen.event
    kind = desk.collab.kinds[made.kind]
    founder = kind.role(kind.founder)
    # The first that a founder may grant is mostly a founder too; what one invites to is the next.
    grants = founder.grants[1] if founder and len(founder.grants) > 1 else None
    facts = {"parent": seen.parent, "role": seen.role, "other": seen.other}
    return desk.tell("created", resource=made, grants=grants, paid=kind.is_paid, **facts)


@dataclass(frozen=True, slots=True)
class Created:
    """A new resource, where it stands, the creator's role on it, and another one of the same name there."""

    event: events.ResourceCreated
    parent: Resource | None
    role: str
    other: Resource | None = None


def _seeing_created(asked: Command) -> Seeing:
    def see(case: Case, outcome: Outcome) -> Created:
        made: events.ResourceCreated = outcome.first(events.ResourceCreated)
        parent = case.facts.resource(made.parent) if made.parent else None
        joined = outcome.first(events.MemberJoined)
        role = joined.role if joined else show(Show(asked.by, made.resource), case).role
        return Created(made, parent, role, find_namesake(case, made.resource))

    return see


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
        outcome = desk.perform(Delete(click.by, click.value), click.at, _seeing_deleted)
    except refusals.TypeItsName as asks:
        with desk.facts(click.by) as facts:
            resource = facts.resource(click.value)
        if resource is None:
            return None
        click.open_view(delete_view(desk.words, resource, asks.inside))
        return desk.tell("delete_asked", resource=resource)
    except refusals.UnknownResource:
        return desk.tell("gone")
    return None if outcome.repeated else blocks.message(_deleted(desk, outcome))


def submit_delete(desk: Desk, sent: Submission) -> View:
    """The window sent in, with the name; it says what came of it."""
    try:
        outcome = desk.perform(Delete(sent.by, sent.about, sent.values.get("name")), sent.at, _seeing_deleted)
    except refusals.TypeItsName as asks:
        words = desk.words.say(f"refusals/{asks.name}", "plain", title=asks.title, inside=asks.inside)
        raise WrongField("name", words.text) from asks
    return done_view(desk.words, _deleted(desk, outcome))


def _seeing_shape(case: Case, outcome: Outcome) -> About | None:
    """Look at the move, or at what else happened first."""
    look = seeing_first(*((events.ResourceMoved,) if outcome.first(events.ResourceMoved) else ()))
    found: About | None = look(case, outcome)
    return found


def _shaped(desk: Desk, asked: Command | Click, name: str, act: Any) -> Message:
    """Do it and say what is so now; when it was so before, say that."""
    seen: About | None = desk.perform(act, asked.at, _seeing_shape).seen
    if seen is None:
        return desk.tell("unchanged")
    return desk.tell(name, resource=seen.resource, event=seen.event, other=seen.other)


def _doomed(desk: Desk, asked: Command, what: str) -> Sequence[Event]:
    """What would happen if its name were typed."""
    try:
        return desk.collab.preview(Delete(asked.by, what), asked.at)
    except refusals.TypeItsName as asks:
        return desk.collab.preview(Delete(asked.by, what, asks.title), asked.at)


def _seeing_deleted(case: Case, outcome: Outcome) -> tuple[About, list[Resource]]:
    """Look at what was deleted, which comes last, and at the payment methods in it that were retired."""
    *inside, last = [recorded.event for recorded in outcome.recorded if isinstance(recorded.event, ENDS)]
    retired = [about_event(case, event).resource for event in inside if isinstance(event, events.ResourceRetired)]
    return about_event(case, last), retired


def _deleted(desk: Desk, outcome: Outcome) -> Said:
    about, retired = outcome.seen
    ended = sum(isinstance(recorded.event, ENDS) for recorded in outcome.recorded)
    name = "retired" if isinstance(about.event, events.ResourceRetired) else "deleted"
    return desk.say(name, resource=about.resource, inside=ended - 1 - len(retired), retired=retired)

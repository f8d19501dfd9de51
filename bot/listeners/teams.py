"""Teams: what they hold a role on together, and whom of them it is assigned to."""

from __future__ import annotations

from typing import Any

from bot.cards import Message
from bot.listeners.road import Command, Desk, of_kind, seeing_sent, what_of
from bot.verbs import Slot
from collab import events
from collab.people import NOBODY
from collab.resources import Resource
from collab.service import Outcome
from collab.teams import Assign, ShareWith, Unassign, Unshare


def share(desk: Desk, asked: Command) -> Message:
    """Let a team hold a role on something (RES-05)."""
    act = ShareWith(asked.by, what_of(desk, asked), asked.get(Slot.TEAM), asked.get(Slot.ROLE))
    outcome = desk.collab.perform(act, asked.at, seeing_sent)
    if outcome.seen:
        return desk.tell("asked_team", card=outcome.seen)
    return _told(desk, asked, "shared", outcome)


def unshare(desk: Desk, asked: Command) -> Message:
    """End that."""
    act = Unshare(asked.by, what_of(desk, asked), asked.get(Slot.TEAM))
    return _told(desk, asked, "unshared", desk.collab.perform(act, asked.at))


def assign(desk: Desk, asked: Command) -> Message:
    """Let a member of a team work on one of its things (ROL-03)."""
    act = Assign(asked.by, asked.get(Slot.WHO), what_of(desk, asked), asked.get(Slot.TEAM))
    return _told(desk, asked, "assigned", desk.collab.perform(act, asked.at))


def unassign(desk: Desk, asked: Command) -> Message:
    """End that."""
    act = Unassign(asked.by, asked.get(Slot.WHO), what_of(desk, asked), asked.get(Slot.TEAM))
    return _told(desk, asked, "unassigned", desk.collab.perform(act, asked.at))


def _told(desk: Desk, asked: Command, name: str, outcome: Outcome) -> Message:
    """What is so now between the team, the thing and the person."""
    happened = [recorded.event for recorded in outcome.recorded]
    event: Any = next(e for e in happened if getattr(e, "team", None))
    with desk.facts(asked.by) as facts:
        resource = facts.resource(event.resource) or Resource(event.resource, "", "", "")
        team = facts.resource(event.team) or Resource(event.team, "", "", "")
        person = facts.person(getattr(event, "person", "")) or NOBODY
    return desk.tell(
        name,
        resource=resource,
        team=team,
        person=person,
        event=event,
        assigned_can=_can(desk, resource, _as_assigned(desk, resource, team)),
        shared_can=_can(desk, resource, getattr(event, "role", None)),
        taken_back=len(of_kind(happened, events.InvitationRevoked)),
    )


def _as_assigned(desk: Desk, resource: Resource, team: Resource) -> str | None:
    """The role of those to whom such a thing is assigned; none when it cannot be."""
    kinds = desk.collab.kinds
    group = kinds.get(team.kind)
    roles = group.roles if group else ()
    return next((f for r in roles for f in kinds.follows(r.name, team.kind, "assigned", resource.kind)), None)


def _can(desk: Desk, resource: Resource, role: str | None) -> tuple[str, ...]:
    kind = desk.collab.kinds.get(resource.kind)
    held = kind.role(role) if kind and role else None
    return held.can if held else ()

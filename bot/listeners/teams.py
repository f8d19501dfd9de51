"""Teams: what they hold a role on together, and whom of them it is assigned to."""

from __future__ import annotations

from bot.cards import Message
from bot.listeners.road import About, Command, Desk, about_event, of_kind, seeing_sent, what_of
from bot.verbs import Slot
from collab import events
from collab.case import Case
from collab.resources import Resource
from collab.service import Outcome
from collab.subjects import OpenInvitation
from collab.teams import Assign, ShareWith, Unassign, Unshare


def share(desk: Desk, asked: Command) -> Message:
    """Let a team hold a role on something (RES-05)."""
    act = ShareWith(asked.by, what_of(desk, asked), asked.get(Slot.TEAM), asked.get(Slot.ROLE))
    outcome = desk.perform(act, asked.at, _seeing_shared)
    if isinstance(outcome.seen, OpenInvitation):
        return desk.tell("asked_team", card=outcome.seen)
    return _told(desk, "shared", outcome)


def unshare(desk: Desk, asked: Command) -> Message:
    """End that."""
    act = Unshare(asked.by, what_of(desk, asked), asked.get(Slot.TEAM))
    return _told(desk, "unshared", desk.perform(act, asked.at, _seeing_team))


def assign(desk: Desk, asked: Command) -> Message:
    """Let a member of a team work on one of its things (ROL-03)."""
    act = Assign(asked.by, asked.get(Slot.WHO), what_of(desk, asked), asked.get(Slot.TEAM))
    return _told(desk, "assigned", desk.perform(act, asked.at, _seeing_team))


def unassign(desk: Desk, asked: Command) -> Message:
    """End that."""
    act = Unassign(asked.by, asked.get(Slot.WHO), what_of(desk, asked), asked.get(Slot.TEAM))
    return _told(desk, "unassigned", desk.perform(act, asked.at, _seeing_team))


def _seeing_shared(case: Case, outcome: Outcome) -> OpenInvitation | About:
    return seeing_sent(case, outcome) or _seeing_team(case, outcome)


def _seeing_team(case: Case, outcome: Outcome) -> About:
    return about_event(case, next(r.event for r in outcome.recorded if getattr(r.event, "team", None)))


def _told(desk: Desk, name: str, outcome: Outcome) -> Message:
    """What is so now between the team, the thing and the person."""
    happened = [recorded.event for recorded in outcome.recorded]
    seen: About = outcome.seen
    event, resource, person = seen.event, seen.resource, seen.person
    team = seen.other or Resource(event.team, "", "", "")
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

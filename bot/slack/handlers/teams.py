"""Teams: what they hold a role on together, and whom of them it is assigned to."""

from __future__ import annotations

from typing import Any

from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details, select_events
from bot.slack.lookups import get_resource_or_linked, read_sent_invitation
from bot.slack.requests import CommandRequest, Services
from bot.slack.routing import CommandRoute
from bot.slack.views import Message
from collab import events
from collab.bus import Outcome
from collab.context import Context
from collab.model import Resource
from collab.open_items import InvitationView
from collab.teams import (
    AssignToMember,
    ShareWithTeam,
    UnassignFromMember,
    UnshareWithTeam,
)


def share_with_team(services: Services, asked: CommandRequest) -> Message:
    """Let a team hold a role on something (RES-05)."""
    act = ShareWithTeam(
        asked.caller,
        get_resource_or_linked(services, asked),
        asked.get(Slot.TEAM),
        asked.get(Slot.ROLE),
    )
    outcome = services.execute(act, asked.at, _read_shared_or_sent)
    if isinstance(outcome.view, InvitationView):
        return services.build_reply("asked_team", card=outcome.view)
    return _build_team_reply(services, "shared", outcome)


def unshare_from_team(services: Services, asked: CommandRequest) -> Message:
    """End that."""
    act = UnshareWithTeam(
        asked.caller, get_resource_or_linked(services, asked), asked.get(Slot.TEAM)
    )
    return _build_team_reply(
        services, "unshared", services.execute(act, asked.at, _read_team_event)
    )


def assign_member(services: Services, asked: CommandRequest) -> Message:
    """Let a member of a team work on one of its things (ROL-03)."""
    act = AssignToMember(
        asked.caller,
        asked.get(Slot.PERSON),
        get_resource_or_linked(services, asked),
        asked.get(Slot.TEAM),
    )
    return _build_team_reply(
        services, "assigned", services.execute(act, asked.at, _read_team_event)
    )


def unassign_member(services: Services, asked: CommandRequest) -> Message:
    """End that."""
    act = UnassignFromMember(
        asked.caller,
        asked.get(Slot.PERSON),
        get_resource_or_linked(services, asked),
        asked.get(Slot.TEAM),
    )
    return _build_team_reply(
        services, "unassigned", services.execute(act, asked.at, _read_team_event)
    )


def _read_shared_or_sent(
    context: Context, outcome: Outcome[Any]
) -> InvitationView | EventDetails:
    return read_sent_invitation(context, outcome) or _read_team_event(context, outcome)


def _read_team_event(context: Context, outcome: Outcome[Any]) -> EventDetails:
    return load_event_details(
        context,
        next(r.event for r in outcome.recorded if getattr(r.event, "team", None)),
    )


def _build_team_reply(services: Services, name: str, outcome: Outcome[Any]) -> Message:
    """What is so now between the team, the thing and the person."""
    happened = [recorded.event for recorded in outcome.recorded]
    seen: EventDetails = outcome.view
    event, resource, person = seen.event, seen.resource, seen.person
    team = seen.other or Resource(event.team, "", "", "")
    return services.build_reply(
        name,
        resource=resource,
        team=team,
        person=person,
        event=event,
        assigned_can=_list_capabilities(
            services, resource, _find_assigned_role(services, resource, team)
        ),
        shared_can=_list_capabilities(services, resource, getattr(event, "role", None)),
        taken_back=len(select_events(happened, events.InvitationRevoked)),
    )


def _find_assigned_role(
    services: Services, resource: Resource, team: Resource
) -> str | None:
    """The role of those to whom such a thing is assigned; none when it cannot be."""
    kinds = services.bus.roles
    group = kinds.get(team.kind)
    roles = group.roles if group else ()
    return next(
        (
            f
            for r in roles
            for f in kinds.list_derived_roles(
                r.name, team.kind, "assigned", resource.kind
            )
        ),
        None,
    )


def _list_capabilities(
    services: Services, resource: Resource, role: str | None
) -> tuple[str, ...]:
    kind = services.bus.roles.get(resource.kind)
    held = kind.find_role(role) if kind and role else None
    return held.capabilities if held else ()


ROUTES = (
    CommandRoute("share", share_with_team),
    CommandRoute("unshare", unshare_from_team),
    CommandRoute("assign", assign_member),
    CommandRoute("unassign", unassign_member),
)

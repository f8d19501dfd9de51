"""Teams: roles shared with a team, and members assigned to what was shared."""

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
from collab.command import Command
from collab.context import Context
from collab.model import Resource
from collab.open_items import InvitationView
from collab.teams import (
    AssignToMember,
    ShareWithTeam,
    UnassignFromMember,
    UnshareWithTeam,
)


def share_with_team(services: Services, request: CommandRequest) -> Message:
    """Share a role with a team, or invite the team to it (RES-05)."""
    command = ShareWithTeam(
        request.caller,
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
        request.get(Slot.ROLE),
    )
    outcome = services.execute(command, request.at, _read_invitation_or_event)
    if isinstance(outcome.view, InvitationView):
        return services.build_reply("asked_team", card=outcome.view)
    return _build_team_reply(services, "shared", outcome, outcome.view)


def unshare_from_team(services: Services, request: CommandRequest) -> Message:
    """Revoke a team's role."""
    command = UnshareWithTeam(
        request.caller,
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )
    return _execute_and_reply(services, request, "unshared", command)


def assign_member(services: Services, request: CommandRequest) -> Message:
    """Assign something shared with a team to one of its members (ROL-03)."""
    command = AssignToMember(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )
    return _execute_and_reply(services, request, "assigned", command)


def unassign_member(services: Services, request: CommandRequest) -> Message:
    """Remove an assignment."""
    command = UnassignFromMember(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )
    return _execute_and_reply(services, request, "unassigned", command)


def _execute_and_reply(
    services: Services, request: CommandRequest, reply: str, command: Command
) -> Message:
    outcome = services.execute(command, request.at, _read_team_event)
    return _build_team_reply(services, reply, outcome, outcome.view)


def _read_invitation_or_event(
    context: Context, outcome: Outcome[Any]
) -> InvitationView | EventDetails:
    invitation = read_sent_invitation(context, outcome)
    return invitation or _read_team_event(context, outcome)


def _read_team_event(context: Context, outcome: Outcome[Any]) -> EventDetails:
    """Return the first event that names a team; raises LookupError if there is none."""
    for recorded in outcome.recorded:
        if getattr(recorded.event, "team", None):
            return load_event_details(context, recorded.event)
    raise LookupError("team")


def _build_team_reply(
    services: Services, reply: str, outcome: Outcome[Any], details: EventDetails
) -> Message:
    event, resource = details.event, details.resource
    team = details.other or Resource(event.team, "", "", "")
    assigned_role = _find_assigned_role(services, resource, team)
    shared_role = getattr(event, "role", None)
    return services.build_reply(
        reply,
        resource=resource,
        team=team,
        person=details.person,
        event=event,
        assigned_can=_list_capabilities(services, resource, assigned_role),
        shared_can=_list_capabilities(services, resource, shared_role),
        taken_back=len(select_events(outcome.recorded, events.InvitationRevoked)),
    )


def _find_assigned_role(
    services: Services, resource: Resource, team: Resource
) -> str | None:
    """Return the role of members to whom the resource is assigned; None if it cannot be."""
    role_model = services.bus.roles
    team_type = role_model.get(team.kind)
    for role in team_type.roles if team_type else ():
        derived = role_model.list_derived_roles(
            role.name, team.kind, "assigned", resource.kind
        )
        for name in derived:
            return name
    return None


def _list_capabilities(
    services: Services, resource: Resource, role_name: str | None
) -> tuple[str, ...]:
    resource_type = services.bus.roles.get(resource.kind)
    if resource_type is None or role_name is None:
        return ()
    role = resource_type.find_role(role_name)
    return role.capabilities if role else ()


ROUTES = (
    CommandRoute("share", share_with_team),
    CommandRoute("unshare", unshare_from_team),
    CommandRoute("assign", assign_member),
    CommandRoute("unassign", unassign_member),
)

"""Teams: roles shared with a team, and members assigned to what was shared."""

from __future__ import annotations

from typing import Any

from bot.slack.button_values import ShownPreview, TeamShareTarget
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details, select_events
from bot.slack.lookups import get_resource_or_linked, read_sent_invitation
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message, blocks
from bot.slack.views.access_losses import team_preview_message
from bot.slack.views.next_steps import NextStep, next_steps_block
from collab import errors, events
from collab.access_loss import AccessLossPreview, PreviewAccessLoss
from collab.bus import Outcome
from collab.confirmation import ConfirmedPreview
from collab.context import Context
from collab.model import PersonId, Resource
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


def preview_unsharing(services: Services, request: CommandRequest) -> Message:
    """Show who loses access when a team's role ends, with the button that ends it."""
    command = UnshareWithTeam(
        request.caller,
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )
    return _preview(services, request, command)


def confirm_unsharing(services: Services, request: ActionRequest) -> Message | None:
    """End a team's role as it was previewed."""
    target = TeamShareTarget.decode(ShownPreview.decode(request.value).target)
    command = UnshareWithTeam(request.caller, target.resource_id, target.team_id)
    return _confirm(services, request, "unshared", command)


def assign_member(services: Services, request: CommandRequest) -> Message:
    """Assign something shared with a team to one of its members (ROL-03)."""
    command = AssignToMember(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )
    outcome = services.execute(command, request.at, _read_team_event)
    return _build_team_reply(services, "assigned", outcome, outcome.view)


def preview_unassignment(services: Services, request: CommandRequest) -> Message:
    """Show what a member loses without an assignment, with the button that ends it."""
    command = UnassignFromMember(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )
    return _preview(services, request, command)


def confirm_unassignment(services: Services, request: ActionRequest) -> Message | None:
    """End an assignment as it was previewed."""
    target = TeamShareTarget.decode(ShownPreview.decode(request.value).target)
    command = UnassignFromMember(
        request.caller,
        target.person_id or PersonId(""),
        target.resource_id,
        target.team_id,
    )
    return _confirm(services, request, "unassigned", command)


def _preview(
    services: Services,
    request: CommandRequest,
    command: UnshareWithTeam | UnassignFromMember,
) -> Message:
    query = PreviewAccessLoss(request.caller, command)
    preview = services.bus.query(query, request.at)
    return _build_preview(services, request, preview)


def _confirm(
    services: Services,
    request: ActionRequest,
    reply: str,
    command: UnshareWithTeam | UnassignFromMember,
) -> Message | None:
    """End a share or an assignment as it was previewed, or show what has changed."""
    query = PreviewAccessLoss(request.caller, command)
    digest = ShownPreview.decode(request.value).digest
    try:
        outcome = services.execute(
            command, request.at, _read_team_event, ConfirmedPreview(query, digest)
        )
    except errors.UnknownResource:
        return services.build_reply("gone")
    except errors.PreviewChanged as changed:
        return _build_preview(services, request, changed.preview, is_renewed=True)
    if outcome.is_repeated:
        return None
    return _build_team_reply(services, reply, outcome, outcome.view)


def _build_preview(
    services: Services,
    request: CommandRequest | ActionRequest,
    preview: AccessLossPreview,
    *,
    is_renewed: bool = False,
) -> Message:
    viewer_id = services.get_person_id(request.caller)
    return team_preview_message(
        services.renderer, preview, viewer_id, is_renewed=is_renewed
    )


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
    text = services.render_reply(
        reply,
        resource=resource,
        team=team,
        person=details.person,
        event=event,
        assigned_can=_list_capabilities(services, resource, assigned_role),
        shared_can=_list_capabilities(services, resource, shared_role),
        taken_back=len(select_events(outcome.recorded, events.InvitationRevoked)),
    )
    steps = [NextStep.OPEN]
    if assigned_role and reply in {"shared", "assigned"}:
        steps.insert(0, NextStep.ASSIGN)
    return blocks.build_message(
        text, next_steps_block(services.renderer, resource, *steps)
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
    CommandRoute("unshare", preview_unsharing),
    CommandRoute("assign", assign_member),
    CommandRoute("unassign", preview_unassignment),
    ActionRoute("unshare", confirm_unsharing, "verb.unshare"),
    ActionRoute("unassign", confirm_unassignment, "verb.unassign"),
)

"""Role changes: giving a member another role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import BlockId, MemberRef, ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details, select_events
from bot.slack.forms.fields import FieldInvalid
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
    split_list,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.memberships import RoleChangeDraft, role_change_view
from bot.slack.views.resources import MAX_LISTED, result_view
from collab import errors, events
from collab.bus import Outcome
from collab.confirmation import ConfirmedPreview, compute_digest
from collab.context import Context
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import list_direct_roles_inside
from collab.memberships.role_choices import ListRoleChoices, RoleChoices
from collab.model import Resource


@dataclass(frozen=True, slots=True)
class RoleChangeDetails:
    """A role change, and the direct roles that remain inside after a lower role."""

    event: EventDetails
    kept: list[tuple[Resource, str]]


def change_role(services: Services, request: CommandRequest) -> Message:
    """Give a member another role (MEM-03)."""
    command = ChangeRole(
        request.caller,
        request.get(Slot.PERSON),
        request.get(Slot.ROLE),
        get_resource_or_linked(services, request),
        request.get(Slot.RESOURCES_TO_KEEP) or (),
    )
    outcome = services.execute(command, request.at, _read_role_change)
    return blocks.build_message(_render_role_change(services, outcome))


def open_role_form(services: Services, request: ActionRequest) -> None:
    """Open a modal with the roles that the caller may give a member."""
    member = MemberRef.decode(request.value)
    request.open_view(_build_role_form(services, request, member, ""))


def update_role_form(services: Services, request: ActionRequest) -> None:
    """Show in the modal what the role just selected would cause."""
    member = MemberRef.decode(BlockId.decode(request.origin).key)
    request.update_view(_build_role_form(services, request, member, request.value))


def submit_role_form(services: Services, submission: ViewSubmission) -> View:
    """Give the member the selected role; the modal then shows the result.

    It shows instead what the role would cause if that has changed or was not shown yet.
    """
    shown = ShownPreview.decode(submission.private_metadata)
    member = MemberRef.decode(shown.target)
    role = submission.fields.get(Slot.ROLE, "")
    if not role:
        raise FieldInvalid(Slot.ROLE, "field.needed")
    kept_ids = split_list(submission.fields.get(Slot.RESOURCES_TO_KEEP, ""))
    command = ChangeRole(
        submission.caller, member.person_id, role, member.resource_id, tuple(kept_ids)
    )
    query = ListRoleChoices(
        submission.caller, member.person_id, member.resource_id, role
    )
    confirmed = ConfirmedPreview(query, shown.digest)
    try:
        outcome = services.execute(command, submission.at, _read_role_change, confirmed)
    except errors.PreviewChanged as changed:
        return _build_role_view(services, changed.preview, is_renewed=True)
    return result_view(services.renderer, _render_role_change(services, outcome))


def _build_role_form(
    services: Services, request: ActionRequest, member: MemberRef, role: str
) -> View:
    query = ListRoleChoices(request.caller, member.person_id, member.resource_id, role)
    return _build_role_view(services, services.bus.query(query, request.at))


def _build_role_view(
    services: Services, choices: RoleChoices, *, is_renewed: bool = False
) -> View:
    draft = RoleChangeDraft(
        current_role=choices.current,
        choices=choices.choices,
        selected_role=choices.selected,
        role_loss=choices.impact,
        revoked_count=choices.revoked_count,
        capabilities_by_role=choices.capabilities_by_role,
        digest=compute_digest(choices),
        is_renewed=is_renewed,
    )
    return role_change_view(services.renderer, choices.person, choices.resource, draft)


def _read_role_change(context: Context, outcome: Outcome[Any]) -> RoleChangeDetails:
    """Read the change and, after a lower role, the direct roles inside (MEM-02)."""
    change = outcome.find_event(events.MemberRoleChanged)
    if change is None:
        joined = outcome.get_event(events.MemberJoined)
        return RoleChangeDetails(load_event_details(context, joined), [])
    details = load_event_details(context, change)
    resource = context.resources.get_resource(change.resource)
    if resource is None:
        return RoleChangeDetails(details, [])
    rank = context.roles[resource.kind].get_rank
    if rank(change.role) <= rank(change.before):
        return RoleChangeDetails(details, [])
    kept = list_direct_roles_inside(context, change.person, resource, context.actor.id)
    return RoleChangeDetails(details, kept)


def _render_role_change(
    services: Services, outcome: Outcome[RoleChangeDetails]
) -> RenderedText:
    details, kept = outcome.view.event, outcome.view.kept
    change, resource = details.event, details.resource
    resource_type = services.bus.roles.get(resource.kind)
    role = resource_type.find_role(change.role) if resource_type else None
    return services.render_reply(
        "role_changed",
        person=details.person,
        resource=resource,
        role=change.role,
        before=getattr(change, "before", None),
        can_do=role.capabilities_and_grants if role else (),
        kept=kept[:MAX_LISTED],
        more=len(kept[MAX_LISTED:]),
        taken_back=len(select_events(outcome.recorded, events.InvitationRevoked)),
    )


ROUTES = (
    CommandRoute("role", change_role),
    ActionRoute("role_ask", open_role_form),
    ActionRoute("role", update_role_form),
    SubmissionRoute("role", submit_role_form),
)

"""Role changes: giving a member another role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import (
    BlockId,
    MemberRef,
    RoleChangeTarget,
    RoleFormMetadata,
    ShownPreview,
)
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details, select_events
from bot.slack.forms.fields import FieldInvalid
from bot.slack.handlers.memberships import build_members_list
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
from bot.slack.views.access_losses import role_preview_message
from bot.slack.views.memberships import RoleChangeDraft, role_change_view
from bot.slack.views.next_steps import NextStep, next_steps_block
from bot.slack.views.resources import MAX_LISTED, result_view
from collab import errors, events
from collab.access_loss import AccessLossPreview, PreviewAccessLoss
from collab.bus import Outcome
from collab.confirmation import ConfirmedPreview, compute_digest
from collab.context import Context
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import list_direct_roles_inside
from collab.memberships.role_choices import ListRoleChoices, RoleChoices
from collab.model import Resource
from collab.outsiders import gives_power


@dataclass(frozen=True, slots=True)
class RoleChangeDetails:
    """A role change, and the direct roles that remain inside after a lower role."""

    event: EventDetails
    kept: list[tuple[Resource, str]]


def change_role(services: Services, request: CommandRequest) -> Message:
    """Give a member another role (MEM-03).

    A preview comes first if it is a lower one, or gives power to somebody from outside.
    """
    kept = request.get(Slot.RESOURCES_TO_KEEP) or ()
    if len(kept) > MAX_RESOURCES_IN_OFFER:
        raise errors.TooManyTogether(len(kept), MAX_RESOURCES_IN_OFFER)
    command = ChangeRole(
        request.caller,
        request.get(Slot.PERSON),
        request.get(Slot.ROLE),
        get_resource_or_linked(services, request),
        kept,
    )
    if _needs_preview(services, command, request.at):
        query = PreviewAccessLoss(request.caller, command)
        preview = services.bus.query(query, request.at)
        return _build_preview(services, request, preview)
    outcome = services.execute(command, request.at, _read_role_change)
    return _build_reply(services, outcome)


def confirm_role_change(services: Services, request: ActionRequest) -> Message | None:
    """Give a member another role as it was previewed."""
    shown = ShownPreview.decode(request.value)
    target = RoleChangeTarget.decode(shown.target)
    command = ChangeRole(
        request.caller,
        target.person_id,
        target.role,
        target.resource_id,
        target.kept_ids,
    )
    query = PreviewAccessLoss(request.caller, command)
    confirmed = ConfirmedPreview(query, shown.digest)
    try:
        outcome = services.execute(command, request.at, _read_role_change, confirmed)
    except errors.UnknownResource:
        return services.build_reply("gone")
    except errors.PreviewChanged as changed:
        return _build_preview(services, request, changed.preview, is_renewed=True)
    if outcome.is_repeated:
        return None
    return _build_reply(services, outcome)


def open_role_form(services: Services, request: ActionRequest) -> None:
    """Open a modal with the roles that the caller may give a member."""
    member = MemberRef.decode(request.value)
    is_on_list = request.is_ephemeral and not request.page_below
    list_url = request.response_url if is_on_list else None
    request.open_view(_build_role_form(services, request, member, "", list_url or ""))


def update_role_form(services: Services, request: ActionRequest) -> None:
    """Show in the modal what the role just selected would cause."""
    member = MemberRef.decode(BlockId.decode(request.origin).key)
    list_url = RoleFormMetadata.decode(request.metadata).list_url
    request.update_view(
        _build_role_form(services, request, member, request.value, list_url)
    )


def submit_role_form(services: Services, submission: ViewSubmission) -> View | None:
    """Give the member the selected role; the list that led here is brought up to date.

    Without a list that can be reached, the modal shows the result. It shows instead
    what the role would cause if that has changed or was not shown yet.
    """
    metadata = RoleFormMetadata.decode(submission.private_metadata)
    shown = metadata.shown
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
        return _build_role_view(
            services, changed.preview, metadata.list_url, is_renewed=True
        )
    result = _render_role_change(services, outcome)
    if not metadata.list_url:
        return result_view(services.renderer, "role.title", result)
    _update_members_list(services, submission, member, metadata.list_url, result)
    return None


def _update_members_list(
    services: Services,
    submission: ViewSubmission,
    member: MemberRef,
    url: str,
    result: RenderedText,
) -> None:
    """Replace an ephemeral list of members by the result and the list as it is now."""
    members = build_members_list(services, submission, member.resource_id)
    message = {**blocks.prepend_text(result, members), "replace_original": True}
    services.enqueue_response(submission.caller, url, message)


def _needs_preview(services: Services, command: ChangeRole, at: datetime) -> bool:
    """Return whether a role is lower, or gives power to a guest or an external person.

    Raises Rejected as the command does.
    """
    roles = services.bus.roles
    happened = services.bus.dry_run(command, at)
    change = next(
        (each for each in happened if isinstance(each, events.MemberRoleChanged)), None
    )
    joined = next(
        (each for each in happened if isinstance(each, events.MemberJoined)), None
    )
    main = change or joined
    if main is None:
        return False
    with services.read_workspace(command.by) as repositories:
        resource = repositories.resources.get_resource(main.resource)
        person = repositories.people.get_person(main.person)
    if resource is None:
        return False
    ranks = roles[resource.kind].ranks
    if change and ranks[change.role] > ranks[change.before]:
        return True
    is_outsider = person is not None and person.is_outsider
    return is_outsider and gives_power(roles, resource.kind, main.role)


def _build_preview(
    services: Services,
    request: CommandRequest | ActionRequest,
    preview: AccessLossPreview,
    *,
    is_renewed: bool = False,
) -> Message:
    return role_preview_message(
        services.renderer,
        preview,
        services.get_person_id(request.caller),
        services.bus.roles,
        is_renewed=is_renewed,
    )


def _build_role_form(
    services: Services,
    request: ActionRequest,
    member: MemberRef,
    role: str,
    list_url: str,
) -> View:
    query = ListRoleChoices(request.caller, member.person_id, member.resource_id, role)
    return _build_role_view(services, services.bus.query(query, request.at), list_url)


def _build_role_view(
    services: Services,
    choices: RoleChoices,
    list_url: str,
    *,
    is_renewed: bool = False,
) -> View:
    draft = RoleChangeDraft(
        current_role=choices.current,
        choices=choices.choices,
        selected_role=choices.selected,
        role_loss=choices.impact,
        revoked_count=choices.revoked_count,
        capabilities_by_role=choices.capabilities_by_role,
        digest=compute_digest(choices),
        list_url=list_url,
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


def _build_reply(services: Services, outcome: Outcome[RoleChangeDetails]) -> Message:
    resource = outcome.view.event.resource
    steps = next_steps_block(services.renderer, resource, NextStep.MEMBERS)
    return blocks.build_message(_render_role_change(services, outcome), steps)


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
    ActionRoute("role_change", confirm_role_change, "role.title"),
    SubmissionRoute("role", submit_role_form),
)

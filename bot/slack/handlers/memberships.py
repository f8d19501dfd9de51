"""Memberships: members of a resource, removals, departures, extensions and undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import (
    BlockId,
    ExpiringMember,
    MemberRef,
    ResourcePage,
    ShownPreview,
)
from bot.slack.commands.slots import Slot
from bot.slack.event_details import (
    EventDetails,
    load_event_details,
    read_first_event,
    select_events,
)
from bot.slack.handlers.invitations import read_term
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, ListRoute
from bot.slack.views import Message, blocks
from bot.slack.views.memberships import (
    leave_preview_message,
    members_message,
    removal_preview_message,
    undoable_message,
)
from bot.slack.views.offboarding import offboarding_undone_message
from collab import errors, events
from collab.bus import Outcome
from collab.confirmation import ConfirmedPreview
from collab.context import Context
from collab.invitations.rules import NO_END
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.memberships.expiry import DEFAULT_EXTENSION, ExtendMembership
from collab.memberships.member_actions import ListMembersWithActions
from collab.memberships.undo import UndoDeparture
from collab.model import NOBODY, Person, Resource
from collab.removal_impact import PreviewLeave, PreviewRemoval

MAX_SEQ_DIGITS = 18  # fit into 64 bits


def show_members(services: Services, request: CommandRequest) -> Message:
    """Show the first page of the members of a resource and of those invited."""
    resource_ref = get_resource_or_linked(services, request)
    return build_members_list(services, request, resource_ref)


def show_members_page(services: Services, request: ActionRequest) -> Message:
    """Show another page of members."""
    page = ResourcePage.decode(request.value)
    return build_members_list(services, request, page.resource_id, page.page)


def show_chosen_members(services: Services, request: ActionRequest) -> Message:
    """Show the members of a resource chosen in a list."""
    return build_members_list(services, request, request.value)


def rebuild_members_list(services: Services, request: ActionRequest) -> Message:
    """Return the first page of the list that the pressed control belongs to."""
    row = MemberRef.decode(BlockId.decode(request.origin).key)
    return build_members_list(services, request, row.resource_id)


def preview_member_removal(services: Services, request: CommandRequest) -> Message:
    """Show what a removal would end, with the button that confirms it."""
    resource_ref = get_resource_or_linked(services, request)
    query = PreviewRemoval(request.caller, request.get(Slot.PERSON), resource_ref)
    preview = services.bus.query(query, request.at)
    return removal_preview_message(services.renderer, preview)


def preview_chosen_removal(services: Services, request: ActionRequest) -> Message:
    """Show what the removal of a member chosen in a list would end."""
    member = MemberRef.decode(request.value)
    query = PreviewRemoval(request.caller, member.person_id, member.resource_id)
    preview = services.bus.query(query, request.at)
    return removal_preview_message(services.renderer, preview)


def preview_leave(services: Services, request: CommandRequest) -> Message:
    """Show what leaving would end, with the button that confirms it."""
    resource_ref = get_resource_or_linked(services, request)
    return _build_leave_preview(services, request, resource_ref)


def preview_chosen_leave(services: Services, request: ActionRequest) -> Message:
    """Show what leaving a resource chosen in a list would end."""
    return _build_leave_preview(services, request, request.value)


def confirm_removal(services: Services, request: ActionRequest) -> Message | None:
    """Remove a member as it was previewed, and offer to undo it."""
    shown = ShownPreview.decode(request.value)
    member = MemberRef.decode(shown.target)
    query = PreviewRemoval(request.caller, member.person_id, member.resource_id)
    command = RemoveMember(request.caller, member.person_id, member.resource_id)
    read_removal = read_first_event(events.MemberRemoved)
    confirmed = ConfirmedPreview(query, shown.digest)
    try:
        outcome = services.execute(command, request.at, read_removal, confirmed)
    except errors.PreviewChanged as changed:
        return removal_preview_message(
            services.renderer, changed.preview, is_renewed=True
        )
    details = outcome.view
    if outcome.is_repeated or details is None:
        return None
    reply = services.render_reply(
        "removed", person=details.person, resource=details.resource
    )
    return undoable_message(services.renderer, reply, outcome.recorded[0].seq)


def confirm_leave(services: Services, request: ActionRequest) -> Message | None:
    """Leave a resource as it was previewed, and offer to undo it."""
    shown = ShownPreview.decode(request.value)
    query = PreviewLeave(request.caller, shown.target)
    command = LeaveResource(request.caller, shown.target)
    read_departure = read_first_event(events.MemberLeft)
    confirmed = ConfirmedPreview(query, shown.digest)
    try:
        outcome = services.execute(command, request.at, read_departure, confirmed)
    except errors.PreviewChanged as changed:
        return leave_preview_message(
            services.renderer, changed.preview, is_renewed=True
        )
    if outcome.is_repeated or outcome.view is None:
        return None
    reply = services.render_reply("left", resource=outcome.view.resource)
    return undoable_message(services.renderer, reply, outcome.recorded[0].seq)


def cancel_preview(services: Services, _request: ActionRequest) -> Message:
    """Confirm that nothing was done."""
    return services.build_reply("cancelled")


def extend_membership(services: Services, request: CommandRequest) -> Message:
    """Extend a membership for a limited time."""
    term = read_term(services, request.caller, request.get(Slot.DURATION))
    command = ExtendMembership(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        DEFAULT_EXTENSION if term == NO_END else term,
    )
    outcome = services.execute(command, request.at, _read_extensions)
    return blocks.build_message(_render_extensions(services, outcome.view))


def press_extend_membership(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Extend a membership once, however often and by whomever its end is extended."""
    member = ExpiringMember.decode(request.value)
    command = ExtendMembership(
        request.caller,
        member.person_id,
        member.resource_id,
        expected_end=member.expires_at,
        also=member.others,
    )
    outcome = services.execute(command, request.at, _read_extensions)
    if outcome.is_repeated:
        return None
    if not outcome.view:
        return services.render_reply("unchanged")
    return _render_extensions(services, outcome.view)


def _read_extensions(context: Context, outcome: Outcome[Any]) -> list[EventDetails]:
    """Return the extended memberships of one person."""
    extended = select_events(outcome.recorded, events.MemberExtended)
    return [load_event_details(context, event) for event in extended]


def _render_extensions(
    services: Services, extensions: Sequence[EventDetails]
) -> RenderedText:
    """Render a reply about extended memberships; raises LookupError without any."""
    first = extensions[0]
    return services.render_reply(
        "extended",
        person=first.person,
        resources=[details.resource for details in extensions],
        event=first.event,
    )


def undo_last_removal(services: Services, request: CommandRequest) -> Message:
    """Undo the caller's last removal or departure."""
    command = UndoDeparture(request.caller)
    outcome = services.execute(command, request.at, _read_undone)
    return _build_undo_reply(services, outcome)


def press_undo(services: Services, request: ActionRequest) -> Message | None:
    """Undo the removal or departure that the button belongs to."""
    command = UndoDeparture(request.caller, _parse_seq(request.value))
    outcome = services.execute(command, request.at, _read_undone)
    return None if outcome.is_repeated else _build_undo_reply(services, outcome)


def build_members_list(
    services: Services,
    request: CommandRequest | ActionRequest | ViewSubmission,
    resource_ref: str,
    page: int = 0,
) -> Message:
    """Return a page of the members of a resource, with their menus."""
    query = ListMembersWithActions(request.caller, resource_ref, page)
    answer = services.bus.query(query, request.at)
    return members_message(
        services.renderer, answer.members, answer.reader_id, answer.actions, page
    )


def _build_leave_preview(
    services: Services, request: CommandRequest | ActionRequest, resource_ref: str
) -> Message:
    query = PreviewLeave(request.caller, resource_ref)
    preview = services.bus.query(query, request.at)
    return leave_preview_message(services.renderer, preview)


def _parse_seq(value: str) -> int:
    """Return the number of an event; 0, which no event has, for anything else."""
    is_number = value.isdecimal() and len(value) <= MAX_SEQ_DIGITS
    return int(value) if is_number else 0


@dataclass(frozen=True, slots=True)
class UndoneOffboarding:
    """Whose offboarding was undone, and the roles that they have back."""

    person: Person
    restored: Sequence[tuple[Resource, str]]


def _read_undone(
    context: Context, outcome: Outcome[Any]
) -> UndoneOffboarding | EventDetails:
    """Return what an undo restored: an offboarding, or one membership with what was
    inside.
    """
    restored = select_events(outcome.recorded, events.MemberRestored)
    reinstated = select_events(outcome.recorded, events.PersonReinstated)
    if not reinstated:
        main = [event for event in restored if event.within is None] or restored
        return load_event_details(context, main[0])
    resources = context.resources.get_resources({each.resource for each in restored})
    return UndoneOffboarding(
        context.people.get_person(reinstated[0].person) or NOBODY,
        [(resources[each.resource], each.role) for each in restored],
    )


def _build_undo_reply(
    services: Services, outcome: Outcome[UndoneOffboarding | EventDetails]
) -> Message:
    undone = outcome.view
    invitation_count, request_count = (
        len(select_events(outcome.recorded, event_type))
        for event_type in (events.InvitationReopened, events.RequestReopened)
    )
    if isinstance(undone, UndoneOffboarding):
        return offboarding_undone_message(
            services.renderer,
            undone.person,
            undone.restored,
            invitation_count,
            request_count,
        )
    return services.build_reply(
        "undone",
        reopened=invitation_count,
        requests=request_count,
        person=undone.person,
        resource=undone.resource,
        role=undone.event.role,
        me=undone.actor.id,
    )


ROUTES = (
    CommandRoute("members", show_members),
    CommandRoute("remove", preview_member_removal),
    CommandRoute("leave", preview_leave),
    CommandRoute("extend", extend_membership),
    CommandRoute("undo", undo_last_removal),
    ActionRoute("members_page", show_members_page, "members_ask"),
    ActionRoute("members_ask", show_chosen_members, "members_ask"),
    ActionRoute("remove_ask", preview_chosen_removal, "verb.remove"),
    ActionRoute("remove", confirm_removal, "verb.remove"),
    ActionRoute("leave_ask", preview_chosen_leave, "verb.leave"),
    ActionRoute("leave", confirm_leave, "verb.leave"),
    ActionRoute("cancel", cancel_preview, "wrong.title"),
    ActionRoute("extend", press_extend_membership, "verb.extend"),
    ActionRoute("undo", press_undo, "verb.undo"),
    ListRoute("members", rebuild_members_list),
)

"""Members: who is in, removing, leaving."""

from __future__ import annotations

from bot.slack.button_values import BlockId, MemberRef, ResourcePage
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, read_first_event
from bot.slack.handlers.removal_previews import preview_removal
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
)
from bot.slack.routing import ActionRoute, CommandRoute, ListRoute
from bot.slack.views import Message
from bot.slack.views.memberships import (
    MemberListActions,
    leave_preview_message,
    members_message,
    removal_preview_message,
    undoable_message,
)
from collab import authorization, events
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.memberships.queries import ListMembers, MemberList, MemberRow
from collab.model import NOBODY
from collab.roles import ResourceType


def show_members(services: Services, asked: CommandRequest) -> Message:
    """Who is in and who is invited."""
    return build_members_list(
        services, asked, get_resource_or_linked(services, asked), 0
    )


def show_members_page(services: Services, request: ActionRequest) -> Message:
    """Another page of members."""
    page = ResourcePage.decode(request.value)
    return build_members_list(services, request, page.resource_id, page.page)


def show_chosen_members(services: Services, request: ActionRequest) -> Message:
    """Members chosen for a thing."""
    return build_members_list(services, request, request.value, 0)


def preview_member_removal(services: Services, asked: CommandRequest) -> Message:
    """Show what a removal would end."""
    act = RemoveMember(
        asked.caller, asked.get(Slot.PERSON), get_resource_or_linked(services, asked)
    )
    return removal_preview_message(
        services.renderer,
        preview_removal(services, asked, services.bus.dry_run(act, asked.at)),
    )


def preview_leave(services: Services, asked: CommandRequest) -> Message:
    """Show what a leave would end."""
    return _build_leave_preview(
        services, asked, get_resource_or_linked(services, asked)
    )


def preview_chosen_removal(services: Services, request: ActionRequest) -> Message:
    """Remove… chosen in a list."""
    member = MemberRef.decode(request.value)
    happens = services.bus.dry_run(
        RemoveMember(request.caller, member.person_id, member.resource_id), request.at
    )
    return removal_preview_message(
        services.renderer, preview_removal(services, request, happens)
    )


def preview_chosen_leave(services: Services, request: ActionRequest) -> Message:
    """Leave… chosen in a list."""
    return _build_leave_preview(services, request, request.value)


def confirm_removal(services: Services, request: ActionRequest) -> Message | None:
    """Remove pressed."""
    member = MemberRef.decode(request.value)
    outcome = services.execute(
        RemoveMember(request.caller, member.person_id, member.resource_id),
        request.at,
        read_first_event(events.MemberRemoved),
    )
    seen: EventDetails | None = outcome.view
    if outcome.is_repeated or seen is None:
        return None
    said = services.render_reply("removed", person=seen.person, resource=seen.resource)
    return undoable_message(services.renderer, said, outcome.recorded[0].seq)


def confirm_leave(services: Services, request: ActionRequest) -> Message | None:
    """Leave pressed."""
    outcome = services.execute(
        LeaveResource(request.caller, request.value),
        request.at,
        read_first_event(events.MemberLeft),
    )
    seen: EventDetails | None = outcome.view
    if outcome.is_repeated or seen is None:
        return None
    said = services.render_reply("left", resource=seen.resource)
    return undoable_message(services.renderer, said, outcome.recorded[0].seq)


def cancel_preview(services: Services, _click: ActionRequest) -> Message:
    """Cancel pressed."""
    return services.build_reply("cancelled")


def rebuild_members_list(services: Services, request: ActionRequest) -> Message:
    """Return the first page of the list of members that a button belongs to."""
    row = MemberRef.decode(BlockId.decode(request.origin).key)
    return build_members_list(services, request, row.resource_id, 0)


def build_members_list(
    services: Services, asked: CommandRequest | ActionRequest, what: str, page: int
) -> Message:
    """A page of the people of a resource."""
    found: MemberList = services.bus.query(
        ListMembers(asked.caller, what, page), asked.at
    )
    me = services.find_person(asked.caller) or NOBODY
    return members_message(
        services.renderer,
        found,
        me.id,
        _list_allowed_actions(services, asked, found, me.id),
        page,
    )


def _list_allowed_actions(
    services: Services,
    asked: CommandRequest | ActionRequest,
    found: MemberList,
    me: str,
) -> MemberListActions:
    """What the list offers; what it comes to is decided anew at the press."""
    with services.read_workspace(asked.caller) as repositories:
        context = services.bus.context(repositories, asked.at)
        grants = authorization.list_assignable_roles(context, me, found.resource)
        removes = authorization.list_removable_roles(context, me, found.resource)
    kind = services.bus.roles[found.resource.kind]
    mine = (
        c.invitation
        for c in found.pending
        if c.inviter.id == me or c.invitation.role in grants
    )
    people = (
        m.person.id for m in found.members if _may_change_role(kind, m, grants, removes)
    )
    return MemberListActions(
        frozenset(invitation.id for invitation in mine), frozenset(people), grants
    )


def _may_change_role(
    kind: ResourceType,
    member: MemberRow,
    grants: tuple[str, ...],
    removes: tuple[str, ...],
) -> bool:
    """Whether there is a higher role to grant, or a lower one to go down to; a role from elsewhere is changed there."""
    now = kind.find_role(member.role)
    if now is None or (member.through and not now.is_derived_only):
        return False
    rank = kind.get_rank(member.role)
    higher = (
        any(kind.get_rank(role) < rank for role in grants)
        and member.role != kind.highest_role
    )
    below = (
        role
        for role in kind.roles[rank + 1 :]
        if role.is_derived_only or role.name in grants
    )
    return higher or (member.role in removes and any(True for _ in below))


def _build_leave_preview(
    services: Services, asked: CommandRequest | ActionRequest, what: str
) -> Message:
    return leave_preview_message(
        services.renderer,
        preview_removal(
            services,
            asked,
            services.bus.dry_run(LeaveResource(asked.caller, what), asked.at),
        ),
    )


ROUTES = (
    CommandRoute("members", show_members),
    CommandRoute("remove", preview_member_removal),
    CommandRoute("leave", preview_leave),
    ActionRoute("members_page", show_members_page),
    ActionRoute("remove_ask", preview_chosen_removal),
    ActionRoute("remove", confirm_removal),
    ActionRoute("leave_ask", preview_chosen_leave),
    ActionRoute("leave", confirm_leave),
    ActionRoute("members_ask", show_chosen_members),
    ActionRoute("cancel", cancel_preview),
    ListRoute("members", rebuild_members_list),
)

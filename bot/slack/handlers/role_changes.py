"""Roles: giving somebody who is in another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import BlockId, MemberRef
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, load_event_details, select_events
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
    build_field_error,
    split_list,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.memberships import RoleChangeDraft, role_change_view
from bot.slack.views.resources import MAX_LISTED, result_view
from collab import authorization, errors, events
from collab.bus import Outcome
from collab.context import Context
from collab.memberships.commands import ChangeRole
from collab.memberships.role_change import (
    PreviewRoleChange,
    RoleChangeImpact,
    list_direct_roles_inside,
)
from collab.model import Person, Resource


def change_role(services: Services, asked: CommandRequest) -> Message:
    """Give somebody another role, at once (MEM-03)."""
    keep = asked.get(Slot.RESOURCES_TO_KEEP) or ()
    act = ChangeRole(
        asked.caller,
        asked.get(Slot.PERSON),
        asked.get(Slot.ROLE),
        get_resource_or_linked(services, asked),
        keep,
    )
    return blocks.build_message(
        _render_role_change(
            services, services.execute(act, asked.at, _read_role_change)
        )
    )


def open_role_form(services: Services, request: ActionRequest) -> None:
    """Change role… chosen in a list: a window with what the rules allow."""
    member = MemberRef.decode(request.value)
    request.open_view(_build_role_form(services, request, member, ""))


def update_role_form(services: Services, request: ActionRequest) -> None:
    """Another role chosen in the window: it shows what that would take."""
    member = MemberRef.decode(BlockId.decode(request.origin).key)
    request.update_view(_build_role_form(services, request, member, request.value))


def submit_role_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in; it says what came of it."""
    member = MemberRef.decode(submission.private_metadata)
    role, field, keep = _parse_role_form(submission)
    if not role:
        chosen = next(
            (name for name in submission.values if BlockId.decode(name).name == "role"),
            "role",
        )
        raise FieldError(chosen, services.renderer.render_label("field.needed"))
    act = ChangeRole(
        submission.caller, member.person_id, role, member.resource_id, keep
    )
    try:
        outcome = services.execute(act, submission.at, _read_role_change)
    except errors.NothingFollows as nothing:
        if field:
            raise build_field_error(
                services, field, nothing, submission.caller
            ) from nothing
        raise
    return result_view(services.renderer, _render_role_change(services, outcome))


def _parse_role_form(submission: ViewSubmission) -> tuple[str, str, tuple[str, ...]]:
    """The role that was chosen; the field of what is kept, where there is one, and what was chosen there."""
    role = next(
        (
            value
            for field, value in submission.values.items()
            if BlockId.decode(field).name == "role"
        ),
        "",
    )
    kept = {
        field: value
        for field, value in submission.values.items()
        if BlockId.decode(field).name == "keep"
    }
    return role, next(iter(kept), ""), tuple(split_list(",".join(kept.values())))


def _build_role_form(
    services: Services, request: ActionRequest, member: MemberRef, role: str
) -> View:
    with services.read_workspace(request.caller) as repositories:
        found, resource = (
            repositories.people.get_person(member.person_id),
            repositories.resources.get_resource(member.resource_id),
        )
    if found is None or resource is None:
        raise errors.UnknownResource(member.resource_id)
    choices = list(_iter_assignable_roles(services, request, found, resource))
    now, kind = (
        _get_current_role(services, request, found, resource),
        services.bus.roles[resource.kind],
    )
    allows = {
        name: known.abilities
        for name in (now, *choices)
        if (known := kind.find_role(name))
    }
    change = RoleChangeDraft(now, choices, capabilities_by_role=allows)
    if role in choices:
        losing = _query_role_loss(services, request, found, resource, role)
        taken_back = _count_revoked_invitations(
            services, request, ChangeRole(request.caller, found.id, role, resource.id)
        )
        change = replace(
            change, selected_role=role, role_loss=losing, revoked_count=taken_back
        )
    return role_change_view(services.renderer, found, resource, change)


def _query_role_loss(
    services: Services,
    request: ActionRequest,
    person: Person,
    resource: Resource,
    role: str,
) -> RoleChangeImpact:
    losing: RoleChangeImpact = services.bus.query(
        PreviewRoleChange(request.caller, person.id, role, resource.id), request.at
    )
    return losing


def _count_revoked_invitations(
    services: Services, request: ActionRequest, act: ChangeRole
) -> int:
    """How many invitations the change would take back, when nothing is kept."""
    try:
        return len(
            select_events(
                services.bus.dry_run(act, request.at), events.InvitationRevoked
            )
        )
    except errors.NothingFollows:
        return 0


def _iter_assignable_roles(
    services: Services, request: ActionRequest, person: Person, resource: Resource
) -> Iterator[str]:
    """Every role that the rules let the presser give this person now; the refusal when there is none.

    A role that follows only from what they keep is among them, when there is something to keep.
    """
    rejected: errors.Rejected | None = None
    found = False
    for each in services.bus.roles[resource.kind].roles:
        try:
            services.bus.dry_run(
                ChangeRole(request.caller, person.id, each.name, resource.id),
                request.at,
            )
        except errors.AlreadyHolds:
            continue
        except errors.Rejected as said:
            rejected = said
            follows = isinstance(said, errors.NothingFollows)
            if not (
                follows
                and _query_role_loss(
                    services, request, person, resource, each.name
                ).keepable
            ):
                continue
        found = True
        yield each.name
    if not found:
        raise rejected or errors.NotAMember(person.id, resource.title)


def _get_current_role(
    services: Services, request: ActionRequest, person: Person, resource: Resource
) -> str:
    with services.read_workspace(request.caller) as repositories:
        context = services.bus.context(repositories, request.at)
        held = sorted(
            authorization.list_effective_roles(context, person.id, resource),
            key=lambda h: not h.is_direct,
        )
        return held[0].role


def _read_role_change(
    context: Context, outcome: Outcome[Any]
) -> tuple[EventDetails, list[tuple[Resource, str]]]:
    """Look at the change, and after a lower role at what the person still holds directly inside (MEM-02)."""
    change: events.MemberRoleChanged | events.MemberJoined | None
    change = outcome.find_event(events.MemberRoleChanged)
    if change is None:
        change = outcome.get_event(events.MemberJoined)
    resource, before = (
        context.resources.get_resource(change.resource),
        getattr(change, "before", None),
    )
    if resource is None or before is None:
        return load_event_details(context, change), []
    rank = context.roles[resource.kind].get_rank
    is_lower = rank(change.role) > rank(before)
    return load_event_details(context, change), list_direct_roles_inside(
        context, change.person, resource, context.actor.id
    ) if is_lower else []


def _render_role_change(services: Services, outcome: Outcome[Any]) -> RenderedText:
    happened = [recorded.event for recorded in outcome.recorded]
    seen, kept = outcome.view
    change, resource, person = seen.event, seen.resource, seen.person
    kind = services.bus.roles.get(resource.kind)
    given = kind and kind.find_role(change.role)
    return services.render_reply(
        "role_changed",
        person=person,
        resource=resource,
        role=change.role,
        before=getattr(change, "before", None),
        can_do=given.abilities if given else (),
        kept=kept[:MAX_LISTED],
        more=max(0, len(kept) - MAX_LISTED),
        taken_back=len(select_events(happened, events.InvitationRevoked)),
    )


ROUTES = (
    CommandRoute("role", change_role),
    ActionRoute("role_ask", open_role_form),
    ActionRoute("role", update_role_form),
    SubmissionRoute("role", submit_role_form),
)

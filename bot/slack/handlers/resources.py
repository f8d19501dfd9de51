"""Resources: making them, giving them another shape, deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import MoveTarget
from bot.slack.commands.slots import Slot
from bot.slack.event_details import (
    EventDetails,
    load_event_details,
    read_first_event,
    select_events,
)
from bot.slack.handlers.removal_previews import (
    ENDING_EVENTS,
    preview_deletion,
    preview_disabling,
    preview_move,
)
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.resources import (
    confirm_deletion_view,
    deletion_preview_message,
    disabling_preview_message,
    move_preview_message,
    result_view,
)
from collab import errors, events
from collab.access_queries import ShowResource
from collab.billing.payment_methods import SetPaymentMethod
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.events import Event
from collab.model import Resource
from collab.moves import MoveResource
from collab.resources import (
    CreateResource,
    DeleteResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
    find_namesake,
)


def create_resource(services: Services, asked: CommandRequest) -> Message:
    """Make a resource; the caller holds the role that the table names, or the one that they hold where it stands."""
    act = CreateResource(
        asked.caller,
        asked.get(Slot.RESOURCE_TYPE),
        asked.get(Slot.NAME),
        asked.get(Slot.OTHER_RESOURCE),
    )
    seen: CreatedResource = services.execute(
        act, asked.at, _read_created_resource(asked)
    ).view
    made = seen.event
    kind = services.bus.roles[made.kind]
    founder = kind.find_role(kind.founder_role)
    # The first that a founder may grant is mostly a founder too; what one invites to is the next.
    grants = founder.grants[1] if founder and len(founder.grants) > 1 else None
    repositories = {"parent": seen.parent, "role": seen.role, "other": seen.other}
    return services.build_reply(
        "created", resource=made, grants=grants, paid=kind.is_paid, **repositories
    )


@dataclass(frozen=True, slots=True)
class CreatedResource:
    """A new resource, where it stands, the creator's role on it, and another one of the same name there."""

    event: events.ResourceCreated
    parent: Resource | None
    role: str
    other: Resource | None = None


def _read_created_resource(asked: CommandRequest) -> ReadAfter[Any]:
    def see(context: Context, outcome: Outcome[Any]) -> CreatedResource:
        made: events.ResourceCreated = outcome.get_event(events.ResourceCreated)
        parent = context.resources.get_resource(made.parent) if made.parent else None
        joined = outcome.find_event(events.MemberJoined)
        role = (
            joined.role
            if joined
            else ShowResource(asked.caller, made.resource).answer(context).role
        )
        return CreatedResource(
            made, parent, role, find_namesake(context, made.resource)
        )

    return see


def rename_resource(services: Services, asked: CommandRequest) -> Message:
    """Give it another name."""
    return _execute_and_reply(
        services,
        asked,
        "renamed",
        RenameResource(
            asked.caller, get_resource_or_linked(services, asked), asked.get(Slot.NAME)
        ),
    )


def describe_resource(services: Services, asked: CommandRequest) -> Message:
    """Say what it is, or take these words away."""
    return _execute_and_reply(
        services,
        asked,
        "described",
        DescribeResource(
            asked.caller,
            get_resource_or_linked(services, asked),
            asked.get(Slot.TEXT) or "",
        ),
    )


def preview_resource_move(services: Services, asked: CommandRequest) -> Message:
    """Show what a move would change; when it is there already, say that."""
    me = services.find_person(asked.caller)
    happens = services.bus.dry_run(
        MoveResource(
            asked.caller,
            get_resource_or_linked(services, asked),
            asked.get(Slot.OTHER_RESOURCE),
        ),
        asked.at,
    )
    if not select_events(happens, events.ResourceMoved):
        return services.build_reply("unchanged")
    return move_preview_message(
        services.renderer, preview_move(services, asked, happens), me.id if me else ""
    )


def confirm_move(services: Services, request: ActionRequest) -> Message | None:
    """Move pressed: let it stand in the other resource, or in nothing."""
    target = MoveTarget.decode(request.value)
    try:
        return _execute_and_reply(
            services,
            request,
            "moved",
            MoveResource(request.caller, target.resource_id, target.container_id),
        )
    except errors.UnknownResource:
        return services.build_reply("gone")


def preview_resource_disabling(services: Services, asked: CommandRequest) -> Message:
    """Show what would be disabled; when it is so already, say that."""
    happens = services.bus.dry_run(
        DisableResource(asked.caller, get_resource_or_linked(services, asked)), asked.at
    )
    found = select_events(happens, events.ResourceDisabled)
    return (
        disabling_preview_message(
            services.renderer, preview_disabling(services, asked, found[0].resource)
        )
        if found
        else services.build_reply("unchanged")
    )


def confirm_disabling(services: Services, request: ActionRequest) -> Message | None:
    """Disable pressed: let nobody do anything there."""
    try:
        return _execute_and_reply(
            services,
            request,
            "disabled",
            DisableResource(request.caller, request.value),
        )
    except errors.UnknownResource:
        return services.build_reply("gone")


def enable_resource(services: Services, asked: CommandRequest) -> Message:
    """End that."""
    return _execute_and_reply(
        services,
        asked,
        "enabled",
        EnableResource(asked.caller, get_resource_or_linked(services, asked)),
    )


def attach_payment_method(services: Services, asked: CommandRequest) -> Message:
    """Let a payment method pay, or nothing."""
    return _execute_and_reply(
        services,
        asked,
        "paid",
        SetPaymentMethod(
            asked.caller,
            get_resource_or_linked(services, asked),
            asked.get(Slot.OTHER_RESOURCE),
        ),
    )


def preview_resource_deletion(services: Services, asked: CommandRequest) -> Message:
    """Show what a deletion would end."""
    me = services.find_person(asked.caller)
    happens = _dry_run_deletion(
        services, asked, get_resource_or_linked(services, asked)
    )
    return deletion_preview_message(
        services.renderer,
        preview_deletion(services, asked, happens),
        me.id if me else "",
    )


def confirm_deletion(services: Services, request: ActionRequest) -> Message | None:
    """Delete pressed: done at once, or a window that asks for the name when things stand inside."""
    try:
        outcome = services.execute(
            DeleteResource(request.caller, request.value),
            request.at,
            _read_deleted_resources,
        )
    except errors.TypeItsName as asks:
        with services.read_workspace(request.caller) as repositories:
            resource = repositories.resources.get_resource(request.value)
        if resource is None:
            return None
        request.open_view(
            confirm_deletion_view(services.renderer, resource, asks.inside)
        )
        return services.build_reply("delete_asked", resource=resource)
    except errors.UnknownResource:
        return services.build_reply("gone")
    return (
        None
        if outcome.is_repeated
        else blocks.build_message(_render_deletion(services, outcome))
    )


def submit_deletion_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in, with the name; it says what came of it."""
    try:
        outcome = services.execute(
            DeleteResource(
                submission.caller,
                submission.private_metadata,
                submission.values.get("name"),
            ),
            submission.at,
            _read_deleted_resources,
        )
    except errors.TypeItsName as asks:
        renderer = services.renderer.render(
            f"refusals/{asks.name}", "plain", title=asks.title, inside=asks.inside
        )
        raise FieldError("name", renderer.text) from asks
    return result_view(services.renderer, _render_deletion(services, outcome))


def _read_main_event(context: Context, outcome: Outcome[Any]) -> EventDetails | None:
    """Look at the move, or at what else happened first."""
    look = read_first_event(
        *((events.ResourceMoved,) if outcome.find_event(events.ResourceMoved) else ())
    )
    found: EventDetails | None = look(context, outcome)
    return found


def _execute_and_reply(
    services: Services, asked: CommandRequest | ActionRequest, name: str, act: Any
) -> Message:
    """Do it and say what is so now; when it was so before, say that."""
    seen: EventDetails | None = services.execute(act, asked.at, _read_main_event).view
    if seen is None:
        return services.build_reply("unchanged")
    return services.build_reply(
        name, resource=seen.resource, event=seen.event, other=seen.other
    )


def _dry_run_deletion(
    services: Services, asked: CommandRequest, what: str
) -> Sequence[Event]:
    """What would happen if its name were typed."""
    try:
        return services.bus.dry_run(DeleteResource(asked.caller, what), asked.at)
    except errors.TypeItsName as asks:
        return services.bus.dry_run(
            DeleteResource(asked.caller, what, asks.title), asked.at
        )


def _read_deleted_resources(
    context: Context, outcome: Outcome[Any]
) -> tuple[EventDetails, list[Resource]]:
    """Look at what was deleted, which comes last, and at the payment methods in it that were retired."""
    *inside, last = [
        recorded.event
        for recorded in outcome.recorded
        if isinstance(recorded.event, ENDING_EVENTS)
    ]
    retired = [
        load_event_details(context, event).resource
        for event in inside
        if isinstance(event, events.ResourceRetired)
    ]
    return load_event_details(context, last), retired


def _render_deletion(services: Services, outcome: Outcome[Any]) -> RenderedText:
    about, retired = outcome.view
    ended = sum(
        isinstance(recorded.event, ENDING_EVENTS) for recorded in outcome.recorded
    )
    name = "retired" if isinstance(about.event, events.ResourceRetired) else "deleted"
    return services.render_reply(
        name, resource=about.resource, inside=ended - 1 - len(retired), retired=retired
    )


ROUTES = (
    CommandRoute("create", create_resource),
    CommandRoute("rename", rename_resource),
    CommandRoute("describe", describe_resource),
    CommandRoute("move", preview_resource_move),
    CommandRoute("migrate", preview_resource_move),
    CommandRoute("disable", preview_resource_disabling),
    CommandRoute("enable", enable_resource),
    CommandRoute("delete", preview_resource_deletion),
    CommandRoute("pay", attach_payment_method),
    ActionRoute("delete", confirm_deletion),
    ActionRoute("disable", confirm_disabling),
    ActionRoute("move", confirm_move),
    SubmissionRoute("delete", submit_deletion_form),
)

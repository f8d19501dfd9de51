"""Resources: making them, giving them another shape, deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rendering import RenderedText
from bot.slack.commands.catalog import Slot
from bot.slack.handlers.removal_previews import (
    ENDING_EVENTS,
    preview_deletion,
    preview_disabling,
    preview_move,
)
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    EventDetails,
    FieldError,
    Services,
    ViewSubmission,
    get_resource_or_linked,
    load_event_details,
    read_first_event,
    select_events,
    split_pair,
)
from bot.slack.views import Message, View, blocks
from bot.slack.views.resources import (
    confirm_deletion_view,
    deletion_preview_message,
    disabling_preview_message,
    move_preview_message,
    result_view,
)
from collab import errors, events
from collab.access_queries import ShowResource, show_resource
from collab.billing.payment_methods import SetPaymentMethod
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.events import Event
from collab.resources import (
    CreateResource,
    DeleteResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    MoveResource,
    RenameResource,
    Resource,
    find_namesake,
)


def create_resource(desk: Services, asked: CommandRequest) -> Message:
    """Make a resource; the caller holds the role that the table names, or the one that they hold where it stands."""
    act = CreateResource(
        asked.caller,
        asked.get(Slot.RESOURCE_TYPE),
        asked.get(Slot.NAME),
        asked.get(Slot.OTHER_RESOURCE),
    )
    seen: CreatedResource = desk.execute(
        act, asked.at, _read_created_resource(asked)
    ).view
    made = seen.event
    kind = desk.bus.roles[made.kind]
    founder = kind.find_role(kind.founder_role)
    # The first that a founder may grant is mostly a founder too; what one invites to is the next.
    grants = founder.grants[1] if founder and len(founder.grants) > 1 else None
    facts = {"parent": seen.parent, "role": seen.role, "other": seen.other}
    return desk.build_reply(
        "created", resource=made, grants=grants, paid=kind.is_paid, **facts
    )


@dataclass(frozen=True, slots=True)
class CreatedResource:
    """A new resource, where it stands, the creator's role on it, and another one of the same name there."""

    event: events.ResourceCreated
    parent: Resource | None
    role: str
    other: Resource | None = None


def _read_created_resource(asked: CommandRequest) -> ReadAfter:
    def see(case: Context, outcome: Outcome) -> CreatedResource:
        made: events.ResourceCreated = outcome.get_first_event(events.ResourceCreated)
        parent = case.repositories.get_resource(made.parent) if made.parent else None
        joined = outcome.get_first_event(events.MemberJoined)
        role = (
            joined.role
            if joined
            else show_resource(ShowResource(asked.caller, made.resource), case).role
        )
        return CreatedResource(made, parent, role, find_namesake(case, made.resource))

    return see


def rename_resource(desk: Services, asked: CommandRequest) -> Message:
    """Give it another name."""
    return _execute_and_reply(
        desk,
        asked,
        "renamed",
        RenameResource(
            asked.caller, get_resource_or_linked(desk, asked), asked.get(Slot.NAME)
        ),
    )


def describe_resource(desk: Services, asked: CommandRequest) -> Message:
    """Say what it is, or take these words away."""
    return _execute_and_reply(
        desk,
        asked,
        "described",
        DescribeResource(
            asked.caller,
            get_resource_or_linked(desk, asked),
            asked.get(Slot.TEXT) or "",
        ),
    )


def preview_resource_move(desk: Services, asked: CommandRequest) -> Message:
    """Show what a move would change; when it is there already, say that."""
    me = desk.find_person(asked.caller)
    happens = desk.bus.dry_run(
        MoveResource(
            asked.caller,
            get_resource_or_linked(desk, asked),
            asked.get(Slot.OTHER_RESOURCE),
        ),
        asked.at,
    )
    if not select_events(happens, events.ResourceMoved):
        return desk.build_reply("unchanged")
    return move_preview_message(
        desk.renderer, preview_move(desk, asked, happens), me.id if me else ""
    )


def confirm_move(desk: Services, click: ActionRequest) -> Message | None:
    """Move pressed: let it stand in the other resource, or in nothing."""
    what, there = split_pair(click.value)
    try:
        return _execute_and_reply(
            desk, click, "moved", MoveResource(click.caller, what, there or None)
        )
    except errors.UnknownResource:
        return desk.build_reply("gone")


def preview_resource_disabling(desk: Services, asked: CommandRequest) -> Message:
    """Show what would be disabled; when it is so already, say that."""
    happens = desk.bus.dry_run(
        DisableResource(asked.caller, get_resource_or_linked(desk, asked)), asked.at
    )
    found = select_events(happens, events.ResourceDisabled)
    return (
        disabling_preview_message(
            desk.renderer, preview_disabling(desk, asked, found[0].resource)
        )
        if found
        else desk.build_reply("unchanged")
    )


def confirm_disabling(desk: Services, click: ActionRequest) -> Message | None:
    """Disable pressed: let nobody do anything there."""
    try:
        return _execute_and_reply(
            desk, click, "disabled", DisableResource(click.caller, click.value)
        )
    except errors.UnknownResource:
        return desk.build_reply("gone")


def enable_resource(desk: Services, asked: CommandRequest) -> Message:
    """End that."""
    return _execute_and_reply(
        desk,
        asked,
        "enabled",
        EnableResource(asked.caller, get_resource_or_linked(desk, asked)),
    )


def attach_payment_method(desk: Services, asked: CommandRequest) -> Message:
    """Let a payment method pay, or nothing."""
    return _execute_and_reply(
        desk,
        asked,
        "paid",
        SetPaymentMethod(
            asked.caller,
            get_resource_or_linked(desk, asked),
            asked.get(Slot.OTHER_RESOURCE),
        ),
    )


def preview_resource_deletion(desk: Services, asked: CommandRequest) -> Message:
    """Show what a deletion would end."""
    me = desk.find_person(asked.caller)
    happens = _dry_run_deletion(desk, asked, get_resource_or_linked(desk, asked))
    return deletion_preview_message(
        desk.renderer, preview_deletion(desk, asked, happens), me.id if me else ""
    )


def confirm_deletion(desk: Services, click: ActionRequest) -> Message | None:
    """Delete pressed: done at once, or a window that asks for the name when things stand inside."""
    try:
        outcome = desk.execute(
            DeleteResource(click.caller, click.value), click.at, _read_deleted_resources
        )
    except errors.TypeItsName as asks:
        with desk.read_workspace(click.caller) as facts:
            resource = facts.get_resource(click.value)
        if resource is None:
            return None
        click.open_view(confirm_deletion_view(desk.renderer, resource, asks.inside))
        return desk.build_reply("delete_asked", resource=resource)
    except errors.UnknownResource:
        return desk.build_reply("gone")
    return (
        None
        if outcome.is_repeated
        else blocks.build_message(_render_deletion(desk, outcome))
    )


def submit_deletion_form(desk: Services, sent: ViewSubmission) -> View:
    """The window sent in, with the name; it says what came of it."""
    try:
        outcome = desk.execute(
            DeleteResource(sent.caller, sent.private_metadata, sent.values.get("name")),
            sent.at,
            _read_deleted_resources,
        )
    except errors.TypeItsName as asks:
        words = desk.renderer.render(
            f"refusals/{asks.name}", "plain", title=asks.title, inside=asks.inside
        )
        raise FieldError("name", words.text) from asks
    return result_view(desk.renderer, _render_deletion(desk, outcome))


def _read_main_event(case: Context, outcome: Outcome) -> EventDetails | None:
    """Look at the move, or at what else happened first."""
    look = read_first_event(
        *(
            (events.ResourceMoved,)
            if outcome.get_first_event(events.ResourceMoved)
            else ()
        )
    )
    found: EventDetails | None = look(case, outcome)
    return found


def _execute_and_reply(
    desk: Services, asked: CommandRequest | ActionRequest, name: str, act: Any
) -> Message:
    """Do it and say what is so now; when it was so before, say that."""
    seen: EventDetails | None = desk.execute(act, asked.at, _read_main_event).view
    if seen is None:
        return desk.build_reply("unchanged")
    return desk.build_reply(
        name, resource=seen.resource, event=seen.event, other=seen.other
    )


def _dry_run_deletion(
    desk: Services, asked: CommandRequest, what: str
) -> Sequence[Event]:
    """What would happen if its name were typed."""
    try:
        return desk.bus.dry_run(DeleteResource(asked.caller, what), asked.at)
    except errors.TypeItsName as asks:
        return desk.bus.dry_run(
            DeleteResource(asked.caller, what, asks.title), asked.at
        )


def _read_deleted_resources(
    case: Context, outcome: Outcome
) -> tuple[EventDetails, list[Resource]]:
    """Look at what was deleted, which comes last, and at the payment methods in it that were retired."""
    *inside, last = [
        recorded.event
        for recorded in outcome.recorded
        if isinstance(recorded.event, ENDING_EVENTS)
    ]
    retired = [
        load_event_details(case, event).resource
        for event in inside
        if isinstance(event, events.ResourceRetired)
    ]
    return load_event_details(case, last), retired


def _render_deletion(desk: Services, outcome: Outcome) -> RenderedText:
    about, retired = outcome.view
    ended = sum(
        isinstance(recorded.event, ENDING_EVENTS) for recorded in outcome.recorded
    )
    name = "retired" if isinstance(about.event, events.ResourceRetired) else "deleted"
    return desk.render_reply(
        name, resource=about.resource, inside=ended - 1 - len(retired), retired=retired
    )

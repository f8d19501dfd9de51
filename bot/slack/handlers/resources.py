"""Resources: creating, changing, moving, disabling and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.rendering import RenderedText
from bot.slack.button_values import MoveTarget, ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.event_details import (
    EventDetails,
    load_event_details,
    read_first_event,
)
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.next_steps import (
    NextStep,
    list_steps_of_new,
    next_steps_block,
)
from bot.slack.views.resources import (
    confirm_deletion_view,
    deletion_preview_message,
    disabling_preview_message,
    move_preview_message,
    renewed_deletion_view,
    result_view,
)
from collab import errors, events
from collab.access_queries import ShowResource
from collab.billing.payment_methods import SetPaymentMethod
from collab.bus import Outcome, ReadAfter
from collab.command import Command
from collab.confirmation import ConfirmedPreview
from collab.context import Context
from collab.impact import (
    ENDING_EVENTS,
    DisablingPreview,
    MovePreview,
    PreviewDeletion,
    PreviewDisabling,
    PreviewMove,
)
from collab.model import Resource, ResourceId
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resource_lookup import find_namesake
from collab.resources import (
    CreateResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
)

_read_first_event = read_first_event()
_read_move = read_first_event(events.ResourceMoved)


# What one may do next, beside opening the page.
STEPS_AFTER: Mapping[str, tuple[NextStep, ...]] = {
    "disabled": (NextStep.ENABLE,),
    "moved": (NextStep.MEMBERS,),
}


@dataclass(frozen=True, slots=True)
class CreatedResource:
    """A new resource with its container, the creator's role, and a namesake beside it."""

    event: events.ResourceCreated
    parent: Resource | None
    role: str
    other: Resource | None = None


@dataclass(frozen=True, slots=True)
class DeletedResources:
    """What was deleted or retired.

    `contents_count` counts the deleted contents; `retired` are retired payment methods
    among the contents.
    """

    main: EventDetails
    contents_count: int
    retired: list[Resource]


def create_resource(services: Services, request: CommandRequest) -> Message:
    """Create a resource."""
    command = CreateResource(
        request.caller,
        request.get(Slot.RESOURCE_TYPE),
        request.get(Slot.NAME),
        request.get(Slot.OTHER_RESOURCE),
    )
    read_creation = _make_creation_reader(request)
    created = services.execute(command, request.at, read_creation).view
    roles, event = services.bus.roles, created.event
    text = services.render_reply(
        "created",
        resource=event,
        paid=roles[event.kind].is_paid,
        parent=created.parent,
        role=created.role,
        other=created.other,
    )
    resource = Resource(event.resource, event.kind, event.slug, event.title)
    steps = list_steps_of_new(roles, resource, created.role)
    return blocks.build_message(
        text, next_steps_block(services.renderer, resource, *steps)
    )


def rename_resource(services: Services, request: CommandRequest) -> Message:
    """Give a resource another name."""
    resource_ref = get_resource_or_linked(services, request)
    command = RenameResource(request.caller, resource_ref, request.get(Slot.NAME))
    return _execute_and_reply(services, request, "renamed", command)


def describe_resource(services: Services, request: CommandRequest) -> Message:
    """Set or clear the description of a resource."""
    resource_ref = get_resource_or_linked(services, request)
    text = request.get(Slot.TEXT) or ""
    command = DescribeResource(request.caller, resource_ref, text)
    return _execute_and_reply(services, request, "described", command)


def preview_resource_move(services: Services, request: CommandRequest) -> Message:
    """Show what a move would change, with the button that confirms it."""
    query = PreviewMove(
        request.caller,
        get_resource_or_linked(services, request),
        request.get(Slot.OTHER_RESOURCE),
    )
    preview = services.bus.query(query, request.at)
    return _build_move_preview(services, request, preview)


def confirm_move(services: Services, request: ActionRequest) -> Message | None:
    """Move a resource into another one, or out of every other, as it was previewed."""
    shown = ShownPreview.decode(request.value)
    target = MoveTarget.decode(shown.target)
    query = PreviewMove(request.caller, target.resource_id, target.container_id)
    command = MoveResource(request.caller, target.resource_id, target.container_id)
    confirmed = ConfirmedPreview(query, shown.digest)
    try:
        return _execute_and_reply(
            services, request, "moved", command, _read_move, confirmed
        )
    except errors.UnknownResource:
        return services.build_reply("gone")
    except errors.PreviewChanged as changed:
        return _build_move_preview(services, request, changed.preview, is_renewed=True)


def preview_resource_disabling(services: Services, request: CommandRequest) -> Message:
    """Show what would be disabled, with the button that confirms it."""
    resource_ref = get_resource_or_linked(services, request)
    query = PreviewDisabling(request.caller, resource_ref)
    preview = services.bus.query(query, request.at)
    return _build_disabling_preview(services, preview)


def confirm_disabling(services: Services, request: ActionRequest) -> Message | None:
    """Disable a resource and its contents as it was previewed."""
    shown = ShownPreview.decode(request.value)
    command = DisableResource(request.caller, shown.target)
    confirmed = ConfirmedPreview(
        PreviewDisabling(request.caller, shown.target), shown.digest
    )
    try:
        return _execute_and_reply(
            services, request, "disabled", command, confirmed=confirmed
        )
    except errors.UnknownResource:
        return services.build_reply("gone")
    except errors.PreviewChanged as changed:
        return _build_disabling_preview(services, changed.preview, is_renewed=True)


def enable_resource(services: Services, request: CommandRequest) -> Message:
    """Enable a resource again."""
    resource_ref = get_resource_or_linked(services, request)
    command = EnableResource(request.caller, resource_ref)
    return _execute_and_reply(services, request, "enabled", command)


def attach_payment_method(services: Services, request: CommandRequest) -> Message:
    """Set or clear the payment method of a resource."""
    command = SetPaymentMethod(
        request.caller,
        get_resource_or_linked(services, request),
        request.get(Slot.OTHER_RESOURCE),
    )
    return _execute_and_reply(services, request, "paid", command)


def preview_resource_deletion(services: Services, request: CommandRequest) -> Message:
    """Show what a deletion would end, with the button that confirms it."""
    resource_ref = get_resource_or_linked(services, request)
    query = PreviewDeletion(request.caller, resource_ref)
    preview = services.bus.query(query, request.at)
    reader_id = services.get_person_id(request.caller)
    return deletion_preview_message(services.renderer, preview, reader_id)


def confirm_deletion(services: Services, request: ActionRequest) -> Message | None:
    """Delete a resource as it was previewed.

    Open a modal that asks for its name if it has contents.
    """
    shown = ShownPreview.decode(request.value)
    command = DeleteResource(request.caller, shown.target)
    confirmed = ConfirmedPreview(
        PreviewDeletion(request.caller, shown.target), shown.digest
    )
    try:
        outcome = services.execute(command, request.at, _read_deletion, confirmed)
    except errors.TypeItsName as rejected:
        return _open_deletion_form(services, request, shown, rejected.inside)
    except errors.UnknownResource:
        return services.build_reply("gone")
    except errors.PreviewChanged as changed:
        reader_id = services.get_person_id(request.caller)
        return deletion_preview_message(
            services.renderer, changed.preview, reader_id, is_renewed=True
        )
    if outcome.is_repeated:
        return None
    return _build_deletion_reply(services, outcome.view)


def submit_deletion_form(services: Services, submission: ViewSubmission) -> View:
    """Delete a resource whose name was typed; the modal then shows the result.

    The result stays: the page below is of what is deleted.
    """
    shown = ShownPreview.decode(submission.private_metadata)
    name = submission.fields.get(Slot.NAME)
    command = DeleteResource(submission.caller, shown.target, name)
    confirmed = ConfirmedPreview(
        PreviewDeletion(submission.caller, shown.target), shown.digest
    )
    try:
        outcome = services.execute(command, submission.at, _read_deletion, confirmed)
    except errors.PreviewChanged as changed:
        reader_id = services.get_person_id(submission.caller)
        return renewed_deletion_view(services.renderer, changed.preview, reader_id)
    text = _render_deletion(services, outcome.view)
    return result_view(services.renderer, "deleted.title", text, callback_id="deleted")


def _make_creation_reader(request: CommandRequest) -> ReadAfter[CreatedResource]:
    def read(context: Context, outcome: Outcome[Any]) -> CreatedResource:
        created = outcome.get_event(events.ResourceCreated)
        container = None
        if created.parent:
            container = context.resources.get_resource(created.parent)
        namesake = find_namesake(context, created.resource)
        joined = outcome.find_event(events.MemberJoined)
        if joined:
            return CreatedResource(created, container, joined.role, namesake)
        detail = ShowResource(request.caller, created.resource).answer(context)
        return CreatedResource(created, container, detail.role, namesake)

    return read


def _build_move_preview(
    services: Services,
    request: CommandRequest | ActionRequest,
    preview: MovePreview | None,
    *,
    is_renewed: bool = False,
) -> Message:
    if preview is None:
        return services.build_reply("unchanged")
    reader_id = services.get_person_id(request.caller)
    return move_preview_message(
        services.renderer, preview, reader_id, is_renewed=is_renewed
    )


def _build_disabling_preview(
    services: Services, preview: DisablingPreview | None, *, is_renewed: bool = False
) -> Message:
    if preview is None:
        return services.build_reply("unchanged")
    return disabling_preview_message(services.renderer, preview, is_renewed=is_renewed)


def _execute_and_reply(
    services: Services,
    request: CommandRequest | ActionRequest,
    reply: str,
    command: Command,
    read_after: ReadAfter[EventDetails | None] = _read_first_event,
    confirmed: ConfirmedPreview | None = None,
) -> Message:
    """Execute a command; reply with what it changed, or that nothing changed."""
    details = services.execute(command, request.at, read_after, confirmed).view
    if details is None:
        return services.build_reply("unchanged")
    text = services.render_reply(
        reply, resource=details.resource, event=details.event, other=details.other
    )
    steps = list(STEPS_AFTER.get(reply, ()))
    if getattr(details.event, "rotate", ()):
        steps.insert(0, NextStep.KEYS)
    return blocks.build_message(
        text,
        next_steps_block(services.renderer, details.resource, *steps, NextStep.OPEN),
    )


def _open_deletion_form(
    services: Services, request: ActionRequest, shown: ShownPreview, contents_count: int
) -> Message | None:
    with services.read_workspace(request.caller) as repositories:
        resource = repositories.resources.get_resource(ResourceId(shown.target))
    if resource is None:
        return None
    request.open_view(
        confirm_deletion_view(services.renderer, resource, contents_count, shown.digest)
    )
    return services.build_reply("delete_asked", resource=resource)


def _read_deletion(context: Context, outcome: Outcome[Any]) -> DeletedResources:
    """Read what was deleted: the resource itself comes last, its contents before."""
    ended = [
        each.event for each in outcome.recorded if isinstance(each.event, ENDING_EVENTS)
    ]
    retired = [
        load_event_details(context, event).resource
        for event in ended[:-1]
        if isinstance(event, events.ResourceRetired)
    ]
    return DeletedResources(
        main=load_event_details(context, ended[-1]),
        contents_count=len(ended) - 1 - len(retired),
        retired=retired,
    )


def _build_deletion_reply(services: Services, deleted: DeletedResources) -> Message:
    text = _render_deletion(services, deleted)
    if isinstance(deleted.main.event, events.ResourceRetired):
        resource = deleted.main.resource
        steps = next_steps_block(services.renderer, resource, NextStep.INVOICES)
        return blocks.build_message(text, steps)
    return blocks.build_message(text)


def _render_deletion(services: Services, deleted: DeletedResources) -> RenderedText:
    is_retired = isinstance(deleted.main.event, events.ResourceRetired)
    return services.render_reply(
        "retired" if is_retired else "deleted",
        resource=deleted.main.resource,
        inside=deleted.contents_count,
        retired=deleted.retired,
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
    ActionRoute("delete", confirm_deletion, "verb.delete"),
    ActionRoute("disable", confirm_disabling, "verb.disable"),
    ActionRoute("move", confirm_move, "verb.move"),
    SubmissionRoute("delete", submit_deletion_form),
)

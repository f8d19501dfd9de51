"""Unlinking channels: what a channel would no longer get, and the end of its link."""

from __future__ import annotations

from bot.rendering import RenderedText
from bot.slack.button_values import LinkedChannelRef, ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.event_details import get_details, read_first_event
from bot.slack.handlers.channels import build_linked_channels_view
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message, blocks
from bot.slack.views.channels import unlink_preview_message, unlink_preview_view
from collab import errors, events
from collab.channels import PreviewUnlink, UnlinkChannel
from collab.confirmation import ConfirmedPreview


def preview_unlinking(services: Services, request: CommandRequest) -> Message:
    """Show which updates a channel would no longer get, with the button to confirm."""
    resource_ref = request.get(Slot.RESOURCE)
    query = PreviewUnlink(request.caller, request.channel, resource_ref)
    link_view = services.bus.query(query, request.at)
    return unlink_preview_message(services.renderer, link_view)


def confirm_unlinking(services: Services, request: ActionRequest) -> Message | None:
    """Unlink a channel as it was previewed."""
    linked = LinkedChannelRef.decode(ShownPreview.decode(request.value).target)
    try:
        return blocks.build_message(_execute_unlink(services, request, linked))
    except errors.UnknownResource:
        return services.build_reply("gone")
    except errors.PreviewChanged as changed:
        return unlink_preview_message(
            services.renderer, changed.preview, is_renewed=True
        )


def preview_listed_unlinking(services: Services, request: ActionRequest) -> None:
    """Show in place of the list which updates a chosen channel would no longer get."""
    linked = LinkedChannelRef.decode(request.value)
    query = PreviewUnlink(request.caller, linked.channel_id, linked.resource_id)
    link_view = services.bus.query(query, request.at)
    request.update_view(
        unlink_preview_view(services.renderer, link_view, linked.list_scope)
    )


def confirm_listed_unlinking(services: Services, request: ActionRequest) -> None:
    """Unlink a channel as it was previewed, and show the updated list again."""
    linked = LinkedChannelRef.decode(ShownPreview.decode(request.value).target)
    scope = linked.list_scope
    try:
        result = _execute_unlink(services, request, linked)
    except errors.PreviewChanged as changed:
        request.update_view(
            unlink_preview_view(
                services.renderer, changed.preview, scope, is_renewed=True
            )
        )
        return
    request.update_view(
        build_linked_channels_view(
            services, request.caller, request.at, scope, result=result
        )
    )


def _execute_unlink(
    services: Services, request: ActionRequest, linked: LinkedChannelRef
) -> RenderedText:
    """Unlink a channel as it was previewed; raises PreviewChanged."""
    channel_id, resource_id = linked.channel_id, linked.resource_id
    confirmed = ConfirmedPreview(
        PreviewUnlink(request.caller, channel_id, resource_id),
        ShownPreview.decode(request.value).digest,
    )
    outcome = services.execute(
        UnlinkChannel(request.caller, channel_id, resource_id),
        request.at,
        read_first_event(events.ChannelUnlinked),
        confirmed,
    )
    details = get_details(outcome)
    return services.render_reply(
        "unlinked", resource=details.resource, event=details.event
    )


ROUTES = (
    CommandRoute("unlink", preview_unlinking),
    ActionRoute("unlink", confirm_unlinking, "verb.unlink"),
    ActionRoute("unlink_ask", preview_listed_unlinking),
    ActionRoute("unlink_listed", confirm_listed_unlinking),
)

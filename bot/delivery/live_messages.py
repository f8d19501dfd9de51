"""Bring messages about an open question up to date."""

from __future__ import annotations

from bot.delivery.notification_context import read_notification_context
from bot.delivery.services import DeliveryServices
from bot.slack.errors import REFUSED_TOKEN_CODES, FailureKind, SlackCallFailed
from bot.slack.views import Message
from bot.slack.views.live_messages import live_message
from collab.model import Delivery, LiveMessage


def refresh_live_messages(services: DeliveryServices, delivery: Delivery) -> None:
    """Update all messages of a target about a subject, then raise the first failure."""
    copies = services.store.list_copies(
        delivery.workspace, delivery.about or "", delivery.target
    )
    if not copies:
        return
    context = read_notification_context(services, delivery)
    if context.subject is None:
        return
    renderer = services.renderer_for(delivery.workspace, context.viewer)
    errors = list[SlackCallFailed]()
    for copy in copies:
        message = live_message(
            renderer, copy.message, context.subject, context.viewer, context.at
        )
        try:
            _update_or_forget(services, copy, message)
        except SlackCallFailed as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _update_or_forget(
    services: DeliveryServices, copy: LiveMessage, message: Message
) -> None:
    """Update one message, or forget it if it does not exist any more."""
    try:
        _update_message(services, copy, message)
    except SlackCallFailed as error:
        if error.kind is not FailureKind.RECIPIENT_GONE:
            raise
        if error.code in REFUSED_TOKEN_CODES:
            raise
        services.store.delete_copy(copy)


def _update_message(
    services: DeliveryServices, copy: LiveMessage, message: Message
) -> None:
    if copy.response_url:
        body = {"replace_original": True, **message}
        services.slack.post_response(copy.workspace, copy.response_url, body)
        return
    services.slack.call_method(
        copy.workspace,
        "chat.update",
        channel=copy.channel,
        ts=copy.ts,
        parse="none",
        **message,
    )

"""Bring messages about an open question up to date."""

from __future__ import annotations

from bot.delivery.notification_context import read_notification_context
from bot.delivery.services import DeliveryServices
from bot.slack.errors import REFUSED_TOKEN_CODES, FailureKind, SlackCallFailed
from bot.slack.message_address import MessageAddress
from bot.slack.views import Message
from bot.slack.views.live_messages import live_message
from collab.model import Delivery
from collab.notifications.sent_messages import LiveMessage


def refresh_live_messages(services: DeliveryServices, delivery: Delivery) -> None:
    """Update all messages of a target about a subject, then raise the first failure."""
    live_messages = services.store.list_live_messages(
        delivery.workspace, delivery.about or "", delivery.target
    )
    if not live_messages:
        return
    context = read_notification_context(services, delivery)
    if context.subject is None:
        return
    renderer = services.renderer_for(delivery.workspace, context.viewer)
    errors = list[SlackCallFailed]()
    for sent in live_messages:
        message = live_message(
            renderer, sent.message, context.subject, context.viewer, context.at
        )
        try:
            _update_or_delete(services, sent, message)
        except SlackCallFailed as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _update_or_delete(
    services: DeliveryServices, sent: LiveMessage, message: Message
) -> None:
    """Update one message, or delete its record if it does not exist any more."""
    try:
        _update_message(services, sent, message)
    except SlackCallFailed as error:
        if error.kind is not FailureKind.RECIPIENT_GONE:
            raise
        if error.code in REFUSED_TOKEN_CODES:
            raise
        services.store.delete_live_message(sent)


def _update_message(
    services: DeliveryServices, sent: LiveMessage, message: Message
) -> None:
    address = MessageAddress.decode(sent.address)
    if address.response_url:
        body = {"replace_original": True, **message}
        services.slack.post_response(sent.workspace, address.response_url, body)
        return
    services.slack.call_method(
        sent.workspace,
        "chat.update",
        channel=address.channel,
        ts=address.ts,
        parse="none",
        **message,
    )

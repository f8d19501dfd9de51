"""Bring messages about an open question, or about an undone departure, up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.delivery.notification_context import read_notification_context
from bot.delivery.services import DeliveryServices
from bot.slack.errors import REFUSED_TOKEN_CODES, FailureKind, SlackCallFailed
from bot.slack.message_address import MessageAddress
from bot.slack.views import Message
from bot.slack.views.live_messages import get_copy_group, live_message
from bot.slack.views.notifications import notification_message
from collab.model import Delivery
from collab.notifications.sent_messages import LiveMessage
from collab.notifications.targets import parse_event_subject


def refresh_live_messages(services: DeliveryServices, delivery: Delivery) -> None:
    """Update all messages of a target about a subject, then raise the first failure."""
    live_messages = services.store.list_live_messages(
        delivery.workspace, delivery.subject_id or "", delivery.target
    )
    if not live_messages:
        return
    renderings = _render_all(services, delivery, live_messages)
    errors = list[SlackCallFailed]()
    for sent, message in renderings:
        try:
            _update_or_delete(services, sent, message)
        except SlackCallFailed as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _render_all(
    services: DeliveryServices, delivery: Delivery, live_messages: Sequence[LiveMessage]
) -> Iterator[tuple[LiveMessage, Message]]:
    """Yield each message with what it says now; none about what does not exist."""
    seq = parse_event_subject(delivery.subject_id)
    if seq is not None:
        delivery = replace(delivery, seq=seq, subject_id=None)
    context = read_notification_context(services, delivery)
    renderer = services.renderer_for(delivery.workspace, context.viewer)
    if seq is not None:
        for sent in live_messages:
            yield sent, notification_message(renderer, sent.message, context)
        return
    if context.subject is None:
        return
    newest = _list_newest(live_messages)
    for sent in live_messages:
        yield (
            sent,
            live_message(
                renderer,
                sent.message,
                context.subject,
                context.viewer,
                context.at,
                is_older=sent not in newest,
            ),
        )


def _list_newest(live_messages: Sequence[LiveMessage]) -> list[LiveMessage]:
    """Return the newest of each group of copies, and all lists that only one reader
    sees.
    """
    posted: dict[str, LiveMessage] = {}
    lists = list[LiveMessage]()
    for sent in live_messages:
        if MessageAddress.decode(sent.address).response_url:
            lists.append(sent)
        else:
            posted[get_copy_group(sent.message)] = sent
    return [*posted.values(), *lists]


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

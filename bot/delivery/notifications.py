"""Send notifications: one message for an event, or a person's digest of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.delivery.live_messages import find_newest_address
from bot.delivery.mails import (
    goes_by_mail,
    is_reached_by_mail,
    send_digest_by_mail,
    send_mails,
)
from bot.delivery.notification_context import (
    read_notification_context,
    read_topic_contexts,
)
from bot.delivery.services import DeliveryServices
from bot.delivery.threads import (
    BROADCAST_REPLY_EVENTS,
    THREAD_STARTING_EVENTS,
    get_thread_subject_id,
)
from bot.rendering import Renderer
from bot.slack.errors import SlackCallFailed
from bot.slack.message_address import MessageAddress
from bot.slack.views import Message
from bot.slack.views.gathered import gathered_message
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS
from bot.slack.views.notifications import (
    DigestEntry,
    NotificationContext,
    build_digest_entry,
    notification_message,
    personal_digest_message,
)
from collab.events import Event, PersonMerged
from collab.model import (
    Delivery,
    DigestItem,
    InvitationId,
    NotificationTopic,
    Person,
    WorkspaceId,
)
from collab.notifications.builder import get_subject_id
from collab.notifications.digests import MAX_PERSONAL_DIGEST_ITEMS
from collab.notifications.messages import DEPARTURE_MESSAGES
from collab.notifications.sent_messages import LiveMessage, MessageThread, SentRecord
from collab.notifications.targets import format_event_subject
from collab.people import is_erased

REMINDER_MESSAGE = "invitation_reminder"
# The first messages about an open question: once it is answered they are not sent, as
# the refresh that follows would only replace them.
FIRST_MESSAGES = frozenset(
    {
        "invitation",
        REMINDER_MESSAGE,
        "invitation_open",
        "request",
        "succession",
        "member_ends_soon",
    }
)
# More than a personal digest has: some events have two messages for one person.
MAX_DIGEST_ENTRIES = 2 * MAX_PERSONAL_DIGEST_ITEMS
# Slack's answers when the first message of a thread was deleted.
PARENT_DELETED_CODES = frozenset(
    {"cannot_reply_to_message", "thread_not_found", "message_not_found"}
)


def send_notification(
    services: DeliveryServices, delivery: Delivery
) -> Sequence[SentRecord]:
    """Send a notification; return its live message and the thread that it started."""
    contexts = [
        context
        for context in read_topic_contexts(services, delivery, delivery.topics)
        if not _is_already_answered(delivery.message, context)
        and not _cannot_remind(services, delivery, context)
        and not _is_in_slack_already(services, delivery, context)
    ]
    if not contexts or _is_for_erased(contexts[0]):
        return ()
    if goes_by_mail(services, delivery, contexts[0].viewer):
        return send_mails(services, delivery, contexts)
    renderer = services.renderer_for(delivery.workspace, contexts[0].viewer)
    if _reply_to_card(services, delivery, contexts, renderer):
        return ()
    message = gathered_message(renderer, delivery.message, contexts, delivery.payload)
    threads = _find_threads(services, delivery, contexts)
    answer = _post_to_thread(services, delivery, contexts, threads, message)
    records = list[SentRecord](_build_live_messages(delivery, contexts, answer))
    is_reply = bool((answer.get("message") or {}).get("thread_ts"))
    if not is_reply:
        records += [replace(each, address=str(answer["ts"])) for each in threads]
    return records


def send_personal_digest(services: DeliveryServices, delivery: Delivery) -> None:
    """Send a person's digest of several notifications."""
    viewer = read_notification_context(services, delivery).viewer
    notices = [
        (item.message, context)
        for item in _list_digest_items(services, delivery)
        if (context := _read_item_context(services, delivery, item))
    ]
    if not notices:
        return
    if goes_by_mail(services, delivery, viewer):
        send_digest_by_mail(services, delivery, notices)
        return
    renderer = services.renderer_for(delivery.workspace, viewer)
    entries = [_build_entry(renderer, *each) for each in notices]
    services.post_message(
        delivery.workspace,
        _target_channel(delivery, viewer),
        personal_digest_message(renderer, entries),
    )


def _list_digest_items(
    services: DeliveryServices, delivery: Delivery
) -> Sequence[DigestItem]:
    if delivery.seq is None:
        return ()
    with services.read_context(delivery.workspace) as context:
        return context.digests.list_digest_items(delivery.seq, MAX_DIGEST_ENTRIES)


def _read_item_context(
    services: DeliveryServices, digest: Delivery, item: DigestItem
) -> NotificationContext | None:
    """Return what an item of a digest is about, None if it is obsolete."""
    delivery = replace(
        digest,
        seq=item.seq,
        message=item.message,
        subject_id=_read_subject_id(services, digest.workspace, item.seq),
    )
    context = read_notification_context(services, delivery)
    if context.line is None or _is_already_answered(item.message, context):
        return None
    return context


def _build_entry(
    renderer: Renderer, message: str, context: NotificationContext
) -> DigestEntry:
    """Return an item of a digest with its words."""
    at = context.line.recorded.at if context.line else context.at
    return build_digest_entry(at, notification_message(renderer, message, context))


def _read_subject_id(
    services: DeliveryServices, workspace: WorkspaceId, seq: int
) -> str | None:
    with services.read_context(workspace) as context:
        recorded = context.events.get_event(seq)
    return get_subject_id(recorded.event) if recorded else None


def _is_already_answered(message: str, context: NotificationContext) -> bool:
    """Return whether a first message is about an answered question."""
    if message not in FIRST_MESSAGES:
        return False
    return context.subject is None or not context.subject.waits


def _is_for_erased(context: NotificationContext) -> bool:
    """Return whether a notification is for a person who was erased."""
    return context.viewer is not None and is_erased(context.viewer)


def _cannot_remind(
    services: DeliveryServices, delivery: Delivery, context: NotificationContext
) -> bool:
    """Return whether a reminder is for a person whom nothing reaches.

    The failure of the invitation itself was reported, unless mail was turned off since.
    """
    viewer = context.viewer
    if delivery.message != REMINDER_MESSAGE or viewer is None:
        return False
    return not viewer.user and not is_reached_by_mail(services, viewer)


def _is_in_slack_already(
    services: DeliveryServices, delivery: Delivery, context: NotificationContext
) -> bool:
    """Return whether an invitation was never mailed to a person who has joined Slack.

    Then it is in Slack, or on its way there.
    """
    if not isinstance(_get_event(context), PersonMerged):
        return False
    invitation_id = InvitationId(context.topic.subject_id or "")
    mail = services.mail
    return not mail or not mail.links.was_mailed(delivery.workspace, invitation_id)


def _find_threads(
    services: DeliveryServices,
    delivery: Delivery,
    contexts: Sequence[NotificationContext],
) -> list[MessageThread]:
    """Return the threads of a channel that a message belongs to, one for each subject.

    The address is empty if the message starts it. Messages for a person have no thread.
    """
    threads: dict[str, MessageThread] = {}
    for context in contexts:
        event = _get_event(context)
        subject_id = get_thread_subject_id(event) if event else None
        if context.viewer or subject_id is None:
            continue
        ts = None
        if not isinstance(event, THREAD_STARTING_EVENTS):
            ts = services.store.find_thread_address(
                delivery.workspace, delivery.target, subject_id
            )
        threads[subject_id] = MessageThread(
            delivery.workspace, delivery.target, subject_id, ts or ""
        )
    return list(threads.values())


def _post_to_thread(
    services: DeliveryServices,
    delivery: Delivery,
    contexts: Sequence[NotificationContext],
    threads: Sequence[MessageThread],
    message: Message,
) -> dict[str, Any]:
    """Post a message, as a reply if all its threads begin with one message that exists."""
    channel = _target_channel(delivery, contexts[0].viewer)
    addresses = {thread.address for thread in threads}
    address = addresses.pop() if len(addresses) == 1 else ""
    if address:
        try:
            return services.post_message(
                delivery.workspace,
                channel,
                message,
                thread_ts=address,
                reply_broadcast=any(map(_is_broadcast, contexts)),
            )
        except SlackCallFailed as error:
            if error.code not in PARENT_DELETED_CODES:
                raise
    return services.post_message(delivery.workspace, channel, message)


def _reply_to_card(
    services: DeliveryServices,
    delivery: Delivery,
    contexts: Sequence[NotificationContext],
    renderer: Renderer,
) -> bool:
    """Post a reminder as a reply to the one message that has what it reminds of.

    Return whether that was possible. The reply is shown in the direct message, too.
    """
    if delivery.message != REMINDER_MESSAGE:
        return False
    cards = {
        find_newest_address(
            services,
            delivery.workspace,
            context.topic.subject_id or "",
            delivery.target,
        )
        for context in contexts
    }
    card = cards.pop()
    if cards or card is None:
        return False
    replies = [replace(context, is_reply=True) for context in contexts]
    message = gathered_message(renderer, delivery.message, replies)
    try:
        services.post_message(
            delivery.workspace,
            card.channel,
            message,
            thread_ts=card.ts,
            reply_broadcast=True,
        )
    except SlackCallFailed as error:
        if error.code not in PARENT_DELETED_CODES:
            raise
        return False
    return True


def _is_broadcast(context: NotificationContext) -> bool:
    return isinstance(_get_event(context), BROADCAST_REPLY_EVENTS)


def _get_event(context: NotificationContext) -> Event | None:
    return context.line.recorded.event if context.line else None


def _target_channel(delivery: Delivery, viewer: Person | None) -> str:
    """Return where to post: a channel, or an account for its direct message."""
    kind, _, channel_id = delivery.target.partition(":")
    if kind == "channel":
        return channel_id
    if viewer is None or not viewer.user:
        raise SlackCallFailed("no_account")
    return viewer.user


def _build_live_messages(
    delivery: Delivery, contexts: Sequence[NotificationContext], answer: dict[str, Any]
) -> Iterator[LiveMessage]:
    """Yield the records by which a message is updated: one for each question in it."""
    topics = [
        topic
        for context in contexts
        if (topic := _get_live_topic(delivery.message, context.topic))
    ]
    address = MessageAddress(str(answer["channel"]), str(answer["ts"])).encode()
    for topic in topics:
        yield LiveMessage(
            workspace=delivery.workspace,
            subject_id=topic.subject_id or "",
            target=delivery.target,
            message=delivery.message,
            address=address,
            topics=tuple(topics) if len(topics) > 1 else (),
        )


def _get_live_topic(message: str, topic: NotificationTopic) -> NotificationTopic | None:
    """Return the topic by which a message is updated; None for a message that is not."""
    if message in LIVE_MESSAGE_CONTROLS:
        return topic
    if message in DEPARTURE_MESSAGES and topic.seq:
        return NotificationTopic(None, format_event_subject(topic.seq))
    return None

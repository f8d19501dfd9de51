"""Bring messages about an open question, or about an undone departure, up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.delivery.notification_context import read_topic_contexts
from bot.delivery.services import DeliveryServices
from bot.slack.errors import REFUSED_TOKEN_CODES, FailureKind, SlackCallFailed
from bot.slack.message_address import MessageAddress
from bot.slack.views import Message
from bot.slack.views.gathered import gathered_message
from bot.slack.views.live_messages import get_copy_group
from collab.model import Delivery, NotificationTopic, WorkspaceId
from collab.notifications.sent_messages import LiveMessage
from collab.notifications.targets import parse_event_subject

Topics = Sequence[NotificationTopic]


def refresh_live_messages(services: DeliveryServices, delivery: Delivery) -> None:
    """Update all messages of a target about the subjects of a delivery, each once.

    Then raise the first failure.
    """
    _refresh(services, delivery, are_older=False)


def refresh_older_messages(services: DeliveryServices, delivery: Delivery) -> None:
    """Update the messages that a newer one about their subject has just followed."""
    _refresh(services, delivery, are_older=True)


def _refresh(
    services: DeliveryServices, delivery: Delivery, *, are_older: bool
) -> None:
    subject_ids = [topic.subject_id or "" for topic in delivery.topics]
    sent_by_subject = _list_sent(services, delivery, subject_ids)
    by_address = {
        sent.address: sent for messages in sent_by_subject.values() for sent in messages
    }
    sent_messages = list(by_address.values())
    if not sent_messages:
        return
    others = [topic.subject_id or "" for sent in sent_messages for topic in sent.topics]
    sent_by_subject |= _list_sent(services, delivery, set(others) - set(subject_ids))
    newest_by_subject = {
        subject_id: frozenset(each.address for each in _list_newest(messages))
        for subject_id, messages in sent_by_subject.items()
    }
    if are_older:
        sent_messages = [
            sent for sent in sent_messages if _is_older(sent, newest_by_subject)
        ]
    errors = list[SlackCallFailed]()
    for sent, message in _render_all(
        services, delivery, sent_messages, newest_by_subject
    ):
        try:
            _update_or_delete(services, sent, message)
        except SlackCallFailed as error:
            errors.append(error)
    if errors:
        raise errors[0]


def find_newest_address(
    services: DeliveryServices, workspace: WorkspaceId, subject_id: str, target: str
) -> MessageAddress | None:
    """Return where a target's newest posted message about a subject is, if there is one."""
    live_messages = services.store.list_live_messages(workspace, subject_id, target)
    addresses = [MessageAddress.decode(sent.address) for sent in live_messages]
    posted = [address for address in addresses if address.ts]
    return posted[-1] if posted else None


def _list_sent(
    services: DeliveryServices, delivery: Delivery, subject_ids: Iterable[str]
) -> dict[str, Sequence[LiveMessage]]:
    """Return the target's messages about each subject, oldest first."""
    return {
        subject_id: services.store.list_live_messages(
            delivery.workspace, subject_id, delivery.target
        )
        for subject_id in subject_ids
    }


def _render_all(
    services: DeliveryServices,
    delivery: Delivery,
    sent_messages: Sequence[LiveMessage],
    newest_by_subject: Mapping[str, Collection[str]],
) -> Iterator[tuple[LiveMessage, Message]]:
    """Yield each message with what it says now; none about what does not exist."""
    topics = list(
        dict.fromkeys(t for sent in sent_messages for t in _list_topics(sent))
    )
    read = read_topic_contexts(services, delivery, [_find_event(t) for t in topics])
    context_by_topic = dict(zip(topics, read, strict=True))
    for sent in sent_messages:
        contexts = [
            replace(
                context_by_topic[topic],
                is_older=sent.address
                not in newest_by_subject.get(topic.subject_id or "", ()),
            )
            for topic in _list_topics(sent)
            if context_by_topic[topic].subject or context_by_topic[topic].line
        ]
        if contexts:
            renderer = services.renderer_for(delivery.workspace, contexts[0].viewer)
            yield sent, gathered_message(renderer, sent.message, contexts)


def _is_older(
    sent: LiveMessage, newest_by_subject: Mapping[str, Collection[str]]
) -> bool:
    """Return whether a newer message is about one of the message's subjects."""
    return any(
        sent.address not in newest_by_subject.get(topic.subject_id or "", ())
        for topic in _list_topics(sent)
    )


def _list_topics(sent: LiveMessage) -> Topics:
    return sent.topics or (NotificationTopic(None, sent.subject_id),)


def _find_event(topic: NotificationTopic) -> NotificationTopic:
    """Return the topic that is read: a question as it is now, or an event by its number."""
    seq = parse_event_subject(topic.subject_id)
    if seq is not None:
        return NotificationTopic(seq, None)
    return NotificationTopic(None, topic.subject_id)


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

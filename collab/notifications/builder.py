"""Build the notifications and the digest items of an event from the routing table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collab.context import Context
from collab.events import RecordedEvent
from collab.model import DigestItem, Frequency, Notification
from collab.notifications.digests import get_channel_digest_time
from collab.notifications.messages import BACKGROUND_MESSAGES
from collab.notifications.recipients import Recipient
from collab.notifications.routing import NOTIFICATION_ROUTES


def build_notifications(
    recorded: RecordedEvent, context: Context
) -> Iterator[Notification | DigestItem]:
    """Yield what each audience of an event gets.

    A notification, or an item of a digest.
    """
    subject_id = get_subject_id(recorded.event)
    for audience, message in NOTIFICATION_ROUTES.get(type(recorded.event), ()):
        recipients = audience(recorded.event, recorded, context)
        by_target = {(each.target, each.subject_id): each for each in recipients}
        for recipient in by_target.values():
            if recipient.link and not _is_immediate(recipient, message):
                yield DigestItem(
                    recipient=recipient.target,
                    seq=recorded.seq,
                    message=message,
                    due=get_channel_digest_time(context, recipient.link),
                    resource_id=recipient.link.resource,
                    escalate_to=recipient.link.person,
                )
                continue
            yield Notification(
                target=recipient.target,
                message=message,
                seq=recorded.seq,
                subject_id=recipient.subject_id or subject_id,
                escalate_to=recipient.escalate_to,
            )


def _is_immediate(recipient: Recipient, message: str) -> bool:
    """Return whether a recipient gets a message at once.

    A sent message is always updated at once.
    """
    if recipient.link is None or message in BACKGROUND_MESSAGES:
        return True
    return recipient.link.rhythm == Frequency.IMMEDIATE


def get_subject_id(event: Any) -> str | None:
    """Return the id of the open question that an event is about.

    None if it is about none.

    For a membership it is the ids of the resource and of the person.
    """
    for name in ("invitation", "request", "succession"):
        question_id: str | None = getattr(event, name, None)
        if question_id:
            return question_id
    if event.name.startswith("member."):
        return f"{event.resource} {event.person}"
    return None

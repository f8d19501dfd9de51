"""Which messages a person gets at once, which in a digest and which not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collab.context import Context
from collab.events import Event
from collab.model import DigestItem, Notification, NotificationPreference, PersonId
from collab.notifications.digests import get_personal_digest_time
from collab.notifications.messages import BACKGROUND_MESSAGES, ESSENTIAL_MESSAGES
from collab.notifications.targets import parse_person_id


def split_by_preference(
    notifications: Sequence[Notification],
    events_by_seq: Mapping[int, Event],
    context: Context,
) -> tuple[list[Notification], list[DigestItem]]:
    """Return what is sent at once and what is queued for digests.

    What its recipient does not want is in neither.
    """
    person_ids = [
        _get_deferrable_recipient(each, events_by_seq[each.seq])
        for each in notifications
    ]
    people = context.people.get_people({each for each in person_ids if each})
    immediate: list[Notification] = []
    queued: list[DigestItem] = []
    for notification, person_id in zip(notifications, person_ids, strict=True):
        person = people.get(person_id) if person_id else None
        if person is None or person.notices == NotificationPreference.IMMEDIATE:
            immediate.append(notification)
        elif person.notices == NotificationPreference.DAILY:
            queued.append(
                DigestItem(
                    recipient=notification.target,
                    seq=notification.seq,
                    message=notification.message,
                    due=get_personal_digest_time(context.at, person),
                )
            )
    return immediate, queued


def _get_deferrable_recipient(
    notification: Notification, event: Event
) -> PersonId | None:
    """Return the person whose preference decides when they get a notification.

    Return None if it is essential, about their own membership, no message to a person.
    """
    message = notification.message
    if message in ESSENTIAL_MESSAGES or message in BACKGROUND_MESSAGES:
        return None
    person_id = parse_person_id(notification.target)
    is_about_membership = event.name.startswith("member.")
    if is_about_membership and getattr(event, "person", None) == person_id:
        return None
    return person_id

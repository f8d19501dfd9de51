"""Join what one transaction has for one target: a person gets one message for one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collab.model import Notification
from collab.notifications.messages import REFRESH, REFRESH_OLDER

UPDATES = frozenset({REFRESH, REFRESH_OLDER})

# Messages that can be about several events. The others are about one by their nature: a
# command causes one of them for one target at most.
GATHERED_MESSAGES = frozenset(
    {
        *UPDATES,
        "invitation_declined",
        "invitation_expired",
        "invitation_lost",
        "invitation_reminder",
        "invitation_revoked",
        "invitation_superseded",
        "keys_assigned",
        "member_ended",
        "member_ends_soon",
        "member_extended",
        "member_joined",
        "member_left",
        "member_removed",
        "member_restored",
        "member_role_changed",
        "member_warned",
        "payer_changed",
        "request_ended",
        "resource_created",
        "resource_deleted",
        "succession",
        "transfer_offer_revoked",
    }
)
MAX_TOPICS = 12  # of one message; a reminder has four blocks besides small print


def gather_notifications(notifications: Sequence[Notification]) -> list[Notification]:
    """Return notifications with those joined that are the same message for one target.

    A joined message takes the place of its first part; an update of sent messages that
    of its last one, as the messages of this transaction come before it.
    """
    places: dict[tuple[object, ...], int] = {}
    gathered: dict[int, Notification] = {}
    for position, notification in enumerate(notifications):
        key = _get_key(notification)
        earlier_place = places.get(key)
        if earlier_place is None or notification.message not in GATHERED_MESSAGES:
            places[key] = position
            gathered[position] = notification
            continue
        earlier = gathered.pop(earlier_place)
        if len(earlier.topics) >= MAX_TOPICS and earlier.message not in UPDATES:
            gathered[earlier_place] = earlier
            gathered[position] = notification
            places[key] = position
            continue
        more = tuple(dict.fromkeys((*earlier.topics, *notification.topics)))[1:]
        new_place = position if earlier.message in UPDATES else earlier_place
        gathered[new_place] = replace(earlier, more=more)
        places[key] = new_place
    return [gathered[position] for position in sorted(gathered)]


def _get_key(notification: Notification) -> tuple[object, ...]:
    return notification.target, notification.message, notification.escalate_to

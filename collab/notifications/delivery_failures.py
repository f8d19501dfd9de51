"""What follows when a delivery is given up.

Who is notified, and whose Home changes (EVT-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from collab.model import Delivery, Notification
from collab.notifications.messages import DELIVERY_FAILED, HOME
from collab.notifications.targets import (
    format_home_target,
    format_person_target,
    parse_person_id,
)


def build_failure_notifications(
    delivery: Delivery, problem: str
) -> Iterator[Notification]:
    """Return the notifications that a delivery causes by failing.

    Whoever answers for it is notified, except of a failure notice that failed itself.
    Failed deliveries are listed in that person's Home and in the recipient's.
    """
    seq = delivery.seq or 0
    if delivery.escalate_to and delivery.message != DELIVERY_FAILED:
        yield Notification(
            format_person_target(delivery.escalate_to),
            DELIVERY_FAILED,
            seq,
            delivery.subject_id,
            payload={
                "problem": problem,
                "target": delivery.target,
                "message": delivery.message,
                "delivery": delivery.id,
            },
        )
    if delivery.message == HOME:
        return
    for person_id in (delivery.escalate_to, parse_person_id(delivery.target)):
        if person_id:
            yield Notification(format_home_target(person_id), HOME, seq)

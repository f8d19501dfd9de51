"""What follows when a delivery is given up.

Who is notified, and whose Home changes (EVT-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from collab.model import Delivery, Notification
from collab.notifications.home_updates import build_home_updates
from collab.notifications.messages import DELIVERY_FAILED, HOME
from collab.notifications.targets import (
    format_person_target,
    is_mail_target,
    parse_person_id,
)
from collab.notifications.ways import MAIL
from collab.repositories import People


def build_failure_notifications(
    delivery: Delivery, problem: str, people: People
) -> Iterator[Notification]:
    """Return the notifications that a delivery causes by failing.

    The responsible person is notified, except if a failure notice itself failed.
    Failed deliveries are listed in that person's Home and in the recipient's.
    """
    seq = delivery.seq or 0
    person_id = parse_person_id(delivery.target)
    if person_id and is_mail_target(delivery.target):
        person = people.get_people({person_id}).get(person_id)
        if person and person.reach == MAIL:  # else they have it in the chat platform
            yield Notification(
                format_person_target(person_id),
                delivery.message,
                seq,
                delivery.subject_id,
                more=delivery.more,
            )
        return
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
    person_ids = (delivery.escalate_to, person_id)
    yield from build_home_updates(people, person_ids, seq)

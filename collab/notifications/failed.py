"""Failed deliveries: shown to those who can act, and tried again (EVT-06)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import ClassVar

from collab import accessible_resources, errors
from collab.command import Command, Query
from collab.context import Context
from collab.event_log import build_event_line
from collab.events import Event, NoticeRetried
from collab.model import Delivery, DeliveryId, Person, Resource
from collab.notifications.messages import ANSWERABLE_MESSAGES
from collab.notifications.targets import parse_channel_id, parse_person_id
from collab.open_items import get_open_item

MAX_SHOWN = 20
MAX_READ = 100
MAX_AGE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RetryDelivery(Command):
    """Try a failed delivery again."""

    is_allowed_from_outside: ClassVar[bool] = True

    delivery: DeliveryId

    def decide(self, context: Context) -> list[Event]:
        """Reject a delivery that is neither for the actor nor escalated to them, or asks
        for nothing that is still to be answered.
        """
        actor_id = context.actor.id
        delivery = context.deliveries.find_failed_delivery(actor_id, self.delivery)
        if delivery is None or _is_answered(context, delivery):
            raise errors.NothingToSend
        return [NoticeRetried(delivery.id, delivery.target, delivery.message)]


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A failed delivery, its recipient, and the resource that it is about."""

    delivery: Delivery
    recipient: Person | None
    resource: Resource | None
    mine: bool

    @property
    def channel(self) -> str | None:
        """Return the id of the channel that it is for, if it is for one."""
        return parse_channel_id(self.delivery.target)


@dataclass(frozen=True, slots=True)
class ListFailedDeliveries(Query[Sequence[FailedDelivery]]):
    """List failed deliveries for the actor, or escalated to them."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> Sequence[FailedDelivery]:
        """Return the newest that still matter."""
        return list_newest_failures(context, MAX_SHOWN)


def list_newest_failures(context: Context, most: int) -> Sequence[FailedDelivery]:
    """Return at most so many relevant failures; read no more than needed."""
    return list(islice(_list_relevant_failures(context), most))


def _list_relevant_failures(context: Context) -> Iterator[FailedDelivery]:
    """Yield failures that are recent and ask for nothing that was answered."""
    actor_id = context.actor.id
    deliveries = context.deliveries.list_failed_deliveries(actor_id, MAX_READ)
    if not deliveries:
        return
    viewable_ids = accessible_resources.list_viewable_resource_ids(context, actor_id)
    for delivery in deliveries:
        recorded = context.events.get_event(delivery.seq or 0)
        if recorded is None or context.at - recorded.at > MAX_AGE:
            continue
        if _is_answered(context, delivery):
            continue
        recipient_id = parse_person_id(delivery.target)
        is_own = recipient_id == actor_id
        line = build_event_line(
            context.repositories, recorded, None if is_own else viewable_ids
        )
        recipient = context.people.get_person(recipient_id) if recipient_id else None
        yield FailedDelivery(delivery, recipient, line.resource, is_own)


def _is_answered(context: Context, delivery: Delivery) -> bool:
    """Return whether it asked for an answer that is not needed any more."""
    if delivery.message not in ANSWERABLE_MESSAGES or not delivery.subject_id:
        return False
    question = get_open_item(context, delivery.subject_id)
    return question is None or not question.waits

"""What could not be delivered.

Shown to whoever can do something about it, and tried again when they did (EVT-06).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import ClassVar

from collab import accessible_resources, errors
from collab.audit_log import build_event_line
from collab.command import Command, Query
from collab.context import Context
from collab.events import Event, NoticeRetried
from collab.model import Delivery, Person, Resource
from collab.notifications.messages import ANSWERABLE_MESSAGES
from collab.notifications.targets import parse_person_id
from collab.open_items import get_open_item

MAX_SHOWN = 20
MAX_READ = 100
MAX_AGE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RetryDelivery(Command):
    """Try to deliver something again, by its number."""

    is_allowed_from_outside: ClassVar[bool] = True

    delivery: int

    def decide(self, context: Context) -> list[Event]:
        """Whoever it goes to, or answers for it, has it tried again."""
        found = context.deliveries.find_failed_delivery(context.actor.id, self.delivery)
        if found is None:
            raise errors.NothingToSend
        return [NoticeRetried(found.id, found.target, found.message)]


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A message that reached nobody.

    To whom it goes, why it did not, and what it is about.
    """

    delivery: Delivery
    recipient: Person | None
    resource: Resource | None
    mine: bool

    @property
    def channel(self) -> str | None:
        """The channel that it goes to, if it goes to one."""
        kind, _, name = self.delivery.target.partition(":")
        return name if kind == "channel" else None


@dataclass(frozen=True, slots=True)
class ListFailedDeliveries(Query[Sequence[FailedDelivery]]):
    """What could not be delivered to the asker, or of what they answer for."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> Sequence[FailedDelivery]:
        """The newest of it, as long as it matters."""
        return list_newest_failures(context, MAX_SHOWN)


def list_newest_failures(context: Context, most: int) -> Sequence[FailedDelivery]:
    """At most so much of what could not be delivered; the rest is not looked at."""
    return list(islice(_list_relevant_failures(context), most))


def _list_relevant_failures(context: Context) -> Iterator[FailedDelivery]:
    """What is not old, and asks for nothing that was answered meanwhile."""
    found = context.deliveries.list_failed_deliveries(context.actor.id, MAX_READ)
    seen = (
        accessible_resources.list_viewable_resource_ids(context, context.actor.id)
        if found
        else frozenset()
    )
    for delivery in found:
        recorded = context.events.get_event(delivery.seq or 0)
        if (
            recorded is None
            or context.at - recorded.at > MAX_AGE
            or _is_answered(context, delivery)
        ):
            continue
        person = parse_person_id(delivery.target)
        mine = person == context.actor.id
        line = build_event_line(context.repositories, recorded, None if mine else seen)
        yield FailedDelivery(
            delivery,
            context.people.get_person(person) if person else None,
            line.resource,
            mine,
        )


def _is_answered(context: Context, delivery: Delivery) -> bool:
    """Whether it asked for an answer that was given, or is not wanted any more."""
    if delivery.message not in ANSWERABLE_MESSAGES or not delivery.about:
        return False
    asked = get_open_item(context, delivery.about)
    return asked is None or not asked.waits

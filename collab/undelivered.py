"""What could not be delivered: shown to whoever can do something about it, and tried again when they did (EVT-06)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, NoticeRetried
from collab.notices import person_of
from collab.people import Caller, Person
from collab.record import event_line
from collab.subjects import subject
from collab.telling import ASKING

if TYPE_CHECKING:
    from collab.case import Case
    from collab.notices import Delivery
    from collab.resources import Resource

SHOWN = 20
LOOKED_AT = 100
OLD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Try to deliver something again, by its number."""

    by: Caller
    delivery: int


@dataclass(frozen=True, slots=True)
class ListUndelivered:
    """What could not be delivered to the asker, or of what they answer for."""

    by: Caller


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that reached nobody: to whom it goes, why it did not, and what it is about."""

    delivery: Delivery
    recipient: Person | None
    resource: Resource | None
    mine: bool

    @property
    def channel(self) -> str | None:
        """The channel that it goes to, if it goes to one."""
        kind, _, name = self.delivery.target.partition(":")
        return name if kind == "channel" else None


def send_again(act: SendAgain, case: Case) -> list[Event]:
    """Whoever it goes to, or answers for it, has it tried again."""
    found = case.facts.undelivered_one(case.actor.id, act.delivery)
    if found is None:
        raise refusals.NothingToSend
    return [NoticeRetried(found.id, found.target, found.message)]


def list_undelivered(ask: ListUndelivered, case: Case) -> Sequence[Undelivered]:  # noqa: ARG001 - every question has this form
    """The newest of it, as long as it matters."""
    return newest(case, SHOWN)


def newest(case: Case, most: int) -> Sequence[Undelivered]:
    """At most so much of what could not be delivered; the rest is not looked at."""
    return list(islice(_mattering(case), most))


def _mattering(case: Case) -> Iterator[Undelivered]:
    """What is not old, and asks for nothing that was answered meanwhile."""
    found = case.facts.undelivered(case.actor.id, LOOKED_AT)
    seen = access.viewable(case, case.actor.id) if found else frozenset()
    for delivery in found:
        recorded = case.facts.event(delivery.seq or 0)
        if recorded is None or case.at - recorded.at > OLD or _is_answered(case, delivery):
            continue
        person = person_of(delivery.target)
        mine = person == case.actor.id
        line = event_line(case.facts, recorded, None if mine else seen)
        yield Undelivered(delivery, case.facts.person(person) if person else None, line.resource, mine)


def _is_answered(case: Case, delivery: Delivery) -> bool:
    """Whether it asked for an answer that was given, or is not wanted any more."""
    if delivery.message not in ASKING or not delivery.about:
        return False
    asked = subject(case, delivery.about)
    return asked is None or not asked.waits

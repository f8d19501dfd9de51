"""Which notices a person hears at once, which once a day, and which not at all: as they chose themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from collab.events import Event, PersonDigested
from collab.notices import HOME, MEMBERS, OWN_DIGEST, PROFILE, REFRESH, Notice, person_of
from collab.reminders import OPENS, zone

if TYPE_CHECKING:
    from collab.case import Case

CHOICES = ("direct", "digest", "needed")
TOGETHER = 30  # notices in one digest, so that it stays one message
ERRANDS = frozenset({PROFILE, MEMBERS, REFRESH, HOME})
ASKING = frozenset(
    {"invitation", "invitation_reminder", "request", "succession", "succession_supported", "member_ends_soon"}
)
# Also what ends one's own membership soon, and the outcome of what one asked for (MEM-12).
NEEDED = ASKING | {"member_warned", "request_granted", "request_declined", "request_ended", OWN_DIGEST}


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice that waits for a person's digest, by the number of its fact; they hear of it at `due`."""

    person: str
    seq: int
    message: str
    due: datetime


def parted(
    notices: Sequence[Notice], happened: Mapping[int, Event], case: Case
) -> tuple[Sequence[Notice], Sequence[Kept]]:
    """What is told at once, and what is kept for a digest; what somebody chose not to hear is neither."""
    asks = {person for n in notices if (person := _optional(n, happened[n.seq]))}
    chosen = {person.id: person for person in case.facts.people(asks).values() if person.notices != CHOICES[0]}
    if not chosen:
        return notices, ()
    now, kept = list[Notice](), list[Kept]()
    for notice in notices:
        hearer = chosen.get(_optional(notice, happened[notice.seq]) or "")
        if hearer is None:
            now.append(notice)
        elif hearer.notices == CHOICES[1]:
            kept.append(Kept(hearer.id, notice.seq, notice.message, morning(case.at, hearer.tz)))
    return now, kept


def digests(due: Iterable[Kept]) -> Iterator[PersonDigested]:
    """What was kept for each, in the order in which it happened; as many digests as it needs."""
    for person, kept in groupby(due, key=lambda each: each.person):
        told = [f"{each.seq} {each.message}" for each in kept]
        for start in range(0, len(told), TOGETHER):
            yield PersonDigested(person, tuple(told[start : start + TOGETHER]))


def told_in(event: PersonDigested) -> Iterator[tuple[int, str]]:
    """The number of each fact and the name of its message."""
    for each in event.told:
        seq, _, message = each.partition(" ")
        yield int(seq), message


def morning(at: datetime, tz: str) -> datetime:
    """The next moment at which a day's work begins in that time zone."""
    local = at.astimezone(zone(tz))
    day = local.date() + timedelta(days=local.time() >= OPENS)
    return datetime.combine(day, OPENS, local.tzinfo).astimezone(at.tzinfo)


def _optional(notice: Notice, event: Event) -> str | None:
    """The person whose choice it is whether to hear of it: not of what needs them, nor of their own membership."""
    person = person_of(notice.target)
    own = event.name.startswith("member.") and getattr(event, "person", None) == person
    return None if own or notice.message in NEEDED or notice.message in ERRANDS else person

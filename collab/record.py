"""The record: what happened, as far as the asker may view what it happened to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from collab import access
from collab.events import EVENTS, InvitationDeclined, Recorded, RequestDeclined, told_of
from collab.people import NOBODY, Account, Address, Caller, Person, recognise
from collab.refusals import UnknownEvent
from collab.resources import Resource, find

if TYPE_CHECKING:
    from collab.case import Case, Facts

PAGE = 20
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events: by whom, about whom, of which names (a source or source.fact), since when."""

    actor: str | None = None
    person: str | None = None
    names: tuple[str, ...] = ()
    since: datetime | None = None

    @property
    def patterns(self) -> tuple[str, ...]:
        """The names as they are looked for."""
        return tuple(name if "." in name else f"{name}.%" for name in self.names)


# What mere members do not read of each other: who said no, and who asks for more.
CONFIDENTIAL = frozenset(
    {"invitation.declined", "request.sent", "request.granted", "request.declined", "request.ended"}
)


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event with what its words need."""

    recorded: Recorded
    actor: Person
    person: Person | None
    resource: Resource | None
    team: Resource | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of events was limited to: by whom, about whom, of which names, since when."""

    by: Person | None = None
    about: Person | None = None
    names: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventList:
    """Events, newest first; without a resource of all that the asker may view. `next_before` is where to go on."""

    resource: Resource | None
    lines: Sequence[EventLine]
    next_before: int | None
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class ListEvents:
    """What happened to a resource and in it, or anywhere; by whom, about whom, of which names, since when."""

    by: Caller
    what: str | None = None
    who: Account | Address | None = None
    since: datetime | None = None
    before: int | None = None
    about: Account | Address | None = None
    names: tuple[str, ...] = ()
    most: int = PAGE


def list_events(ask: ListEvents, case: Case) -> EventList:
    """The events of a resource, and of what stands in it, that the asker may view (EVT-03)."""
    # Asked first, what they reach also says what the name means to them.
    seen = access.viewable(case, case.actor.id)
    resource = find(case, ask.what) if ask.what else None
    within = _within(case, seen, resource) if resource else seen
    choice = _choice(ask, case)
    found = _shown(case, seen, within, choice, ask.before, ask.most + 1)
    lines = _lines(case, found[: ask.most], seen)
    by, about = (recognise(case, who)[0] if who else None for who in (ask.who, ask.about))
    filters = Filters(by, about, choice.names, choice.since)
    return EventList(resource, lines, found[ask.most - 1].seq if len(found) > ask.most else None, filters)


def _for_others(recorded: Recorded) -> Recorded:
    """The event without the reason of a decline, which one person alone reads (INV-06, MEM-12)."""
    event = recorded.event
    if isinstance(event, InvitationDeclined | RequestDeclined) and event.reason:
        return replace(recorded, event=replace(event, reason=None))
    return recorded


def recent(case: Case, resource: Resource, seen: frozenset[str], most: int) -> list[EventLine]:
    """The last events of a resource itself, as told to somebody who has `seen` so much."""
    return _lines(case, _shown(case, seen, frozenset({resource.id}), Choice(), None, most), seen)


def _lines(case: Case, found: Sequence[Recorded], seen: frozenset[str]) -> list[EventLine]:
    """Events as told to somebody who has `seen` so much; everybody in them is looked up in one go."""
    concerned = {person for r in found for person in (r.actor, getattr(r.event, "person", None)) if person}
    case.facts.people(concerned)
    return [event_line(case.facts, _for_others(recorded), seen) for recorded in found]


def event_line(facts: Facts, recorded: Recorded, seen: Collection[str] | None = None) -> EventLine:
    """An event with what its words need; of several things it is told of the first that is `seen`."""
    event = recorded.event
    actor = facts.person(recorded.actor) if recorded.actor else None
    person = getattr(event, "person", None)
    places = [place for place in told_of(event) if seen is None or place in seen]
    first, team = next(iter(places), None), getattr(event, "team", None)
    if event.name.startswith("team.") and seen is not None and team not in seen:
        team = None  # the reader may not view it
    return EventLine(
        recorded,
        actor or NOBODY,
        facts.person(person) if person else None,
        facts.resource(first) if first else None,
        facts.resource(team) if team and "team" in event.places else None,
    )


def event_sources() -> tuple[str, ...]:
    """The sources of events, as they may be asked for."""
    return tuple(sorted({name.partition(".")[0] for name in EVENTS} - {"*"}))


def _within(case: Case, seen: frozenset[str], outer: Resource) -> frozenset[str]:
    """Of what the asker may view, and what of it is gone: a resource and what is in it."""
    reached = access.reach_of(case, case.actor.id).resources
    return frozenset(place for place in seen if _stands_in(reached, place, outer.id)) | {outer.id}


def _stands_in(reached: Mapping[str, Resource], place: str | None, outer: str) -> bool:
    while place is not None and place != outer:
        found = reached.get(place)
        place = found.parent if found else None
    return place == outer


def _shown(
    case: Case, seen: frozenset[str], within: frozenset[str], choice: Choice, before: int | None, most: int
) -> list[Recorded]:
    """Events that concern what is asked for; one that is told of what the asker may not view does not show."""
    shown: list[Recorded] = []
    while len(shown) < most:
        found = case.facts.events(within, choice, before, most)
        visible = [r for r in found if not seen.isdisjoint(told_of(r.event))]
        shown += _but_confidential(case, visible)
        if len(found) < most:
            break
        before = found[-1].seq
    return shown[:most]


def _but_confidential(case: Case, found: Sequence[Recorded]) -> list[Recorded]:
    """The events without the declines and requests of others on what the asker brings nobody into."""
    asker = case.actor.id
    foreign = {r.seq for r in found if r.event.name in CONFIDENTIAL and asker not in _concerned(r)}
    if not foreign or not asker:
        return list(found)
    holding = access.holdings(case, asker)
    return [r for r in found if r.seq not in foreign or _grants_there(case, holding, r)]


def _concerned(recorded: Recorded) -> set[str | None]:
    event = recorded.event
    return {recorded.actor, getattr(event, "person", None), getattr(event, "inviter", None)}


def _grants_there(case: Case, holding: access.Holdings, recorded: Recorded) -> bool:
    """Whether the asker holds a role with which others can be brought into what an event is about."""
    for place in told_of(recorded.event):
        resource = case.facts.resource(place)
        roles = {held.role for held in holding.get(place, ())}
        if resource and any(role.grants for role in case.kinds[resource.kind].roles if role.name in roles):
            return True
    return False


def _choice(ask: ListEvents, case: Case) -> Choice:
    for name in ask.names:
        if not any(name in {known, known.partition(".")[0]} for known in _names(case)):
            raise UnknownEvent(name, event_sources())
    actor, person = (recognise(case, who)[0].id if who else None for who in (ask.who, ask.about))
    return Choice(actor, person, ask.names, ask.since)


def _names(case: Case) -> Collection[str]:
    """Every name of an event, a kind's own for what stands under an asterisk."""
    starred = [name.removeprefix("*") for name in EVENTS if name.startswith("*")]
    return [*(n for n in EVENTS if not n.startswith("*")), *(kind + fact for kind in case.kinds for fact in starred)]

"""Succession: when the last who had to hold a role was deactivated, those next to it choose who follows (MEM-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import (
    Event,
    MemberJoined,
    MemberRoleChanged,
    SuccessionClosed,
    SuccessionOpened,
    SuccessionSettled,
    SuccessionSupported,
)
from collab.membership import is_last
from collab.people import (
    Account,
    Address,
    Caller,
    Person,
    at_home,
    check_invitable,
    check_profile,
    is_foreign,
    recognise,
)
from collab.resources import Resource, find
from collab.text import clean_line

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class Succession:
    """A thing waits for somebody to hold a role in place of a person; `support` is who chooses whom.

    Those who are `asked` got the message.
    """

    id: str
    resource: str
    person: str
    role: str
    asked: tuple[str, ...]
    state: str
    chosen: str | None
    support: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choose:
    """Be for somebody as the one who follows."""

    by: Caller
    who: Account | Address | str
    what: str


def choose(act: Choose, case: Case) -> list[Event]:
    """An admin of the workspace settles it alone; else it takes all who hold the next role, for the same person."""
    check_profile(case)
    resource, waits = _waiting(case, act.what)
    asked = electors(case, resource, waits.person)
    if not case.actor.admin and case.actor.id not in asked:
        raise refusals.NotAsked(resource.title)
    chosen, known = _eligible(case, resource, act, asked)
    if case.actor.admin:
        return [*known, *_settled(case, resource, waits, chosen)]
    support = {e: c for e, c in waits.support.items() if e in asked} | {case.actor.id: chosen}
    if all(support.get(elector) == chosen for elector in asked):
        return _settled(case, resource, waits, chosen)
    if waits.support.get(case.actor.id) == chosen:
        return []
    return [SuccessionSupported(waits.id, resource.id, chosen, case.actor.id)]


def electors(case: Case, resource: Resource, *gone: str) -> tuple[str, ...]:
    """All of this workspace who hold the highest role that any of them holds there, but those who are gone."""
    held = [h for h in access.everybody(case, resource) if h.person not in gone]
    home = at_home(case, dict.fromkeys(h.person for h in held))
    held = [h for h in held if h.person in home]
    return tuple(dict.fromkeys(h.person for h in held if h.role == held[0].role))


def open_for(case: Case, person: str) -> Iterator[Event]:
    """What somebody who is being deactivated leaves without one who must be there (MEM-08, MEM-09)."""
    for membership in case.facts.memberships_of(person, case.at):
        resource = case.facts.resource(membership.resource)
        if resource and is_last(case, resource, membership) and not case.facts.succession(resource.id):
            yield _opened(case, resource, person, membership.role, person)


def ask_next(case: Case, person: str) -> Iterator[Event]:
    """When the last of those who choose is being deactivated, those next to them are asked in their place."""
    for waits in case.facts.successions():
        resource = case.facts.resource(waits.resource)
        if resource and electors(case, resource, waits.person) == (person,):
            yield SuccessionClosed(waits.id, resource.id, "asked_anew")
            yield _opened(case, resource, waits.person, waits.role, waits.person, person)


def _opened(case: Case, resource: Resource, person: str, role: str, *gone: str) -> Event:
    asked = electors(case, resource, *gone) or tuple(p for p in case.facts.admins() if p not in gone)
    return SuccessionOpened(case.new_id("S"), resource.id, person, role, asked)


def closed(case: Case, resource: str, role: str | None = None) -> Iterator[Event]:
    """The fact that nobody needs to be chosen any more, when somebody was; for one role or for any."""
    found = case.facts.succession(resource)
    if found and role in {None, found.role}:
        yield SuccessionClosed(found.id, resource, "held" if role else "gone")


def _waiting(case: Case, typed: str) -> tuple[Resource, Succession]:
    """What waits for somebody; an admin of the workspace may name it without being in it."""
    named = case.facts.resource_called(clean_line(typed)) if case.actor.admin else None
    waits = case.facts.succession(named.id) if named else None
    if named and waits:
        return named, waits
    resource = find(case, typed)
    waits = case.facts.succession(resource.id)
    if waits is None:
        raise refusals.NobodyMissing(resource.title)
    return resource, waits


def _eligible(case: Case, resource: Resource, act: Choose, asked: tuple[str, ...]) -> tuple[str, list[Event]]:
    """Somebody active of this workspace who is in; where nobody is, any full member."""
    person, known = _known(case, act.who)
    if person is None:
        raise refusals.NotAPerson("", "deactivated")
    check_invitable(person, case)
    if is_foreign(case, person):
        raise refusals.NotAPerson(person.id, "foreign")
    if asked and not access.roles(case, person.id, resource):
        raise refusals.NotAMember(person.id, resource.title)
    if person.guest and not asked:
        raise refusals.NotAPerson(person.id, "guest")
    return person.id, known


def _known(case: Case, who: Account | Address | str) -> tuple[Person | None, list[Event]]:
    return (case.facts.person(who), []) if isinstance(who, str) else recognise(case, who)


def _settled(case: Case, resource: Resource, waits: Succession, chosen: str) -> list[Event]:
    """The chosen one holds the role; where only so many may, the one who is gone goes down to the next."""
    now = case.facts.held(chosen, [resource.id], case.at).get(resource.id)
    taken: Event = MemberJoined(resource.id, chosen, waits.role, None, None)
    if now:
        taken = MemberRoleChanged(resource.id, chosen, waits.role, None, now.role, now.until, why="succession")
    return [
        SuccessionSettled(waits.id, resource.id, chosen, waits.role),
        *_making_room(case, resource, waits),
        taken,
    ]


def _making_room(case: Case, resource: Resource, waits: Succession) -> Iterator[Event]:
    kind = case.kinds[resource.kind]
    role, below = kind.role(waits.role), kind.below(waits.role)
    old = next((m for m in case.facts.suspended(waits.person) if m.resource == resource.id), None)
    if role and role.at_most is not None and below and old and old.role == role.name:
        yield MemberRoleChanged(
            resource.id, waits.person, below.name, old.until, old.role, old.until, due=old.until, why="succession"
        )

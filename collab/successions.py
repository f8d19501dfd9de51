"""Succession: when the last who had to hold a role was deactivated, those next to it choose who follows (MEM-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.events import (
    Event,
    MemberJoined,
    MemberRoleChanged,
    SuccessionClosed,
    SuccessionOpened,
    SuccessionSettled,
    SuccessionSupported,
)
from collab.memberships.commands import is_last_holder
from collab.people import (
    Account,
    Address,
    Caller,
    Person,
    check_can_be_invited,
    check_profile,
    get_or_register_person,
    is_foreign,
    select_people_of_workspace,
)
from collab.resources import Resource, resolve_resource
from collab.text import clean_text_line

if TYPE_CHECKING:
    from collab.context import Context


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
class ChooseSuccessor:
    """Be for somebody as the one who follows."""

    by: Caller
    who: Account | Address | str
    what: str


def choose_successor(act: ChooseSuccessor, case: Context) -> list[Event]:
    """An admin of the workspace settles it alone; else it takes all who hold the next role, for the same person."""
    check_profile(case)
    resource, waits = _resolve_open_succession(case, act.what)
    asked = list_electors(case, resource, waits.person)
    if not case.actor.admin and case.actor.id not in asked:
        raise errors.NotAsked(resource.title)
    chosen, known = _get_eligible_person(case, resource, act, asked)
    if case.actor.admin:
        return [*known, *_settle_succession(case, resource, waits, chosen)]
    support = {e: c for e, c in waits.support.items() if e in asked} | {
        case.actor.id: chosen
    }
    if all(support.get(elector) == chosen for elector in asked):
        return _settle_succession(case, resource, waits, chosen)
    if waits.support.get(case.actor.id) == chosen:
        return []
    return [SuccessionSupported(waits.id, resource.id, chosen, case.actor.id)]


def list_electors(case: Context, resource: Resource, *gone: str) -> tuple[str, ...]:
    """All of this workspace who hold the highest role that any of them holds there, but those who are gone."""
    held = [
        h for h in authorization.list_users_with(case, resource) if h.person not in gone
    ]
    home = select_people_of_workspace(case, dict.fromkeys(h.person for h in held))
    held = [h for h in held if h.person in home]
    return tuple(dict.fromkeys(h.person for h in held if h.role == held[0].role))


def open_successions_for(case: Context, person: str) -> Iterator[Event]:
    """What somebody who is being deactivated leaves without one who must be there (MEM-08, MEM-09)."""
    for membership in case.repositories.list_memberships_of(person, case.at):
        resource = case.repositories.get_resource(membership.resource)
        if (
            resource
            and is_last_holder(case, resource, membership)
            and not case.repositories.find_open_succession(resource.id)
        ):
            yield _build_opened_event(case, resource, person, membership.role, person)


def ask_next_electors(case: Context, person: str) -> Iterator[Event]:
    """When the last of those who choose is being deactivated, those next to them are asked in their place."""
    for waits in case.repositories.list_open_successions():
        resource = case.repositories.get_resource(waits.resource)
        if resource and list_electors(case, resource, waits.person) == (person,):
            yield SuccessionClosed(waits.id, resource.id, "asked_anew")
            yield _build_opened_event(
                case, resource, waits.person, waits.role, waits.person, person
            )


def _build_opened_event(
    case: Context, resource: Resource, person: str, role: str, *gone: str
) -> Event:
    asked = list_electors(case, resource, *gone) or tuple(
        p for p in case.repositories.list_admin_ids() if p not in gone
    )
    return SuccessionOpened(case.new_id("S"), resource.id, person, role, asked)


def close_succession(
    case: Context, resource: str, role: str | None = None
) -> Iterator[Event]:
    """The fact that nobody needs to be chosen any more, when somebody was; for one role or for any."""
    found = case.repositories.find_open_succession(resource)
    if found and role in {None, found.role}:
        yield SuccessionClosed(found.id, resource, "held" if role else "gone")


def _resolve_open_succession(case: Context, typed: str) -> tuple[Resource, Succession]:
    """What waits for somebody; an admin of the workspace may name it without being in it."""
    named = (
        case.repositories.find_resource_by_id_or_slug(clean_text_line(typed))
        if case.actor.admin
        else None
    )
    waits = case.repositories.find_open_succession(named.id) if named else None
    if named and waits:
        return named, waits
    resource = resolve_resource(case, typed)
    waits = case.repositories.find_open_succession(resource.id)
    if waits is None:
        raise errors.NobodyMissing(resource.title)
    return resource, waits


def _get_eligible_person(
    case: Context, resource: Resource, act: ChooseSuccessor, asked: tuple[str, ...]
) -> tuple[str, list[Event]]:
    """Somebody active of this workspace who is in; where nobody is, any full member."""
    person, known = _resolve_person(case, act.who)
    if person is None:
        raise errors.NotAPerson("", "deactivated")
    check_can_be_invited(person, case)
    if is_foreign(case, person):
        raise errors.NotAPerson(person.id, "foreign")
    if asked and not authorization.list_effective_roles(case, person.id, resource):
        raise errors.NotAMember(person.id, resource.title)
    if person.guest and not asked:
        raise errors.NotAPerson(person.id, "guest")
    return person.id, known


def _resolve_person(
    case: Context, who: Account | Address | str
) -> tuple[Person | None, list[Event]]:
    return (
        (case.repositories.get_person(who), [])
        if isinstance(who, str)
        else get_or_register_person(case, who)
    )


def _settle_succession(
    case: Context, resource: Resource, waits: Succession, chosen: str
) -> list[Event]:
    """The chosen one holds the role; where only so many may, the one who is gone goes down to the next."""
    now = case.repositories.get_memberships_by_resource(
        chosen, [resource.id], case.at
    ).get(resource.id)
    taken: Event = MemberJoined(resource.id, chosen, waits.role, None, None)
    if now:
        taken = MemberRoleChanged(
            resource.id, chosen, waits.role, None, now.role, now.until, why="succession"
        )
    return [
        SuccessionSettled(waits.id, resource.id, chosen, waits.role),
        *_demote_predecessor(case, resource, waits),
        taken,
    ]


def _demote_predecessor(
    case: Context, resource: Resource, waits: Succession
) -> Iterator[Event]:
    kind = case.roles[resource.kind]
    role, below = kind.find_role(waits.role), kind.find_role_below(waits.role)
    old = next(
        (
            m
            for m in case.repositories.list_suspended_memberships_of(waits.person)
            if m.resource == resource.id
        ),
        None,
    )
    if (
        role
        and role.max_holders is not None
        and below
        and old
        and old.role == role.name
    ):
        yield MemberRoleChanged(
            resource.id,
            waits.person,
            below.name,
            old.until,
            old.role,
            old.until,
            due=old.until,
            why="succession",
        )

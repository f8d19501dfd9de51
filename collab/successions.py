"""Succession: when the last who had to hold a role was deactivated, those next to it choose who follows (MEM-09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collab import authorization, errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import (
    Event,
    MemberJoined,
    MemberRoleChanged,
    SuccessionClosed,
    SuccessionOpened,
    SuccessionSettled,
    SuccessionSupported,
)
from collab.memberships.holders import is_last_holder
from collab.model import Account, Address, Person, Resource, Succession
from collab.open_items import SuccessionView, build_succession_view
from collab.people import (
    check_can_be_invited,
    check_profile,
    get_or_register_person,
    is_foreign,
    select_people_of_workspace,
)
from collab.resource_lookup import resolve_resource
from collab.text import clean_text_line


@dataclass(frozen=True, slots=True)
class ChooseSuccessor(Command):
    """Be for somebody as the one who follows."""

    who: Account | Address | str
    what: str

    def decide(self, context: Context) -> list[Event]:
        """An admin of the workspace settles it alone; else it takes all who hold the next role, for the same person."""
        check_profile(context)
        resource, waits = _resolve_open_succession(context, self.what)
        asked = list_electors(context, resource, waits.person)
        if not context.actor.admin and context.actor.id not in asked:
            raise errors.NotAsked(resource.title)
        chosen, known = _get_eligible_person(context, resource, self, asked)
        if context.actor.admin:
            return [*known, *_settle_succession(context, resource, waits, chosen)]
        support = {e: c for e, c in waits.support.items() if e in asked} | {
            context.actor.id: chosen
        }
        if all(support.get(elector) == chosen for elector in asked):
            return _settle_succession(context, resource, waits, chosen)
        if waits.support.get(context.actor.id) == chosen:
            return []
        return [SuccessionSupported(waits.id, resource.id, chosen, context.actor.id)]


@dataclass(frozen=True, slots=True)
class OpenSuccession:
    """A succession, and whether the caller decides it alone."""

    succession: SuccessionView
    decides_alone: bool


@dataclass(frozen=True, slots=True)
class ShowOpenSuccession(Query[OpenSuccession]):
    """The open succession on a resource."""

    resource_id: str

    def answer(self, context: Context) -> OpenSuccession:
        """Return the succession; raises NobodyMissing if there is none."""
        repositories = context.repositories
        resource = repositories.resources.get_resource(self.resource_id)
        succession = repositories.successions.find_open_succession(self.resource_id)
        if succession is None or resource is None:
            raise errors.NobodyMissing(resource.title if resource else "")
        is_only_elector = succession.asked == (context.actor.id,)
        return OpenSuccession(
            build_succession_view(repositories, succession),
            decides_alone=context.actor.admin or is_only_elector,
        )


def list_electors(context: Context, resource: Resource, *gone: str) -> tuple[str, ...]:
    """All of this workspace who hold the highest role that any of them holds there, but those who are gone."""
    held = [
        h
        for h in authorization.list_users_with(context, resource)
        if h.person not in gone
    ]
    home = select_people_of_workspace(context, dict.fromkeys(h.person for h in held))
    held = [h for h in held if h.person in home]
    return tuple(dict.fromkeys(h.person for h in held if h.role == held[0].role))


def open_successions_for(context: Context, person: str) -> Iterator[Event]:
    """What somebody who is being deactivated leaves without one who must be there (MEM-08, MEM-09)."""
    for membership in context.memberships.list_memberships_of(person, context.at):
        resource = context.resources.get_resource(membership.resource)
        if (
            resource
            and is_last_holder(context, resource, membership)
            and not context.successions.find_open_succession(resource.id)
        ):
            yield _build_opened_event(
                context, resource, person, membership.role, person
            )


def ask_next_electors(context: Context, person: str) -> Iterator[Event]:
    """When the last of those who choose is being deactivated, those next to them are asked in their place."""
    for waits in context.successions.list_open_successions():
        resource = context.resources.get_resource(waits.resource)
        if resource and list_electors(context, resource, waits.person) == (person,):
            yield SuccessionClosed(waits.id, resource.id, "asked_anew")
            yield _build_opened_event(
                context, resource, waits.person, waits.role, waits.person, person
            )


def _build_opened_event(
    context: Context, resource: Resource, person: str, role: str, *gone: str
) -> Event:
    asked = list_electors(context, resource, *gone) or tuple(
        p for p in context.people.list_admin_ids() if p not in gone
    )
    return SuccessionOpened(context.new_id("S"), resource.id, person, role, asked)


def close_succession(
    context: Context, resource: str, role: str | None = None
) -> Iterator[Event]:
    """The fact that nobody needs to be chosen any more, when somebody was; for one role or for any."""
    found = context.successions.find_open_succession(resource)
    if found and role in {None, found.role}:
        yield SuccessionClosed(found.id, resource, "held" if role else "gone")


def _resolve_open_succession(
    context: Context, typed: str
) -> tuple[Resource, Succession]:
    """What waits for somebody; an admin of the workspace may name it without being in it."""
    named = (
        context.resources.find_resource_by_id_or_slug(clean_text_line(typed))
        if context.actor.admin
        else None
    )
    waits = context.successions.find_open_succession(named.id) if named else None
    if named and waits:
        return named, waits
    resource = resolve_resource(context, typed)
    waits = context.successions.find_open_succession(resource.id)
    if waits is None:
        raise errors.NobodyMissing(resource.title)
    return resource, waits


def _get_eligible_person(
    context: Context, resource: Resource, act: ChooseSuccessor, asked: tuple[str, ...]
) -> tuple[str, list[Event]]:
    """Somebody active of this workspace who is in; where nobody is, any full member."""
    person, known = _resolve_person(context, act.who)
    if person is None:
        raise errors.NotAPerson("", "deactivated")
    check_can_be_invited(person, context)
    if is_foreign(context, person):
        raise errors.NotAPerson(person.id, "foreign")
    if asked and not authorization.list_effective_roles(context, person.id, resource):
        raise errors.NotAMember(person.id, resource.title)
    if person.guest and not asked:
        raise errors.NotAPerson(person.id, "guest")
    return person.id, known


def _resolve_person(
    context: Context, who: Account | Address | str
) -> tuple[Person | None, list[Event]]:
    return (
        (context.people.get_person(who), [])
        if isinstance(who, str)
        else get_or_register_person(context, who)
    )


def _settle_succession(
    context: Context, resource: Resource, waits: Succession, chosen: str
) -> list[Event]:
    """The chosen one holds the role; where only so many may, the one who is gone goes down to the next."""
    now = context.graph.get_memberships_by_resource(
        chosen, [resource.id], context.at
    ).get(resource.id)
    taken: Event = MemberJoined(resource.id, chosen, waits.role, None, None)
    if now:
        taken = MemberRoleChanged(
            resource.id, chosen, waits.role, None, now.role, now.until, why="succession"
        )
    return [
        SuccessionSettled(waits.id, resource.id, chosen, waits.role),
        *_demote_predecessor(context, resource, waits),
        taken,
    ]


def _demote_predecessor(
    context: Context, resource: Resource, waits: Succession
) -> Iterator[Event]:
    kind = context.roles[resource.kind]
    role, below = kind.find_role(waits.role), kind.find_role_below(waits.role)
    old = next(
        (
            m
            for m in context.memberships.list_suspended_memberships_of(waits.person)
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

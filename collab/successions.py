"""Successions: electors choose who replaces the last holder of a role who was
deactivated (MEM-09).
"""

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
from collab.memberships.holders import is_last_holder, resolve_member_id
from collab.merged_records import get_present_id
from collab.model import (
    NOBODY,
    Account,
    Address,
    Person,
    PersonId,
    Resource,
    ResourceId,
    Succession,
    SuccessionId,
)
from collab.open_items import SuccessionView, build_succession_view
from collab.outsiders import check_gives_outsider_no_power
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
    """Choose who replaces a deactivated person; `who` is an account, an address or a
    person's id.

    With `asks_first` somebody from outside who would get power is rejected, so that it
    can be confirmed.
    """

    who: Account | Address | PersonId
    what: str
    asks_first: bool = False

    def decide(self, context: Context) -> list[Event]:
        """Settle it for a workspace admin, or when all electors chose the same person;
        else record the choice.
        """
        check_profile(context)
        actor_id = context.actor.id
        resource, succession = _resolve_open_succession(context, self.what)
        electors = list_electors(context, resource, succession.person)
        if not context.actor.admin and actor_id not in electors:
            raise errors.NotAsked(resource.title)
        person, registered = _resolve_person(context, self.who, resource)
        _check_eligible(context, resource, person, electors)
        if self.asks_first:
            check_gives_outsider_no_power(context, person, resource, succession.role)
        if context.actor.admin:
            settled = _settle_succession(context, resource, succession, person.id)
            return [*registered, *settled]
        support = {
            elector: get_present_id(context, chosen)
            for elector, chosen in succession.support.items()
        }
        choices = {**support, actor_id: person.id}
        if all(choices.get(elector) == person.id for elector in electors):
            return _settle_succession(context, resource, succession, person.id)
        if support.get(actor_id) == person.id:
            return []
        return [SuccessionSupported(succession.id, resource.id, person.id, actor_id)]


@dataclass(frozen=True, slots=True)
class OpenSuccession:
    """A succession, and whether the caller decides it alone."""

    succession: SuccessionView
    decides_alone: bool


@dataclass(frozen=True, slots=True)
class ShowOpenSuccession(Query[OpenSuccession]):
    """The open succession on a resource."""

    resource_id: ResourceId

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


def list_electors(
    context: Context, resource: Resource, *without: PersonId
) -> tuple[PersonId, ...]:
    """Return the ids of those of this workspace with the highest role that any of them
    has on a resource.

    `without` are the ids of people who do not count.
    """
    roles = [
        effective
        for effective in authorization.list_users_with(context, resource)
        if effective.person not in without
    ]
    person_ids = select_people_of_workspace(
        context, dict.fromkeys(effective.person for effective in roles)
    )
    roles = [effective for effective in roles if effective.person in person_ids]
    highest = [e.person for e in roles if e.role == roles[0].role]
    return tuple(dict.fromkeys(highest))


def open_successions_for(context: Context, person_id: PersonId) -> Iterator[Event]:
    """Open a succession wherever a person who is being deactivated is the last holder
    (MEM-08, MEM-09).
    """
    for membership in context.memberships.list_memberships_of(person_id, context.at):
        resource = context.resources.get_resource(membership.resource)
        if resource is None or not is_last_holder(context, resource, membership):
            continue
        if context.successions.find_open_succession(resource.id):
            continue
        yield _build_opened_event(
            context, resource, person_id, membership.role, without=(person_id,)
        )


def ask_next_electors(context: Context, person_id: PersonId) -> Iterator[Event]:
    """Open each succession again whose only elector is being deactivated, with the next
    electors.
    """
    for succession in context.successions.list_open_successions():
        resource = context.resources.get_resource(succession.resource)
        if resource is None:
            continue
        if list_electors(context, resource, succession.person) != (person_id,):
            continue
        yield SuccessionClosed(succession.id, resource.id, "asked_anew")
        yield _build_opened_event(
            context,
            resource,
            succession.person,
            succession.role,
            without=(succession.person, person_id),
        )


def close_succession(
    context: Context, resource_id: ResourceId, role: str | None = None
) -> Iterator[Event]:
    """Close the open succession on a resource, if there is one for that role; for any
    role where it is None.
    """
    succession = context.successions.find_open_succession(resource_id)
    if succession and role in {None, succession.role}:
        yield SuccessionClosed(succession.id, resource_id, "held" if role else "gone")


def _build_opened_event(
    context: Context,
    resource: Resource,
    person_id: PersonId,
    role: str,
    *,
    without: tuple[PersonId, ...],
) -> Event:
    """Return the opening of a succession; workspace admins are asked where there are no
    electors.
    """
    asked = list_electors(context, resource, *without)
    if not asked:
        admin_ids = context.people.list_admin_ids()
        asked = tuple(admin_id for admin_id in admin_ids if admin_id not in without)
    return SuccessionOpened(
        succession=SuccessionId(context.new_id("S")),
        resource=resource.id,
        person=person_id,
        role=role,
        asked=asked,
    )


def _resolve_open_succession(
    context: Context, typed: str
) -> tuple[Resource, Succession]:
    """Return a resource with its open succession; a workspace admin may name one that
    they may not view.
    """
    if context.actor.admin:
        resource = context.resources.find_resource_by_id_or_slug(clean_text_line(typed))
        if resource:
            succession = context.successions.find_open_succession(resource.id)
            if succession:
                return resource, succession
    resource = resolve_resource(context, typed)
    succession = context.successions.find_open_succession(resource.id)
    if succession is None:
        raise errors.NobodyMissing(resource.title)
    return resource, succession


def _resolve_person(
    context: Context, who: Account | Address | PersonId, resource: Resource
) -> tuple[Person, list[Event]]:
    if not isinstance(who, str):
        unknown, registered = get_or_register_person(context, who)
        if registered:
            return unknown, registered
    person = context.people.get_person(resolve_member_id(context, who, resource))
    if person is None:
        raise errors.NotAPerson(NOBODY.id, "deactivated")
    return person, []


def _check_eligible(
    context: Context, resource: Resource, person: Person, electors: tuple[PersonId, ...]
) -> None:
    """Reject a person without a role on the resource; without electors, a guest."""
    check_can_be_invited(person, context)
    if is_foreign(context, person):
        raise errors.NotAPerson(person.id, "foreign")
    if not electors:
        if person.guest:
            raise errors.NotAPerson(person.id, "guest")
        return
    if not authorization.list_effective_roles(context, person.id, resource):
        raise errors.NotAMember(person.id, resource.title)


def _settle_succession(
    context: Context, resource: Resource, succession: Succession, person_id: PersonId
) -> list[Event]:
    """Return the assignment of the role; where only so many may have it, the
    predecessor is demoted first.
    """
    membership = context.graph.get_memberships_by_resource(
        person_id, [resource.id], context.at
    ).get(resource.id)
    assigned: Event = MemberJoined(
        resource=resource.id,
        person=person_id,
        role=succession.role,
        until=None,
        invitation=None,
    )
    if membership:
        assigned = MemberRoleChanged(
            resource=resource.id,
            person=person_id,
            role=succession.role,
            until=None,
            before=membership.role,
            before_until=membership.until,
            why="succession",
        )
    settled = SuccessionSettled(
        succession=succession.id,
        resource=resource.id,
        person=person_id,
        role=succession.role,
    )
    demoted = _demote_predecessor(context, resource, succession)
    return [settled, *demoted, assigned]


def _demote_predecessor(
    context: Context, resource: Resource, succession: Succession
) -> list[Event]:
    """Return the demotion of the deactivated holder of a role that only so many may
    have.
    """
    kind = context.roles[resource.kind]
    role = kind.find_role(succession.role)
    lower = kind.find_role_below(succession.role)
    if role is None or role.max_holders is None or lower is None:
        return []
    return [
        MemberRoleChanged(
            resource=resource.id,
            person=succession.person,
            role=lower.name,
            until=membership.until,
            before=membership.role,
            before_until=membership.until,
            due=membership.until,
            why="succession",
        )
        for membership in context.memberships.list_suspended_memberships_of(
            succession.person
        )
        if (membership.resource, membership.role) == (resource.id, role.name)
    ]

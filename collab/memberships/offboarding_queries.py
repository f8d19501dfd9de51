"""What an offboarding would end, before it is confirmed, and what it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab import authorization, errors
from collab.command import Query
from collab.context import Context
from collab.events import (
    InvitationRevoked,
    KeysAssigned,
    MemberRemoved,
    PersonOffboarded,
    RecordedEvent,
)
from collab.impact import RoleShift
from collab.invitations.rules import may_transfer_ownership
from collab.memberships.holders import is_last_holder
from collab.memberships.offboarding import (
    KEY_ROTATION_PERIOD,
    OffboardPerson,
    list_leaving_ids,
    plan_departures,
)
from collab.model import (
    NOBODY,
    Account,
    Address,
    InvitationId,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.rehearsal import AskWhatIf, ExpectedChanges

MAX_PEOPLE_NAMED = 3  # who may end a role, or may follow
MAX_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class RoleToKeep:
    """A role that the actor may not end.

    `removers` are some of those who may, `successors` some of those who could take the
    role over, where nobody else has it. `may_transfer`: the actor may hand it over.
    """

    resource: Resource
    role: str
    removers: Sequence[Person] = ()
    successors: Sequence[Person] = ()
    is_last: bool = False
    may_transfer: bool = False


@dataclass(frozen=True, slots=True)
class OffboardingEffects:
    """What an offboarding ends, without the words: what its confirmation compares."""

    person_ids: Sequence[PersonId] = ()
    ended: Sequence[tuple[ResourceId, str]] = ()
    invitation_ids: Sequence[InvitationId] = ()
    rotate: Sequence[ResourceId] = ()


@dataclass(frozen=True, slots=True)
class OffboardingPreview:
    """What an offboarding would end.

    `groups` are the person's roles that end, by company or project; None for what is in
    none. Without `changes` there is nothing that the actor may end. `who` is whom the
    confirmation names: the person, or the address that several records have.
    """

    person: Person
    groups: Sequence[tuple[Resource | None, Sequence[RoleShift]]]
    kept: Sequence[RoleToKeep]
    changes: ExpectedChanges | None
    rotate_until: datetime
    who: Address | PersonId
    effects: OffboardingEffects = OffboardingEffects()


@dataclass(frozen=True, slots=True)
class OffboardingStatement:
    """Which roles of a person ended together, when and by whom."""

    person: Person
    actor: Person
    at: datetime
    ended: Sequence[tuple[Resource, str]]
    keys: Sequence[tuple[Resource, Person]]
    rotate_until: datetime


@dataclass(frozen=True, slots=True)
class PreviewOffboarding(Query[OffboardingPreview]):
    """What would end if a person were offboarded? `who` is as in OffboardPerson."""

    is_rehearsal: ClassVar[bool] = True

    who: Account | Address | PersonId

    def answer(self, context: Context) -> OffboardingPreview:
        """Return what would end, and what the actor may not end."""
        person_ids = list_leaving_ids(context, self.who)
        blocked = plan_departures(context, person_ids).blocked
        kept = [_describe_role_to_keep(context, *each) for each in blocked]
        who: Address | PersonId = person_ids[0]
        if isinstance(self.who, Address) and len(person_ids) > 1:
            who = self.who
        changes = None
        effects = OffboardingEffects()
        try:
            effects = ListOffboardingEffects(self.by, who).answer(context)
            command = OffboardPerson(self.by, who)
            changes = AskWhatIf(self.by, command).answer(context)
        except errors.NothingToOffboard:
            if not kept:
                raise
        losing = changes.losing if changes else ()
        kept_ids = [membership.person for _, membership in blocked]
        person_id = (*effects.person_ids, *kept_ids)[0]
        return OffboardingPreview(
            person=context.people.get_person(person_id) or NOBODY,
            groups=_group_by_container(context, losing),
            kept=kept,
            changes=changes,
            rotate_until=context.at + KEY_ROTATION_PERIOD,
            who=who,
            effects=effects,
        )


@dataclass(frozen=True, slots=True)
class ListOffboardingEffects(Query[OffboardingEffects]):
    """What would an offboarding of a person end?"""

    who: Account | Address | PersonId

    def answer(self, context: Context) -> OffboardingEffects:
        """Return what it would end; raises Rejected as OffboardPerson does."""
        decided = OffboardPerson(self.by, self.who).decide(context)
        removed = [each for each in decided if isinstance(each, MemberRemoved)]
        return OffboardingEffects(
            person_ids=[
                each.person for each in decided if isinstance(each, PersonOffboarded)
            ],
            ended=[(each.resource, each.role) for each in removed],
            invitation_ids=[
                each.invitation
                for each in decided
                if isinstance(each, InvitationRevoked)
            ],
            rotate=[each for event in removed for each in event.rotate],
        )


def read_statement(
    context: Context, recorded: RecordedEvent, person_id: PersonId | None = None
) -> OffboardingStatement:
    """Return what an offboarding ended; `recorded` is its first event.

    With `person_id` only what that one of several records had.
    """
    event = recorded.event
    assert isinstance(event, PersonOffboarded)  # noqa: S101 - for the type checker
    ended: list[MemberRemoved] = []
    keys: list[KeysAssigned] = []
    for later in context.events.list_events_from(recorded.seq + 1, MAX_EVENTS):
        if (later.at, later.actor) != (recorded.at, recorded.actor):
            break
        if isinstance(later.event, KeysAssigned):
            keys.append(later.event)
        elif isinstance(later.event, MemberRemoved):
            if later.event.offboarding != event.offboarding:
                break
            ended.append(later.event)
    if person_id:
        keys = [each for each in keys if each.lost_by == person_id]
        ended = [each for each in ended if each.person == person_id]
    resource_ids = {*(each.resource for each in ended), *(k.resource for k in keys)}
    resources = context.resources.get_resources(resource_ids)
    people = context.people.get_people({each.person for each in keys})
    return OffboardingStatement(
        person=context.people.get_person(event.person) or NOBODY,
        actor=_find_actor(context, recorded),
        at=recorded.at,
        ended=[
            (resources[each.resource], each.role)
            for each in ended
            if each.since is not None
        ],
        keys=[(resources[k.resource], people.get(k.person, NOBODY)) for k in keys],
        rotate_until=recorded.at + KEY_ROTATION_PERIOD,
    )


def _find_actor(context: Context, recorded: RecordedEvent) -> Person:
    actor = context.people.get_person(recorded.actor) if recorded.actor else None
    return actor or NOBODY


def _describe_role_to_keep(
    context: Context, resource: Resource, membership: Membership
) -> RoleToKeep:
    """Return who may end a role and, if nobody else has it, who could follow."""
    role, person_id = membership.role, membership.person
    is_last = is_last_holder(context, resource, membership)
    removers = authorization.list_users_who_may_remove(context, role, resource)
    successors: list[PersonId] = []
    if is_last:
        others = authorization.list_users_with(context, resource)
        successors = [each.person for each in others]
    return RoleToKeep(
        resource,
        role,
        removers=_name_people(context, removers, person_id),
        successors=_name_people(context, successors, person_id),
        is_last=is_last,
        may_transfer=may_transfer_ownership(context, context.actor.id, resource, role),
    )


def _name_people(
    context: Context, person_ids: Sequence[PersonId], leaving_id: PersonId
) -> list[Person]:
    chosen = [each for each in dict.fromkeys(person_ids) if each != leaving_id]
    people = context.people.get_people(chosen[:MAX_PEOPLE_NAMED])
    return [people[each] for each in chosen[:MAX_PEOPLE_NAMED] if each in people]


def _group_by_container(
    context: Context, shifts: Sequence[RoleShift]
) -> list[tuple[Resource | None, list[RoleShift]]]:
    """Return roles by the outermost container, what is in none last."""
    groups: dict[str, tuple[Resource | None, list[RoleShift]]] = {}
    for shift in shifts:
        containers = authorization.iterate_containers(context, shift.resource)
        outermost = [shift.resource, *containers][-1]
        is_container = context.roles.can_have_contents(outermost.kind)
        group = outermost if is_container else None
        key = outermost.id if is_container else ""
        groups.setdefault(key, (group, []))[1].append(shift)
    return sorted(groups.values(), key=lambda group: group[0] is None)

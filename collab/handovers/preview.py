"""What a handover would change, and what is not ready for it (HND-01, HND-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from collab import accessible_resources, authorization, errors
from collab.command import Query
from collab.context import Context
from collab.events import InvitationResent, InvitationSent
from collab.handovers.offers import HandOver
from collab.handovers.scope import (
    count_inside,
    has_owner_here,
    is_direct_owner,
    iterate_within,
    list_continued_payments,
    list_paid_resources,
)
from collab.model import NOBODY, Membership, Person, PersonId, Resource
from collab.open_items import InvitationView, build_invitation_views
from collab.rehearsal import AskWhatIf, ExpectedChanges
from collab.resource_lookup import resolve_resources

SOON = timedelta(days=14)
NO_EFFECTS: tuple[Any, ...] = ("", None, (), ())
MAX_COMPARED = 100  # resources in which limited roles are looked for


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is not ready: it does not keep the offer from being sent.

    `invitations` are the actor's open ones. `lacks_method`: the new owner has no payment
    method. `ending` are limited roles that end soon. `disabled` has to be enabled before
    the yes.
    """

    invitations: Sequence[InvitationView] = ()
    lacks_method: bool = False
    ending: Sequence[tuple[Person, Resource, Membership]] = ()
    disabled: Sequence[Resource] = ()

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        obstacles = (self.invitations, self.ending, self.disabled)
        return not self.lacks_method and not any(obstacles)


@dataclass(frozen=True, slots=True)
class HandoverPreview:
    """A handover before it is sent.

    `role` is the new owner's, with its `abilities`, `keeps` the one that the actor stays in, if any. `is_owner`:
    they are a direct owner. `continued` and `inside_count` are as in HandoverFacts.
    `has_owner_here`: somebody of this workspace owns it afterwards.
    `changes` are None where it could not be accepted yet. `effects` is
    what a confirmation confirms.
    """

    person: Person
    handed_over: Sequence[Resource]
    paid: Sequence[Resource]
    role: str
    abilities: Sequence[str]
    is_owner: bool
    keeps: str
    starts: datetime | None
    readiness: Readiness
    changes: ExpectedChanges | None
    effects: Sequence[Any]
    continued: Sequence[tuple[Resource, Sequence[Resource]]] = ()
    inside_count: int = 0
    has_owner_here: bool = True


@dataclass(frozen=True, slots=True)
class ListHandoverEffects(Query[Sequence[Any]]):
    """List what an offer would say, as a confirmation compares it."""

    person_id: PersonId
    what: tuple[str, ...]
    keeps: str | None = None
    day: date | None = None

    def answer(self, context: Context) -> Sequence[Any]:
        """Return the terms of the offer; raises Rejected as HandOver does."""
        return _list_effects(context, _build_command(self))


@dataclass(frozen=True, slots=True)
class PreviewHandover(Query[HandoverPreview]):
    """What would change if a person accepted a handover?"""

    is_rehearsal: ClassVar[bool] = True

    person_id: PersonId
    what: tuple[str, ...]
    keeps: str | None = None
    day: date | None = None

    def answer(self, context: Context) -> HandoverPreview:
        """Return the offer and its effects; raises Rejected as HandOver does."""
        command = _build_command(self)
        effects = _list_effects(context, command)
        resources = resolve_resources(context, self.what)
        paid = list_paid_resources(context, context.actor.id, resources)
        person = context.people.get_person(self.person_id) or NOBODY
        readiness = _read_readiness(context, resources, paid, person)
        keeps, starts, *_ = effects
        resource_type = context.roles[resources[0].kind]
        return HandoverPreview(
            person=person,
            handed_over=resources,
            paid=paid,
            role=resource_type.highest_role,
            abilities=resource_type.roles[0].capabilities_and_grants,
            is_owner=any(
                is_direct_owner(context, each, context.actor.id) for each in resources
            ),
            keeps=keeps,
            starts=starts,
            readiness=readiness,
            changes=_ask_what_if(context, command),
            effects=effects,
            continued=list_continued_payments(
                context, resources, paid, context.actor.id
            ),
            inside_count=count_inside(context, resources),
            has_owner_here=has_owner_here(
                context, person, context.actor.id, resources, paid
            ),
        )


def _build_command(query: ListHandoverEffects | PreviewHandover) -> HandOver:
    return HandOver(query.by, query.person_id, query.what, query.keeps, query.day)


def _list_effects(context: Context, command: HandOver) -> tuple[Any, ...]:
    """Return the kept role, the day, what is offered, and what is paid for."""
    for event in command.decide(context):
        if isinstance(event, InvitationSent):
            offered = (event.resource, *event.also)
            return event.role, event.starts, offered, event.pays
        if isinstance(event, InvitationResent):
            sent = context.invitations.get_invitation(event.invitation)
            if sent:
                return sent.role, sent.starts, sent.resources, sent.pays
    return NO_EFFECTS


def _ask_what_if(context: Context, command: HandOver) -> ExpectedChanges | None:
    """Return what changes on the day, as if it had come; None where the yes has to wait
    until something is enabled.
    """
    at_once = replace(command, day=None)
    try:
        return AskWhatIf(command.by, at_once).answer(context)
    except errors.IsDisabled:
        return None


def _read_readiness(
    context: Context,
    resources: Sequence[Resource],
    paid: Sequence[Resource],
    person: Person,
) -> Readiness:
    within = list(iterate_within(context, resources))
    within_ids = {each.id for each in within}
    pending = [
        each
        for each in context.invitations.list_pending_invitations_by(context.actor.id)
        if context.at < each.expires
        and each.person != person.id
        and not within_ids.isdisjoint(each.resources)
    ]
    return Readiness(
        invitations=build_invitation_views(pending, context),
        lacks_method=bool(paid) and not _has_payment_method(context, person),
        ending=_list_ending_soon(context, within[:MAX_COMPARED]),
        disabled=[each for each in within if each.disabled],
    )


def _has_payment_method(context: Context, person: Person) -> bool:
    visible = accessible_resources.list_visible_resources(context, person.id)
    return any(
        context.roles[each.kind].is_payment_method
        and not each.retired
        and authorization.check(context, person.id, "pay", each)
        for each in visible
    )


def _list_ending_soon(
    context: Context, resources: Sequence[Resource]
) -> list[tuple[Person, Resource, Membership]]:
    """Return limited roles that end within two weeks, the earliest first."""
    ending = [
        (resource, member)
        for resource in resources
        for member in context.memberships.list_members(resource.id, context.at)
        if member.until is not None and member.until <= context.at + SOON
    ]
    ending.sort(key=lambda each: (each[1].until or context.at, each[1].person))
    people = context.people.get_people({member.person for _, member in ending})
    return [(people[member.person], resource, member) for resource, member in ending]

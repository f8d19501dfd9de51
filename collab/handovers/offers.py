"""Offering a handover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from collab import authorization, errors
from collab.command import Command
from collab.context import Context
from collab.events import Event
from collab.handovers.scope import (
    check_managed_here,
    check_may_hand_over,
    list_lower_roles,
    list_offered_resources,
    list_paid_resources,
)
from collab.invitations.offers import (
    Offer,
    check_may_invite_person,
    check_not_recently_declined,
    send_or_resend,
)
from collab.invitations.rules import (
    HANDOVER,
    build_handover_open,
    find_open_handover,
    validate_note,
)
from collab.model import Account, Address, Person, PersonId, Resource
from collab.people import get_or_register_person
from collab.resource_lookup import resolve_resources

MAX_DAYS_AHEAD = 30
NO_ROLE = ""  # the former owner leaves


@dataclass(frozen=True, slots=True)
class HandOver(Command):
    """Offer a person the ownership and the billing of a company, of a project, or of
    apps that are in nothing.

    `keeps` is the role in which the actor stays, NO_ROLE for none; by default the one
    that the role model names. `day` (UTC) is when it is done, by default at the yes.
    """

    who: Account | Address | PersonId
    what: str | tuple[str, ...]
    keeps: str | None = None
    day: date | None = None
    note: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Send the offer if the actor may transfer all that it is about (HND-01)."""
        resources = resolve_resources(context, self.what)
        check_may_hand_over(context, resources)
        role = _choose_role(context, resources, self.keeps)
        starts = _read_day(context, self.day)
        person, registered = _get_person(context, self.who)
        if person.id == context.actor.id:
            raise errors.ToYourself("handover")
        check_may_invite_person(context, person)
        paid = list_paid_resources(context, context.actor.id, resources)
        offered = list_offered_resources(resources, paid)
        _check_not_owned(context, resources, person)
        if role == NO_ROLE:
            check_managed_here(context, person, context.actor.id, resources, paid)
        for resource in offered:
            check_not_recently_declined(context, resource, person.id, purpose=HANDOVER)
            _check_not_being_handed_over(context, resource, person)
        offer = Offer(
            offered,
            role,
            note=validate_note("note", self.note),
            person=person,
            tz=person.tz,
            purpose=HANDOVER,
            is_first_contact=bool(registered),
            starts=starts,
            pays=tuple(each.id for each in paid),
        )
        return [*registered, *send_or_resend(context, offer)]


def _choose_role(
    context: Context, resources: Sequence[Resource], keeps: str | None
) -> str:
    """Return the role in which the former owner stays on each of the resources."""
    if keeps is None:
        return context.roles[resources[0].kind].stays_as or NO_ROLE
    if keeps == NO_ROLE:
        return NO_ROLE
    for resource in resources:
        lower_roles = list_lower_roles(context.roles[resource.kind])
        roles = tuple(role.name for role in lower_roles)
        if keeps not in roles:
            raise errors.BadKeptRole(keeps, roles)
    return keeps


def _read_day(context: Context, day: date | None) -> datetime | None:
    """Return the first moment of a day; raises BadHandoverDay for one that is not among
    the next days (HND-03).
    """
    if day is None:
        return None
    today = context.at.astimezone(UTC).date()
    first, last = today + timedelta(days=1), today + timedelta(days=MAX_DAYS_AHEAD)
    if not first <= day <= last:
        raise errors.BadHandoverDay(first, last)
    return datetime.combine(day, time(), UTC)


def _get_person(
    context: Context, who: Account | Address | PersonId
) -> tuple[Person, list[Event]]:
    if not isinstance(who, str):
        return get_or_register_person(context, who)
    person = context.people.get_person(who)
    if person is None:
        raise errors.NotAPerson(who, "unknown")
    return person, []


def _check_not_owned(
    context: Context, resources: Sequence[Resource], person: Person
) -> None:
    """Reject an offer to a person who owns all of it (INV-05)."""
    if all(is_owned_by(context, each, person.id) for each in resources):
        first = resources[0]
        role = context.roles[first.kind].highest_role
        raise errors.AlreadyHolds(person.id, role, first.title)


def is_owned_by(context: Context, resource: Resource, person_id: PersonId) -> bool:
    """Return whether a person directly has the highest role, without an end."""
    membership = authorization.direct_membership(context, person_id, resource)
    if membership is None or membership.until is not None:
        return False
    return membership.role == context.roles[resource.kind].highest_role


def _check_not_being_handed_over(
    context: Context, resource: Resource, person: Person
) -> None:
    """Reject a second open handover of a resource; to the same person it replaces the
    first one until they answer (HND-05).
    """
    handover = find_open_handover(context, resource)
    if handover and (handover.agreed or handover.person != person.id):
        raise build_handover_open(context, handover, resource)

"""What is stored about a person, and its erasure (PER-03, OUT-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import access_requests, errors
from collab.command import Command, Query
from collab.context import Context
from collab.duplicate_people import revoke_unanswerable_invitations
from collab.events import Event, MemberLeft, PersonErased
from collab.memberships.departures import (
    build_departures,
    list_lost_resource_ids,
    list_memberships_by_depth,
)
from collab.merged_records import list_merged_records
from collab.model import (
    Account,
    Invitation,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.people import is_erased, is_foreign
from collab.repositories import People

MAX_SHOWN = 100  # of each list


@dataclass(frozen=True, slots=True)
class StoredData:
    """What is stored about a person; each list may be cut at MAX_SHOWN.

    `event_count` is the number of events by them or about them. `has_other_record`:
    another record has their address and is not joined with theirs.
    """

    person: Person
    memberships: Sequence[tuple[Resource, Membership]]
    received: Sequence[Invitation]
    sent: Sequence[Invitation]
    event_count: int
    has_other_record: bool = False


@dataclass(frozen=True, slots=True)
class ShowStoredData(Query[StoredData]):
    """Show everything that is stored about the caller."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> StoredData:
        """Return the caller's own data, and nobody else's (PER-03)."""
        person = context.actor
        return StoredData(
            person,
            list_memberships_by_depth(context, person.id),
            context.invitations.list_invitations_to(person.id, MAX_SHOWN),
            context.invitations.list_invitations_sent_by(person.id, MAX_SHOWN),
            context.events.count_events_of(person.id),
            _has_other_record(context, person),
        )


@dataclass(frozen=True, slots=True)
class ErasePerson(Command):
    """Erase the names and addresses of a person: the caller, or whom the operator names.

    Each record of an address that several have is a person of its own (OUT-04).
    """

    is_allowed_from_outside: ClassVar[bool] = True

    who: Account | PersonId | None = None

    def decide(self, context: Context) -> list[Event]:
        """End all that the person has, and erase who they were (OUT-07).

        Raises MustHandOver where a role needs them.
        """
        person = self._find_person(context)
        records = list_merged_records(context, person.id)
        departures = _build_departures(context, person.id)
        ended_requests = [
            access_requests.build_ended_event(request, "asker")
            for request in context.access_requests.list_open_requests_of(person.id)
        ]
        return [
            *departures,
            *revoke_unanswerable_invitations(context, person, (), ()),
            *ended_requests,
            PersonErased(person.id, records),
        ]

    def _find_person(self, context: Context) -> Person:
        if self.who is None:
            person: Person | None = context.actor
        elif not self.by.is_system:
            raise errors.MayNotManage
        elif isinstance(self.who, Account):
            person = context.people.find_person_by_account(self.who)
        else:
            person = context.people.get_person(self.who)
        if person is None or not person.id or is_erased(person):
            raise errors.UnknownPerson
        return person


def list_people_of_address(people: People, email: str) -> list[PersonId]:
    """Return all people who have an address, those without an account first.

    Accounts of other workspaces are left out: nobody here has verified their addresses.
    """
    known = people.find_person_by_email(email)
    alone = [each.id for each in people.list_people_with_email_only(email)]
    if known and known.id not in alone:
        return [*alone, known.id]
    return alone


def _has_other_record(context: Context, person: Person) -> bool:
    if not person.email or is_foreign(context, person):
        return False
    return list_people_of_address(context.people, person.email) != [person.id]


def _build_departures(context: Context, person_id: PersonId) -> list[MemberLeft]:
    """Return the end of each of a person's memberships; raises MustHandOver."""
    departures: list[MemberLeft] = []
    blocked: list[str] = []
    lost: frozenset[ResourceId] = frozenset()
    for resource, _ in list_memberships_by_depth(context, person_id):
        if resource.id in lost:
            continue
        try:
            ending = build_departures(context, MemberLeft, resource, person_id, lost)
        except errors.LastHolder as needed:
            blocked.append(needed.title)
            continue
        departures += [each for each in ending if isinstance(each, MemberLeft)]
        lost |= list_lost_resource_ids(ending)
    if blocked:
        raise errors.MustHandOver(tuple(dict.fromkeys(blocked)))
    return departures

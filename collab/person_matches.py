"""Two records that may be of one human: an account, and an address that somebody has
proved to have. They become one by a press alone, which can be taken back (OUT-04).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from collab import errors
from collab.command import Command, Query
from collab.context import Context
from collab.duplicate_people import merge_duplicates
from collab.events import (
    Event,
    PersonMatched,
    PersonMatchRejected,
    PersonMerged,
)
from collab.model import Membership, Person, PersonId, Resource
from collab.moved_records import Assignment, MovedRecords
from collab.sign_ins import has_verified_address

MAX_INVITATIONS = 1000


@dataclass(frozen=True, slots=True)
class MatchView:
    """Somebody known by an address alone, and what would be joined.

    `pending_count` is the number of their open invitations. `is_open`: the question has
    no answer.
    """

    other: Person
    roles: Sequence[tuple[Resource, str]]
    pending_count: int
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class JoinRecords(Command):
    """Join the record of an address with the caller's own; `other` is its id."""

    other: PersonId

    def decide(self, context: Context) -> list[Event]:
        """Join them if the caller was asked and still has the address (OUT-04)."""
        other = _get_other(context, self.other)
        return join_records(context, context.actor, other)


@dataclass(frozen=True, slots=True)
class RejectMatch(Command):
    """Say that the record of an address is somebody else's; `other` is its id."""

    other: PersonId

    def decide(self, context: Context) -> list[Event]:
        """Close the question for good."""
        other = _get_other(context, self.other)
        return [PersonMatchRejected(context.actor.id, other.id)]


@dataclass(frozen=True, slots=True)
class ShowMatch(Query[MatchView]):
    """Show what would be joined with the caller's own record."""

    other: PersonId

    def answer(self, context: Context) -> MatchView:
        """Return what the record has; raises NoMatch once the question is answered."""
        return build_match_view(context, _get_other(context, self.other))


def split_duplicates(
    context: Context, person: Person, duplicates: Iterable[Person]
) -> tuple[list[Person], list[Event]]:
    """Return the duplicates that are the account's at once, and the questions about the
    others (PER-01, OUT-04).

    At once are those of the same account, and addresses that nobody has proved to have
    and that have only been invited.
    """
    at_once: list[Person] = []
    questions: list[Event] = []
    for duplicate in duplicates:
        if duplicate.user or not _is_somebodys(context, duplicate):
            at_once.append(duplicate)
        elif person.active and not _was_asked(context, person.id, duplicate.id):
            questions.append(PersonMatched(person.id, duplicate.id))
    return at_once, questions


def join_records(context: Context, person: Person, other: Person) -> list[Event]:
    """Return the merge of a record into another one, so that it can be taken back."""
    moved = _list_moved_records(context, person, other)
    merged = merge_duplicates(context, person, [other])
    return [
        replace(each, moved=moved.encode()) if isinstance(each, PersonMerged) else each
        for each in merged
    ]


def was_rejected(context: Context, person_id: PersonId, other_id: PersonId) -> bool:
    """Return whether a person said that a record is somebody else's."""
    recorded = context.events.list_events_about(person_id, [PersonMatchRejected])
    return any(getattr(each.event, "other", "") == other_id for each in recorded)


def build_match_view(context: Context, other: Person) -> MatchView:
    """Return what the record of an address has, and whether it still stands alone."""
    memberships = context.memberships.list_memberships_of(other.id, context.at)
    resources = context.resources.get_resources({m.resource for m in memberships})
    roles = [
        (resources[each.resource], each.role)
        for each in memberships
        if each.resource in resources and not resources[each.resource].gone
    ]
    pending = context.invitations.list_pending_invitations_for(other.id)
    return MatchView(
        other,
        sorted(roles, key=lambda row: row[0].title),
        len([each for each in pending if context.at < each.expires]),
        is_open=other.user is None,
    )


def _is_somebodys(context: Context, person: Person) -> bool:
    """Return whether somebody proved that they have an address, or has roles by it."""
    return has_verified_address(context, person) or bool(
        context.memberships.list_memberships_of(person.id, context.at)
    )


def _was_asked(context: Context, person_id: PersonId, other_id: PersonId) -> bool:
    recorded = context.events.list_events_about(person_id, [PersonMatched])
    return any(getattr(each.event, "other", "") == other_id for each in recorded)


def _get_other(context: Context, other_id: PersonId) -> Person:
    """Return a record that the actor was asked about and has not answered for."""
    actor = context.actor
    other = context.people.get_person(other_id)
    if other is None or other.id != other_id or other.user or not actor.user:
        raise errors.NoMatch
    if not other.email or other.email != actor.email:
        raise errors.NoMatch
    if not _was_asked(context, actor.id, other_id):
        raise errors.NoMatch
    if was_rejected(context, actor.id, other_id):
        raise errors.NoMatch
    return other


def _list_moved_records(
    context: Context, person: Person, other: Person
) -> MovedRecords:
    memberships = tuple(context.memberships.list_memberships_of(other.id, context.at))
    shared_ids = {each.resource for each in memberships}
    own = tuple(
        each
        for each in context.memberships.list_memberships_of(person.id, context.at)
        if each.resource in shared_ids
    )
    invitations = context.invitations
    received = invitations.list_invitations_to(other.id, MAX_INVITATIONS)
    sent = invitations.list_invitations_sent_by(other.id, MAX_INVITATIONS)
    requests = context.access_requests.list_open_requests_of(other.id)
    return MovedRecords(
        memberships,
        own,
        _list_assigned(context, memberships),
        _list_assigned(context, own),
        tuple(each.id for each in received),
        tuple(each.id for each in sent),
        tuple(each.id for each in requests),
    )


def _list_assigned(
    context: Context, memberships: Iterable[Membership]
) -> tuple[Assignment, ...]:
    return tuple(
        (each.resource, resource_id)
        for each in memberships
        for resource_id in context.teams.list_resources_assigned_to(
            each.resource, each.person
        )
    )

"""What events say about a person whose record was merged into another one since then.

An event keeps the id of the record that it was about. Whoever reads it back to restore
something needs the record that replaces it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from collab.context import Context
from collab.events import PersonMerged, PersonSeparated, RecordedEvent
from collab.model import Person, PersonId, ResourceId
from collab.moved_records import MovedRecords

MAX_SEPARATIONS = 10_000


def get_present_id(context: Context, person_id: PersonId) -> PersonId:
    """Return the id of the record that replaces a record, or its own id."""
    person = context.people.get_person(person_id)
    return person.id if person else person_id


def get_present_people(
    context: Context, person_ids: Collection[PersonId]
) -> dict[PersonId, Person]:
    """Return people by the ids of their records; of a merged one who replaces it."""
    people = dict(context.people.get_people(person_ids))
    for person_id, person in people.items():
        if person.merged_into:
            people[person_id] = context.people.get_person(person_id) or person
    return people


def list_merged_records(context: Context, person_id: PersonId) -> tuple[PersonId, ...]:
    """Return the records that were merged into a person's, also by way of others."""
    record_ids: list[PersonId] = []
    waiting = [person_id]
    while waiting:
        merged = context.people.list_merged_ids(waiting.pop())
        record_ids += merged
        waiting += merged
    return tuple(record_ids)


def resolve_recorded_person(context: Context, recorded: RecordedEvent) -> RecordedEvent:
    """Return a recorded event that names the present record of the person it is about."""
    event: Any = recorded.event
    person_id = getattr(event, "person", None)
    if person_id is None:
        return recorded
    present_id = get_present_id(context, person_id)
    if present_id == person_id:
        return recorded
    return replace(recorded, event=replace(event, person=present_id))


def get_last_membership_change_seq(
    context: Context, person_id: PersonId, resource_id: ResourceId
) -> int | None:
    """Return the number of the last event about a membership of a person, under any of
    their records.
    """
    get_seq = context.events.get_last_membership_change_seq
    record_ids = (person_id, *list_merged_records(context, person_id))
    seqs = [get_seq(resource_id, record_id) for record_id in record_ids]
    return max((seq for seq in seqs if seq is not None), default=None)


def has_merged_roles(
    context: Context, person_id: PersonId, resource_id: ResourceId, since: RecordedEvent
) -> bool:
    """Return whether two roles of a person on a resource became one after an event."""
    for record_id in list_merged_records(context, person_id):
        merge = _find_last_merge(context, record_id)
        if merge is None or merge[0] < since.seq:
            continue
        if any(each.resource == resource_id for each in merge[1].own):
            return True
    return False


def was_role_of_separated(
    context: Context,
    person_id: PersonId,
    resource_id: ResourceId,
    changed: RecordedEvent,
) -> bool:
    """Return whether a role that an event changed had come to a person from a record
    that has been separated from theirs since then.
    """
    separations = context.events.list_events_named(
        (PersonSeparated.name,), context.at, MAX_SEPARATIONS
    )
    for separated in separations:
        event = separated.event
        if separated.seq < changed.seq or not isinstance(event, PersonSeparated):
            continue
        if event.into != person_id:
            continue
        merge = _find_last_merge(context, event.person, separated.seq)
        if merge is None or merge[0] > changed.seq:
            continue
        if any(each.resource == resource_id for each in merge[1].memberships):
            return True
    return False


def _find_last_merge(
    context: Context, record_id: PersonId, before: int | None = None
) -> tuple[int, MovedRecords] | None:
    """Return the number of the last merge of a record, and what was moved by it; None
    if it was not recorded what was moved.
    """
    merges = context.events.list_events_about(record_id, [PersonMerged])
    merges = [each for each in merges if before is None or each.seq < before]
    if not merges or not isinstance(merges[-1].event, PersonMerged):
        return None
    moved = merges[-1].event.moved
    return (merges[-1].seq, MovedRecords.decode(moved)) if moved else None

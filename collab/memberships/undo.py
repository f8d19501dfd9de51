"""Undo: take back a leave or a removal within ten minutes, restoring exactly what it
ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from collab import authorization, errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationRevoked,
    KeysAssigned,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    PersonOffboarded,
    PersonReinstated,
    RecordedEvent,
    RequestEnded,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.departures import Departure
from collab.memberships.holders import list_holders
from collab.memberships.reopening import reopen_ended
from collab.merged_records import (
    get_last_membership_change_seq,
    get_present_id,
    list_merged_records,
    resolve_recorded_person,
    was_role_of_separated,
)
from collab.model import Membership, PersonId, Resource
from collab.what_if import hypothetical_context

UNDO_PERIOD = timedelta(minutes=10)
MAX_EVENTS = 10_000
UNDOABLE_EVENT_NAMES = (MemberLeft.name, MemberRemoved.name, PersonOffboarded.name)


@dataclass(frozen=True, slots=True)
class UndoDeparture(Command):
    """Undo a leave, a removal or an offboarding; `seq` is the number of its event, by
    default of the actor's last one.
    """

    is_allowed_from_outside: ClassVar[bool] = True

    seq: int | None = None

    def decide(self, context: Context) -> list[Event]:
        """Restore what the actor ended within the last ten minutes, if it may still be
        there (MEM-11, OFF-03).
        """
        recorded = self._find_recorded(context)
        if recorded is None or not _is_by_actor(context, recorded):
            raise errors.NothingToUndo
        if not _is_undoable(recorded.event):
            raise errors.NothingToUndo
        if context.at >= recorded.at + UNDO_PERIOD:
            has_left = isinstance(recorded.event, MemberLeft)
            raise errors.TooLateToUndo(recorded.at, has_left)
        ended = list(_list_ended_together(context, recorded))
        restored = _restore_departures(context, ended)
        later = hypothetical_context(
            context,
            added_memberships=[
                Membership(r.resource, r.person, r.role, r.since, r.until)
                for r in restored
            ],
        )
        reopened = reopen_ended(context, later, ended)
        is_offboarding = isinstance(recorded.event, PersonOffboarded)
        if not restored and not (is_offboarding and reopened):
            raise errors.NothingToUndo
        if isinstance(recorded.event, PersonOffboarded):
            reinstated = [
                PersonReinstated(each.event.person, each.seq)
                for each in ended
                if isinstance(each.event, PersonOffboarded)
            ]
            return [*reinstated, *restored, *reopened]
        return [*restored, *reopened]

    def _find_recorded(self, context: Context) -> RecordedEvent | None:
        if self.seq is None:
            recorded = _find_last_undoable(context)
        else:
            recorded = context.events.get_event(self.seq)
        if recorded is None:
            return None
        first = _find_first_of_offboarding(context, recorded)
        return resolve_recorded_person(context, first)


def _is_by_actor(context: Context, recorded: RecordedEvent) -> bool:
    """Return whether an event was caused by the actor, under any of their records."""
    if recorded.actor is None:
        return False
    return get_present_id(context, recorded.actor) == context.actor.id


def _find_last_undoable(context: Context) -> RecordedEvent | None:
    """Return the actor's last leave, removal or offboarding."""
    record_ids = (context.actor.id, *list_merged_records(context, context.actor.id))
    found = [_find_last_undoable_by(context, each) for each in record_ids]
    return max(
        (each for each in found if each), key=lambda each: each.seq, default=None
    )


def _find_last_undoable_by(
    context: Context, record_id: PersonId
) -> RecordedEvent | None:
    before_seq: int | None = None
    while True:
        recorded = context.events.find_last_event_by(
            record_id, UNDOABLE_EVENT_NAMES, before_seq
        )
        if recorded is None or _is_undoable(recorded.event):
            return recorded
        before_seq = recorded.seq


def _find_first_of_offboarding(
    context: Context, recorded: RecordedEvent
) -> RecordedEvent:
    """Return the first event of an offboarding of several records; others unchanged."""
    first = recorded
    while first.actor and isinstance(first.event, PersonOffboarded):
        before = context.events.find_last_event_by(
            first.actor, (PersonOffboarded.name,), first.seq
        )
        id_before = getattr(before.event, "offboarding", "") if before else ""
        if before is None or id_before != first.event.offboarding:
            return first
        first = before
    return first


def _is_undoable(event: Event) -> bool:
    """Return whether an event can be undone by itself: no other one caused it."""
    if isinstance(event, MemberRemoved) and event.offboarding:
        return False
    if isinstance(event, MemberLeft) and event.handover:
        return False
    if isinstance(event, Departure):
        return event.within is None
    return isinstance(event, PersonOffboarded)


def _restore_departures(
    context: Context, ended: Sequence[RecordedEvent]
) -> list[MemberRestored]:
    """Return the memberships that can be restored of what ended together.

    Of an offboarding, a resource on which nothing can be restored does not keep the
    others from it. Raises Rejected if none can.
    """
    groups: list[tuple[RecordedEvent, Departure, list[RecordedEvent]]] = []
    for each in ended:
        if not isinstance(each.event, Departure):
            continue
        if each.event.within is None:
            groups.append((each, each.event, []))
        groups[-1][2].append(each)
    restored: list[MemberRestored] = []
    rejections: list[errors.Rejected] = []
    for recorded, departure, group in groups:
        try:
            resource = _check_can_be_undone(context, recorded, departure)
        except errors.Rejected as rejected:
            rejections.append(rejected)
            continue
        restored += _restore_memberships(context, group, recorded, resource)
    if rejections and not restored:
        raise rejections[0]
    return restored


def _check_can_be_undone(
    context: Context, recorded: RecordedEvent, departure: Departure
) -> Resource:
    """Return the resource; reject what changed since then, or is not allowed now."""
    resource = context.resources.get_resource(departure.resource)
    person = context.people.get_person(departure.person)
    if resource is None or resource.gone or person is None or not person.active:
        raise errors.NothingToUndo
    if not _is_unchanged(context, recorded, departure) or _was_removed_since(
        context, resource, recorded.seq, departure.person
    ):
        raise errors.AlreadyUndone(departure.person, resource.title)
    if isinstance(departure, MemberRemoved):
        removable = authorization.list_removable_roles(
            context, context.actor.id, resource
        )
        if departure.role not in removable:
            raise errors.MayNotRemove(departure.person, departure.role, resource.title)
    return resource


def _is_unchanged(
    context: Context, recorded: RecordedEvent, departure: Departure
) -> bool:
    """Return whether the membership has not changed since an event: neither by itself
    nor with the records of its person (OUT-04).
    """
    person_id, resource_id = departure.person, departure.resource
    last_seq = get_last_membership_change_seq(context, person_id, resource_id)
    if last_seq != recorded.seq:
        return False
    if was_role_of_separated(context, person_id, resource_id, recorded):
        return False
    present = context.graph.get_memberships_by_resource(
        person_id, [resource_id], context.at
    )
    return resource_id not in present


def _was_removed_since(
    context: Context, resource: Resource, seq: int, person_id: PersonId
) -> bool:
    """Return whether a person was removed after an event from anything that contains a
    resource.
    """
    for container in authorization.iterate_containers(context, resource):
        last_seq = get_last_membership_change_seq(context, person_id, container.id)
        if last_seq is None or last_seq <= seq:
            continue
        last_change = context.events.get_event(last_seq)
        if last_change and isinstance(last_change.event, MemberRemoved):
            return True
    return False


def _list_ended_together(
    context: Context, recorded: RecordedEvent
) -> Iterator[RecordedEvent]:
    """Yield what can be undone, and what the same command ended with it."""
    yield recorded
    # All name the present record of their person, as `recorded` does.
    for later in context.events.list_events_from(recorded.seq + 1, MAX_EVENTS):
        if (later.at, later.actor) != (recorded.at, recorded.actor):
            return
        if not _belongs_to(recorded.event, later.event):
            return
        yield resolve_recorded_person(context, later)


def _belongs_to(undone: Event, event: Event) -> bool:
    """Return whether an event follows from what is undone, by the same command."""
    if isinstance(event, InvitationRevoked | RequestEnded | KeysAssigned):
        return True
    if isinstance(undone, PersonOffboarded):
        is_part = isinstance(event, MemberRemoved | PersonOffboarded)
        return is_part and getattr(event, "offboarding", "") == undone.offboarding
    if isinstance(undone, Departure) and isinstance(event, Departure):
        return event.within == undone.resource
    return False


def _restore_memberships(
    context: Context,
    ended: Sequence[RecordedEvent],
    recorded: RecordedEvent,
    top: Resource,
) -> list[MemberRestored]:
    """Return the memberships that can be restored, the one on the named resource first."""
    restored: list[MemberRestored] = []
    restorable_count = 0
    for each in ended:
        if not isinstance(each.event, Departure) or each.event.since is None:
            continue
        restorable_count += 1
        event = _restore_membership(context, each, each.event, recorded.seq, top)
        if event:
            restored.append(event)
    is_complete = len(restored) == restorable_count
    if restored and is_complete and isinstance(recorded.event, Departure):
        # Everything is reachable as before, so no key needs to be rotated any more.
        restored[0] = replace(restored[0], known=recorded.event.rotate)
    return restored


def _restore_membership(
    context: Context,
    recorded: RecordedEvent,
    departure: Departure,
    undone_seq: int,
    top: Resource,
) -> MemberRestored | None:
    """Return a membership as it was; None if it has ended by time, was changed since,
    or has no place.
    """
    resource = context.resources.get_resource(departure.resource)
    if resource is None or resource.gone or departure.since is None:
        return None
    if departure.until is not None and departure.until <= context.at:
        return None
    if not _is_unchanged(context, recorded, departure):
        return None
    if _is_role_full(context, resource, departure.role):
        return None
    assigned = tuple(
        resource_id
        for resource_id in departure.assigned
        if any(s.team == resource.id for s in context.graph.list_shares(resource_id))
    )
    return MemberRestored(
        resource=resource.id,
        person=departure.person,
        role=departure.role,
        since=departure.since,
        until=departure.until,
        due=get_next_expiry_notice(departure.until, context.at),
        undone=undone_seq,
        within=None if resource.id == top.id else top.id,
        assigned=assigned,
        offboarding=getattr(departure, "offboarding", None),
    )


def _is_role_full(context: Context, resource: Resource, role: str) -> bool:
    """Return whether a role has as many holders as it may have."""
    limited = context.roles[resource.kind].find_role(role)
    if limited is None or limited.max_holders is None:
        return False
    return len(list_holders(context, resource, role)) >= limited.max_holders

"""Undo: a leave or a removal taken back within ten minutes by who did it, restoring exactly what was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from collab import authorization, errors
from collab.events import (
    Event,
    InvitationReopened,
    InvitationRevoked,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    RecordedEvent,
)
from collab.invitations.reminders import get_next_reminder_time
from collab.invitations.rules import (
    PAY,
    Invitation,
    find_membership_at_least,
    get_event_fields,
    get_reminder_time_zone,
    is_inviter_still_authorized,
    list_resources_of_invitation,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.commands import Membership
from collab.people import Caller
from collab.resources import Resource
from collab.what_if import hypothetical_context

if TYPE_CHECKING:
    from collab.context import Context

UNDO_PERIOD = timedelta(minutes=10)
MAX_EVENTS = 10_000
Departure = MemberLeft | MemberRemoved
DEPARTURE_EVENT_NAMES = (MemberLeft.name, MemberRemoved.name)


@dataclass(frozen=True, slots=True)
class UndoDeparture:
    """Take a leave or a removal back; `seq` is the number of its event, the last one's where none is named."""

    by: Caller
    seq: int | None = None


def undo_departure(act: UndoDeparture, case: Context) -> list[Event]:
    """Who did it may undo it for ten minutes, if it would still be allowed (MEM-11)."""
    recorded = (
        case.repositories.get_event(act.seq)
        if act.seq is not None
        else _find_last_departure(case)
    )
    top = recorded.event if recorded else None
    if (
        recorded is None
        or not isinstance(top, Departure)
        or top.within
        or recorded.actor != case.actor.id
    ):
        raise errors.NothingToUndo
    resource = _check_can_be_undone(case, recorded, top)
    went = list(_list_departure_events(case, recorded))
    restored = [
        event
        for each in went
        for event in _restore_membership(case, each, recorded.seq, resource)
    ]
    if not restored:
        raise errors.NothingToUndo
    if len(restored) == sum(
        getattr(each.event, "since", None) is not None for each in went
    ):
        restored[0] = replace(restored[0], known=top.rotate)
    later = hypothetical_context(
        case,
        added_memberships=[
            Membership(r.resource, r.person, r.role, r.since, r.until) for r in restored
        ],
    )
    return [
        *restored,
        *(
            event
            for each in went
            for event in _reopen_invitation(case, later, each.event)
        ),
    ]


def _find_last_departure(case: Context) -> RecordedEvent | None:
    """The last leave or removal that the actor did, and not one that it took along."""
    found = case.repositories.find_last_event_by(
        case.actor.id, DEPARTURE_EVENT_NAMES, None
    )
    while found and getattr(found.event, "within", None):
        found = case.repositories.find_last_event_by(
            case.actor.id, DEPARTURE_EVENT_NAMES, found.seq
        )
    return found


def _check_can_be_undone(
    case: Context, recorded: RecordedEvent, top: Departure
) -> Resource:
    """Refuse what is too old, was undone or overtaken, or would not be allowed now."""
    resource = case.repositories.get_resource(top.resource)
    if case.at >= recorded.at + UNDO_PERIOD:
        raise errors.TooLateToUndo(recorded.at)
    person = case.repositories.get_person(top.person)
    if resource is None or resource.gone or person is None or not person.active:
        raise errors.NothingToUndo
    if case.repositories.get_last_membership_change_seq(
        top.resource, top.person
    ) != recorded.seq or _was_removed_since(case, resource, recorded):
        raise errors.AlreadyUndone(top.person, resource.title)
    if isinstance(
        top, MemberRemoved
    ) and top.role not in authorization.list_removable_roles(
        case, case.actor.id, resource
    ):
        raise errors.MayNotRemove(top.person, top.role, resource.title)
    return resource


def _was_removed_since(
    case: Context, resource: Resource, recorded: RecordedEvent
) -> bool:
    """Whether a later removal from what the thing stands in took the person out of all that is in it."""
    person = getattr(recorded.event, "person", "")
    changes = (
        case.repositories.get_last_membership_change_seq(outer.id, person)
        for outer in authorization.iterate_containers(case, resource)
    )
    later = (
        case.repositories.get_event(seq)
        for seq in changes
        if seq and seq > recorded.seq
    )
    return any(found and isinstance(found.event, MemberRemoved) for found in later)


def _list_departure_events(
    case: Context, recorded: RecordedEvent
) -> Iterator[RecordedEvent]:
    """The event and all that it took along: what the same act recorded behind it."""
    top = recorded.event
    yield recorded
    for after in case.repositories.list_events_from(recorded.seq + 1, MAX_EVENTS):
        event = after.event
        with_it = isinstance(event, Departure) and event.within == getattr(
            top, "resource", None
        )
        if (after.at, after.actor) != (recorded.at, recorded.actor) or not (
            with_it or isinstance(event, InvitationRevoked)
        ):
            return
        yield after


def _restore_membership(
    case: Context, recorded: RecordedEvent, seq: int, top: Resource
) -> Iterator[MemberRestored]:
    """A membership as it was, where that can still be; one whose time has passed stays over."""
    lost = recorded.event
    resource = (
        case.repositories.get_resource(lost.resource)
        if isinstance(lost, Departure)
        else None
    )
    if (
        not isinstance(lost, Departure)
        or resource is None
        or resource.gone
        or lost.since is None
    ):
        return
    is_over = lost.until is not None and lost.until <= case.at
    overtaken = (
        case.repositories.get_last_membership_change_seq(lost.resource, lost.person)
        != recorded.seq
    )
    if is_over or overtaken or _is_role_full(case, resource, lost.role):
        return
    assigned = tuple(
        place
        for place in lost.assigned
        if any(s.team == resource.id for s in case.repositories.list_shares(place))
    )
    due = get_next_expiry_notice(lost.until, case.at)
    yield MemberRestored(
        resource.id,
        lost.person,
        lost.role,
        lost.since,
        lost.until,
        due,
        seq,
        within=None if resource.id == top.id else top.id,
        assigned=assigned,
    )


def _is_role_full(case: Context, resource: Resource, role: str) -> bool:
    """Whether as many as may hold the role hold it."""
    known = case.roles[resource.kind].find_role(role)
    if known is None or known.max_holders is None:
        return False
    holding = [
        *case.repositories.list_members(resource.id, case.at),
        *case.repositories.list_suspended_memberships_on(resource.id),
    ]
    return sum(m.role == role for m in holding) >= known.max_holders


def _reopen_invitation(case: Context, later: Context, event: Event) -> Iterator[Event]:
    """An invitation that went along, unless time or something else has overtaken it, or its right is not back."""
    found = (
        case.repositories.get_invitation(event.invitation)
        if isinstance(event, InvitationRevoked)
        else None
    )
    if not isinstance(event, InvitationRevoked) or found is None:
        return
    overtaken = any(
        case.repositories.find_pending_invitation(
            resource, found.invitee, found.purpose
        )
        for resource in found.resources
    )
    if (
        found.state != "revoked"
        or case.at >= found.expires
        or overtaken
        or _cannot_be_accepted(later, found)
    ):
        return
    if is_inviter_still_authorized(later, found):
        yield InvitationReopened(
            **get_event_fields(found),
            due=get_next_reminder_time(
                case.policy, found, get_reminder_time_zone(case, found)
            ),
        )


def _cannot_be_accepted(later: Context, invitation: Invitation) -> bool:
    """Whether nobody could accept: the invited person is deactivated, or holds as much on all that it is about."""
    if invitation.person is None:
        return False
    person = later.repositories.get_person(invitation.person)
    held = (
        find_membership_at_least(later, invitation.person, resource, invitation.role)
        for resource in list_resources_of_invitation(later, invitation)
    )
    return (
        person is None or not person.active or (invitation.purpose != PAY and all(held))
    )

"""Undo: a leave or a removal taken back within ten minutes by who did it, restoring exactly what was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from collab import authorization, errors
from collab.command import Command
from collab.context import Context
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
    find_membership_at_least,
    get_event_fields,
    get_reminder_time_zone,
    list_resources_of_invitation,
    may_offer,
)
from collab.limits import get_next_expiry_notice
from collab.model import Invitation, Membership, Resource
from collab.what_if import hypothetical_context

UNDO_PERIOD = timedelta(minutes=10)
MAX_EVENTS = 10_000
Departure = MemberLeft | MemberRemoved
DEPARTURE_EVENT_NAMES = (MemberLeft.name, MemberRemoved.name)


@dataclass(frozen=True, slots=True)
class UndoDeparture(Command):
    """Take a leave or a removal back; `seq` is the number of its event, the last one's where none is named."""

    is_allowed_from_outside: ClassVar[bool] = True

    seq: int | None = None

    def decide(self, context: Context) -> list[Event]:
        """Who did it may undo it for ten minutes, if it would still be allowed (MEM-11)."""
        recorded = (
            context.events.get_event(self.seq)
            if self.seq is not None
            else _find_last_departure(context)
        )
        top = recorded.event if recorded else None
        if (
            recorded is None
            or not isinstance(top, Departure)
            or top.within
            or recorded.actor != context.actor.id
        ):
            raise errors.NothingToUndo
        resource = _check_can_be_undone(context, recorded, top)
        went = list(_list_departure_events(context, recorded))
        restored = [
            event
            for each in went
            for event in _restore_membership(context, each, recorded.seq, resource)
        ]
        if not restored:
            raise errors.NothingToUndo
        if len(restored) == sum(
            getattr(each.event, "since", None) is not None for each in went
        ):
            restored[0] = replace(restored[0], known=top.rotate)
        later = hypothetical_context(
            context,
            added_memberships=[
                Membership(r.resource, r.person, r.role, r.since, r.until)
                for r in restored
            ],
        )
        return [
            *restored,
            *(
                event
                for each in went
                for event in _reopen_invitation(context, later, each.event)
            ),
        ]


def _find_last_departure(context: Context) -> RecordedEvent | None:
    """The last leave or removal that the actor did, and not one that it took along."""
    found = context.events.find_last_event_by(
        context.actor.id, DEPARTURE_EVENT_NAMES, None
    )
    while found and getattr(found.event, "within", None):
        found = context.events.find_last_event_by(
            context.actor.id, DEPARTURE_EVENT_NAMES, found.seq
        )
    return found


def _check_can_be_undone(
    context: Context, recorded: RecordedEvent, top: Departure
) -> Resource:
    """Refuse what is too old, was undone or overtaken, or would not be allowed now."""
    resource = context.resources.get_resource(top.resource)
    if context.at >= recorded.at + UNDO_PERIOD:
        raise errors.TooLateToUndo(recorded.at)
    person = context.people.get_person(top.person)
    if resource is None or resource.gone or person is None or not person.active:
        raise errors.NothingToUndo
    if context.events.get_last_membership_change_seq(
        top.resource, top.person
    ) != recorded.seq or _was_removed_since(context, resource, recorded):
        raise errors.AlreadyUndone(top.person, resource.title)
    if isinstance(
        top, MemberRemoved
    ) and top.role not in authorization.list_removable_roles(
        context, context.actor.id, resource
    ):
        raise errors.MayNotRemove(top.person, top.role, resource.title)
    return resource


def _was_removed_since(
    context: Context, resource: Resource, recorded: RecordedEvent
) -> bool:
    """Whether a later removal from what the thing stands in took the person out of all that is in it."""
    person = getattr(recorded.event, "person", "")
    changes = (
        context.events.get_last_membership_change_seq(outer.id, person)
        for outer in authorization.iterate_containers(context, resource)
    )
    later = (
        context.events.get_event(seq) for seq in changes if seq and seq > recorded.seq
    )
    return any(found and isinstance(found.event, MemberRemoved) for found in later)


def _list_departure_events(
    context: Context, recorded: RecordedEvent
) -> Iterator[RecordedEvent]:
    """The event and all that it took along: what the same act recorded behind it."""
    top = recorded.event
    yield recorded
    for after in context.events.list_events_from(recorded.seq + 1, MAX_EVENTS):
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
    context: Context, recorded: RecordedEvent, seq: int, top: Resource
) -> Iterator[MemberRestored]:
    """A membership as it was, where that can still be; one whose time has passed stays over."""
    lost = recorded.event
    resource = (
        context.resources.get_resource(lost.resource)
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
    is_over = lost.until is not None and lost.until <= context.at
    overtaken = (
        context.events.get_last_membership_change_seq(lost.resource, lost.person)
        != recorded.seq
    )
    if is_over or overtaken or _is_role_full(context, resource, lost.role):
        return
    assigned = tuple(
        place
        for place in lost.assigned
        if any(s.team == resource.id for s in context.graph.list_shares(place))
    )
    due = get_next_expiry_notice(lost.until, context.at)
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


def _is_role_full(context: Context, resource: Resource, role: str) -> bool:
    """Whether as many as may hold the role hold it."""
    known = context.roles[resource.kind].find_role(role)
    if known is None or known.max_holders is None:
        return False
    holding = [
        *context.memberships.list_members(resource.id, context.at),
        *context.memberships.list_suspended_memberships_on(resource.id),
    ]
    return sum(m.role == role for m in holding) >= known.max_holders


def _reopen_invitation(
    context: Context, later: Context, event: Event
) -> Iterator[Event]:
    """An invitation that went along, unless time or something else has overtaken it, or its right is not back."""
    found = (
        context.invitations.get_invitation(event.invitation)
        if isinstance(event, InvitationRevoked)
        else None
    )
    if not isinstance(event, InvitationRevoked) or found is None:
        return
    overtaken = any(
        context.invitations.find_pending_invitation(
            resource, found.invitee, found.purpose
        )
        for resource in found.resources
    )
    if (
        found.state != "revoked"
        or context.at >= found.expires
        or overtaken
        or _cannot_be_accepted(later, found)
    ):
        return
    if may_offer(later, found.inviter, found):
        yield InvitationReopened(
            **get_event_fields(found),
            due=get_next_reminder_time(
                context.policy, found, get_reminder_time_zone(context, found)
            ),
        )


def _cannot_be_accepted(later: Context, invitation: Invitation) -> bool:
    """Whether nobody could accept: the invited person is deactivated, or holds as much on all that it is about."""
    if invitation.person is None:
        return False
    person = later.people.get_person(invitation.person)
    held = (
        find_membership_at_least(later, invitation.person, resource, invitation.role)
        for resource in list_resources_of_invitation(later, invitation)
    )
    return (
        person is None or not person.active or (invitation.purpose != PAY and all(held))
    )

"""Undo: a leave or a removal taken back within ten minutes by who did it, restoring exactly what was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import (
    Event,
    InvitationReopened,
    InvitationRevoked,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    Recorded,
)
from collab.membership import Membership
from collab.offers import PAY, Invitation, about, as_much, places, upheld, zone_of
from collab.people import Caller
from collab.policy import speaks_up
from collab.reminders import next_due
from collab.resources import Resource
from collab.supposing import supposing

if TYPE_CHECKING:
    from collab.case import Case

UNDOABLE = timedelta(minutes=10)
MOST = 10_000
Lost = MemberLeft | MemberRemoved
LOST = (MemberLeft.name, MemberRemoved.name)


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a leave or a removal back; `seq` is the number of its event, the last one's where none is named."""

    by: Caller
    seq: int | None = None


def undo(act: Undo, case: Case) -> list[Event]:
    """Who did it may undo it for ten minutes, if it would still be allowed (MEM-11)."""
    recorded = case.facts.event(act.seq) if act.seq is not None else _last(case)
    top = recorded.event if recorded else None
    if recorded is None or not isinstance(top, Lost) or top.within or recorded.actor != case.actor.id:
        raise refusals.NothingToUndo
    resource = _check(case, recorded, top)
    went = list(_went(case, recorded))
    restored = [event for each in went for event in _restored(case, each, recorded.seq, resource)]
    if not restored:
        raise refusals.NothingToUndo
    if len(restored) == sum(getattr(each.event, "since", None) is not None for each in went):
        restored[0] = replace(restored[0], known=top.rotate)
    later = supposing(case, held=[Membership(r.resource, r.person, r.role, r.since, r.until) for r in restored])
    return [*restored, *(event for each in went for event in _reopened(case, later, each.event))]


def _last(case: Case) -> Recorded | None:
    """The last leave or removal that the actor did, and not one that it took along."""
    found = case.facts.last_by(case.actor.id, LOST, None)
    while found and getattr(found.event, "within", None):
        found = case.facts.last_by(case.actor.id, LOST, found.seq)
    return found


def _check(case: Case, recorded: Recorded, top: Lost) -> Resource:
    """Refuse what is too old, was undone or overtaken, or would not be allowed now."""
    resource = case.facts.resource(top.resource)
    if case.at >= recorded.at + UNDOABLE:
        raise refusals.TooLateToUndo(recorded.at)
    person = case.facts.person(top.person)
    if resource is None or resource.gone or person is None or not person.active:
        raise refusals.NothingToUndo
    if case.facts.last_change(top.resource, top.person) != recorded.seq or _removed_since(case, resource, recorded):
        raise refusals.AlreadyUndone(top.person, resource.title)
    if isinstance(top, MemberRemoved) and top.role not in access.removable(case, case.actor.id, resource):
        raise refusals.MayNotRemove(top.person, top.role, resource.title)
    return resource


def _removed_since(case: Case, resource: Resource, recorded: Recorded) -> bool:
    """Whether a later removal from what the thing stands in took the person out of all that is in it."""
    person = getattr(recorded.event, "person", "")
    changes = (case.facts.last_change(outer.id, person) for outer in access.containers(case, resource))
    later = (case.facts.event(seq) for seq in changes if seq and seq > recorded.seq)
    return any(found and isinstance(found.event, MemberRemoved) for found in later)


def _went(case: Case, recorded: Recorded) -> Iterator[Recorded]:
    """The event and all that it took along: what the same act recorded behind it."""
    top = recorded.event
    yield recorded
    for after in case.facts.history(recorded.seq + 1, MOST):
        event = after.event
        with_it = isinstance(event, Lost) and event.within == getattr(top, "resource", None)
        if (after.at, after.actor) != (recorded.at, recorded.actor) or not (
            with_it or isinstance(event, InvitationRevoked)
        ):
            return
        yield after


def _restored(case: Case, recorded: Recorded, seq: int, top: Resource) -> Iterator[MemberRestored]:
    """A membership as it was, where that can still be; one whose time has passed stays over."""
    lost = recorded.event
    resource = case.facts.resource(lost.resource) if isinstance(lost, Lost) else None
    if not isinstance(lost, Lost) or resource is None or resource.gone or lost.since is None:
        return
    is_over = lost.until is not None and lost.until <= case.at
    overtaken = case.facts.last_change(lost.resource, lost.person) != recorded.seq
    if is_over or overtaken or _is_full(case, resource, lost.role):
        return
    assigned = tuple(place for place in lost.assigned if any(s.team == resource.id for s in case.facts.shares(place)))
    due = speaks_up(lost.until, case.at)
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


def _is_full(case: Case, resource: Resource, role: str) -> bool:
    """Whether as many as may hold the role hold it."""
    known = case.kinds[resource.kind].role(role)
    if known is None or known.at_most is None:
        return False
    holding = [*case.facts.members(resource.id, case.at), *case.facts.suspended_on(resource.id)]
    return sum(m.role == role for m in holding) >= known.at_most


def _reopened(case: Case, later: Case, event: Event) -> Iterator[Event]:
    """An invitation that went along, unless time or something else has overtaken it, or its right is not back."""
    found = case.facts.invitation(event.invitation) if isinstance(event, InvitationRevoked) else None
    if not isinstance(event, InvitationRevoked) or found is None:
        return
    overtaken = any(case.facts.pending(resource, found.invitee, found.purpose) for resource in found.resources)
    if found.state != "revoked" or case.at >= found.expires or overtaken or _is_idle(later, found):
        return
    if upheld(later, found):
        yield InvitationReopened(**about(found), due=next_due(case.policy, found, zone_of(case, found)))


def _is_idle(later: Case, invitation: Invitation) -> bool:
    """Whether nobody could accept: the invited person is deactivated, or holds as much on all that it is about."""
    if invitation.person is None:
        return False
    person = later.facts.person(invitation.person)
    held = (as_much(later, invitation.person, resource, invitation.role) for resource in places(later, invitation))
    return person is None or not person.active or (invitation.purpose != PAY and all(held))

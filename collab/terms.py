"""Memberships for a limited time: warned of, extended, and ended by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collab import access, refusals
from collab.events import Event, MemberEnded, MemberExtended, MemberWarned
from collab.membership import Membership, person_of
from collab.offers import FOR_GOOD, Term, check_grants, check_offer, refuse_grant, revoke_unupheld
from collab.people import Account, Address, Caller
from collab.policy import speaks_up
from collab.resources import find

if TYPE_CHECKING:
    from collab.case import Case

USUALLY = Term(timedelta(days=30))
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Extend:
    """Let a membership for a limited time last longer than it does: by a time, until a moment, or for good.

    `seen` is the end that a button was about: when it is another one by now, there is nothing left to do.
    """

    by: Caller
    who: Account | Address | str
    what: str
    term: Term = USUALLY
    seen: datetime | None = None


def extend(act: Extend, case: Case) -> list[Event]:
    """Whoever may grant the role may let its membership last longer, never their own (MEM-01, MEM-10)."""
    resource, person = find(case, act.what), person_of(case, act.who)
    if person == case.actor.id:
        raise refusals.ToYourself("extend")
    now = case.facts.held(person, [resource.id], case.at).get(resource.id)
    check_grants(case, resource, now.role if now else "")
    if now is None:
        raise refusals.NotAMember(person, resource.title)
    if now.role not in access.grantable(case, case.actor.id, resource):
        raise refuse_grant(case, resource, now.role, case.actor.id)
    if now.until is None:
        raise refusals.HasNoEnd(person, now.role, resource.title)
    until = None if act.term == FOR_GOOD else act.term.end(now.until)
    check_offer(case, case.actor.id, resource, now.role, Term(until=until))
    if until is not None and until <= now.until:
        raise refusals.EndsLater(person, now.until, resource.title)
    if act.seen and act.seen != now.until:
        return []
    due = speaks_up(until, case.at)
    return [MemberExtended(resource.id, person, now.role, until, now.until, due)]


def pass_due(case: Case, membership: Membership) -> list[Event]:
    """What time does to a membership that is due: warn before its end, or end it (MEM-10)."""
    until = membership.until
    if until is None or case.at >= until:
        return _ended(case, membership)
    due = speaks_up(until, case.at) or until
    return [MemberWarned(membership.resource, membership.person, membership.role, until, due)]


def _ended(case: Case, membership: Membership) -> list[Event]:
    """What could be reached up to the end, and cannot now that it counts no more, is to be rotated (MEM-07, ROL-08)."""
    lost = frozenset({membership.resource})
    before = replace(case, at=membership.until - MOMENT) if membership.until else case
    rotate = access.losing(case, membership.person, "code", lost, before)
    ended = MemberEnded(membership.resource, membership.person, membership.role, "time", rotate)
    return [ended, *revoke_unupheld(case, membership.person, lost)]

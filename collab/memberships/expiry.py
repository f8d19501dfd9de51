"""Memberships for a limited time: warned of, extended, and ended by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collab import accessible_resources, authorization, errors
from collab.command import Command
from collab.context import Context
from collab.events import Event, MemberEnded, MemberExtended, MemberWarned
from collab.invitations.rules import (
    NO_END,
    build_assignment_rejection,
    check_may_assign_roles,
    check_offer,
    revoke_invitations_losing_authorization,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.commands import resolve_person_id
from collab.model import Account, Address, Membership, Term
from collab.resources import resolve_resource

DEFAULT_EXTENSION = Term(timedelta(days=30))
SMALLEST_DURATION = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ExtendMembership(Command):
    """Let a membership for a limited time last longer than it does: by a time, until a moment, or for good.

    `seen` is the end that a button was about: when it is another one by now, there is nothing left to do.
    """

    who: Account | Address | str
    what: str
    term: Term = DEFAULT_EXTENSION
    expected_end: datetime | None = None

    def decide(self, context: Context) -> list[Event]:
        """Whoever may grant the role may let its membership last longer, never their own (MEM-01, MEM-10)."""
        resource, person = (
            resolve_resource(context, self.what),
            resolve_person_id(context, self.who),
        )
        if person == context.actor.id:
            raise errors.ToYourself("extend")
        now = context.graph.get_memberships_by_resource(
            person, [resource.id], context.at
        ).get(resource.id)
        check_may_assign_roles(context, resource, now.role if now else "")
        if now is None:
            raise errors.NotAMember(person, resource.title)
        if now.role not in authorization.list_assignable_roles(
            context, context.actor.id, resource
        ):
            raise build_assignment_rejection(
                context, resource, now.role, context.actor.id
            )
        if now.until is None:
            raise errors.HasNoEnd(person, now.role, resource.title)
        until = None if self.term == NO_END else self.term.compute_end(now.until)
        check_offer(context, context.actor.id, resource, now.role, Term(until=until))
        if until is not None and until <= now.until:
            raise errors.EndsLater(person, now.until, resource.title)
        if self.expected_end and self.expected_end != now.until:
            return []
        due = get_next_expiry_notice(until, context.at)
        return [MemberExtended(resource.id, person, now.role, until, now.until, due)]


def warn_or_end_membership(context: Context, membership: Membership) -> list[Event]:
    """What time does to a membership that is due: warn before its end, or end it (MEM-10)."""
    until = membership.until
    if until is None or context.at >= until:
        return _end_membership(context, membership)
    due = get_next_expiry_notice(until, context.at) or until
    return [
        MemberWarned(
            membership.resource, membership.person, membership.role, until, due
        )
    ]


def _end_membership(context: Context, membership: Membership) -> list[Event]:
    """What could be reached up to the end, and cannot now that it counts no more, is to be rotated (MEM-07, ROL-08)."""
    lost = frozenset({membership.resource})
    before = (
        replace(context, at=membership.until - SMALLEST_DURATION)
        if membership.until
        else context
    )
    rotate = accessible_resources.list_capability_losses(
        context, membership.person, "code", lost, before
    )
    ended = MemberEnded(
        membership.resource, membership.person, membership.role, "time", rotate
    )
    return [
        ended,
        *revoke_invitations_losing_authorization(context, membership.person, lost),
    ]

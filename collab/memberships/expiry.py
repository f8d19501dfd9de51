"""Memberships for a limited time: extended by people, warned of and ended by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collab import accessible_resources, authorization, errors
from collab.command import Command
from collab.context import Context
from collab.events import Event, MemberEnded, MemberExtended, MemberWarned
from collab.invitations.rules import (
    NO_END,
    SMALLEST_DURATION,
    build_assignment_rejection,
    check_may_assign_roles,
    check_offer,
    revoke_invitations_losing_authorization,
)
from collab.limits import get_next_expiry_notice
from collab.memberships.holders import resolve_member_id
from collab.model import Account, Address, Membership, PersonId, Resource, Term
from collab.resource_lookup import resolve_resource

DEFAULT_EXTENSION = Term(timedelta(days=30))


@dataclass(frozen=True, slots=True)
class ExtendMembership(Command):
    """Extend a membership for a limited time: by a duration, until a moment, or for
    good. With `also`, those on other resources as well.

    Nothing happens to one that ends at another time than `expected_end`, the end that a
    button showed. What several of a button's memberships are on may be gone by then:
    the others are extended. `who` is an account, an address or a person's id.
    """

    who: Account | Address | PersonId
    what: str
    term: Term = DEFAULT_EXTENSION
    expected_end: datetime | None = None
    also: tuple[str, ...] = ()

    def decide(self, context: Context) -> list[Event]:
        """Extend it if the actor may assign the role; never their own (MEM-01, MEM-10)."""
        extended: list[Event] = []
        ended: list[errors.Rejected] = []
        for what in (self.what, *self.also):
            try:
                resource = resolve_resource(context, what)
                extended += self._extend(context, resource)
            except (errors.UnknownResource, errors.NotAMember) as rejected:
                ended.append(rejected)
        if len(ended) == 1 + len(self.also):
            raise ended[0]
        return extended

    def _extend(self, context: Context, resource: Resource) -> list[Event]:
        person_id = resolve_member_id(context, self.who, resource)
        if person_id == context.actor.id:
            raise errors.ToYourself("extend")
        membership = _get_extendable_membership(context, resource, person_id)
        end = membership.until
        if end is None:
            raise errors.HasNoEnd(person_id, membership.role, resource.title)
        new_end = None if self.term == NO_END else self.term.compute_end(end)
        check_offer(
            context, context.actor.id, resource, membership.role, Term(until=new_end)
        )
        if new_end is not None and new_end <= end:
            raise errors.EndsLater(person_id, end, resource.title)
        if self.expected_end and self.expected_end != end:
            return []
        return [
            MemberExtended(
                resource=resource.id,
                person=person_id,
                role=membership.role,
                until=new_end,
                before=end,
                due=get_next_expiry_notice(new_end, context.at),
            )
        ]


def warn_or_end_membership(context: Context, membership: Membership) -> list[Event]:
    """Return the warning before the end of a membership that is due, or its end
    (MEM-10).
    """
    until = membership.until
    if until is None or context.at >= until:
        return _end_membership(context, membership)
    return [
        MemberWarned(
            resource=membership.resource,
            person=membership.person,
            role=membership.role,
            until=until,
            due=get_next_expiry_notice(until, context.at) or until,
        )
    ]


def _get_extendable_membership(
    context: Context, resource: Resource, person_id: PersonId
) -> Membership:
    """Return a direct membership whose role the actor may assign; raises Rejected."""
    membership = authorization.direct_membership(context, person_id, resource)
    check_may_assign_roles(context, resource, membership.role if membership else "")
    if membership is None:
        raise errors.NotAMember(person_id, resource.title)
    actor_id = context.actor.id
    if membership.role not in authorization.list_assignable_roles(
        context, actor_id, resource
    ):
        raise build_assignment_rejection(context, resource, membership.role, actor_id)
    return membership


def _end_membership(context: Context, membership: Membership) -> list[Event]:
    """Return the end of a membership, with the code to rotate and the invitations
    revoked by it (MEM-07, ROL-08).
    """
    lost = frozenset({membership.resource})
    before_end = context
    if membership.until:
        # The membership counted until then, and counts no more now.
        before_end = replace(context, at=membership.until - SMALLEST_DURATION)
    rotate = accessible_resources.list_capability_losses(
        context, membership.person, "code", lost, before_end
    )
    ended = MemberEnded(
        resource=membership.resource,
        person=membership.person,
        role=membership.role,
        why="time",
        rotate=rotate,
    )
    revoked = revoke_invitations_losing_authorization(context, membership.person, lost)
    return [ended, *revoked]

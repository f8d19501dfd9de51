"""What an invitation is, and what must be so of an offer: who may make it, to whom, until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from collab import authorization, errors
from collab.context import Context
from collab.events import InvitationRevoked
from collab.limits import LONGEST_MEMBERSHIP, NOTE_LIMIT, SHORTEST_MEMBERSHIP
from collab.model import Invitation, Membership, Person, Resource, Term
from collab.text import clean_text
from collab.what_if import build_enabled_context, hypothetical_context

PENDING = "pending"
JOIN, PAY, OWN = "join", "pay", "own"


NO_END = Term()
SMALLEST_DURATION = timedelta(microseconds=1)


def is_inviter_still_authorized(context: Context, invitation: Invitation) -> bool:
    """Whether the inviter's right still carries it (INV-04)."""
    return may_offer(context, invitation.inviter, invitation)


def may_offer(context: Context, person: str, invitation: Invitation) -> bool:
    """Whether a person's right carries an invitation, on everything that it is about.

    To join: they may grant the role. To pay: they have the billing of the thing. To own: they are its owner.
    """
    may = OFFER_RULES[invitation.purpose]
    return all(
        may(context, person, resource, invitation.role)
        for resource in list_resources_of_invitation(context, invitation)
    )


def revoke_invitations_losing_authorization(
    context: Context, person: str, lost: frozenset[str], held: Iterable[Membership] = ()
) -> list[InvitationRevoked]:
    """The invitations that only a right upheld which ends now; what the person holds elsewhere, or then, counts."""
    later = hypothetical_context(
        context,
        ended_memberships=[(person, place) for place in lost],
        added_memberships=held,
    )
    return revoke_unauthorized(
        later, context.invitations.list_pending_invitations_by(person)
    )


def revoke_unauthorized(
    later: Context, waiting: Iterable[Invitation]
) -> list[InvitationRevoked]:
    """Of what waits, that whose inviter may not grant it any more as it will be (INV-09)."""
    return [
        build_revoked_event(invitation, "right_lost")
        for invitation in waiting
        if not is_inviter_still_authorized(later, invitation)
    ]


def build_revoked_event(invitation: Invitation, why: str) -> InvitationRevoked:
    """The fact that a pending invitation was taken back."""
    return InvitationRevoked(
        **get_event_fields(invitation), role=invitation.role, why=why
    )


def get_event_fields(invitation: Invitation) -> dict[str, Any]:
    """What every fact about an invitation says of it."""
    return {
        "invitation": invitation.id,
        "resource": invitation.resource,
        "person": invitation.person,
        "inviter": invitation.inviter,
        "also": invitation.also,
    }


def list_team_approvers(context: Context, team: str | None) -> tuple[str, ...]:
    """Those members of a team who may answer for it: whoever may edit it (RES-05)."""
    group = context.graph.get_resource(team) if team else None
    members = context.memberships.list_members(group.id, context.at) if group else ()
    return tuple(
        m.person
        for m in members
        if group and authorization.check(context, m.person, "edit", group)
    )


def get_reminder_time_zone(context: Context, invitation: Invitation) -> str:
    """The time zone in whose working hours an invitation reminds: the invited person's, or the first member's asked."""
    return get_time_zone_of_first(
        context, (invitation.person,) if invitation.person else invitation.asked
    )


def get_time_zone_of_first(context: Context, people: tuple[str, ...]) -> str:
    """The time zone of the first of some people; UTC when there is none."""
    found = context.people.get_person(people[0]) if people else None
    return found.tz if found else "UTC"


def check_role_not_held(
    context: Context, resource: Resource, person: Person, role: str
) -> None:
    """Refuse to offer what is no more than the person holds (INV-05)."""
    now = find_membership_at_least(context, person.id, resource, role)
    if now:
        raise errors.AlreadyHolds(person.id, now.role, resource.title)


def find_membership_at_least(
    context: Context, person: str, resource: Resource, role: str
) -> Membership | None:
    """The role that a person was given on a resource, where it is as high as another one or higher."""
    now, kind = (
        authorization.direct_membership(context, person, resource),
        context.roles[resource.kind],
    )
    return now if now and kind.get_rank(now.role) <= kind.get_rank(role) else None


def check_invitation_pending(context: Context, invitation: Invitation) -> None:
    """Refuse what is answered or expired, by time and not by a clean-up."""
    if invitation.state != PENDING:
        raise errors.AlreadyAnswered(invitation.id, invitation.state)
    if context.at >= invitation.expires:
        raise errors.InvitationExpired(invitation.id, invitation.expires)


def check_offer(
    context: Context, granter: str, resource: Resource, role: str, term: Term = NO_END
) -> None:
    """Refuse a role that is none, that the granter may not grant, or for a time outside what is allowed (ROL-05)."""
    kind = context.roles[resource.kind]
    wanted = kind.find_role(role)
    if wanted is None or wanted.is_derived_only:
        raise errors.UnknownRole(
            role, kind.name, tuple(r.name for r in kind.assignable_roles)
        )
    grants = authorization.list_assignable_roles(context, granter, resource)
    if role not in grants:
        raise build_assignment_rejection(context, resource, role, granter)
    length = term.until - context.at if term.until else term.lasts
    least = (
        SMALLEST_DURATION if term.until else SHORTEST_MEMBERSHIP
    )  # the day that is named may be today
    if length is not None and not least <= length <= LONGEST_MEMBERSHIP:
        raise errors.BadDuration(length, SHORTEST_MEMBERSHIP, LONGEST_MEMBERSHIP)


def check_may_assign_roles(context: Context, resource: Resource, role: str) -> None:
    """Refuse whoever may bring nobody in, before anything else is looked at (ROL-05)."""
    if not authorization.list_assignable_roles(context, context.actor.id, resource):
        raise build_assignment_rejection(context, resource, role, context.actor.id)


def build_assignment_rejection(
    context: Context, resource: Resource, role: str, granter: str
) -> errors.Rejected:
    """Return why somebody may not grant a role: their own roles, or that the thing is disabled."""
    later, open_again = build_enabled_context(context, resource)
    if authorization.is_disabled(
        context, resource
    ) and authorization.list_assignable_roles(later, granter, open_again):
        return errors.IsDisabled(
            resource.title, authorization.find_slug_to_enable(context, resource)
        )
    return errors.MayNotGrant(
        role,
        resource.title,
        authorization.list_assignable_roles(context, granter, resource),
    )


def get_invitee(context: Context, person: str | None) -> Person:
    """The invited person."""
    found = context.people.get_person(person) if person else None
    if found is None:
        raise errors.UnknownInvitation
    return found


def validate_note(what: str, typed: str | None) -> str | None:
    """A note or a reason without outer white space and what cannot be seen; refused when longer than 500 characters."""
    renderer = clean_text(typed or "").strip()
    if len(renderer) > NOTE_LIMIT:
        raise errors.TooLong(what, len(renderer), NOTE_LIMIT)
    return renderer or None


def may_transfer_billing(
    context: Context, person: str, resource: Resource, _role: str = ""
) -> bool:
    """Whether a person has the billing of a thing: may delete it, and pays for it where something pays (BIL-03).

    Of what is disabled nobody has it: it could be deleted, but its payer stays (ROL-04).
    """
    method = context.graph.get_resource(resource.payer) if resource.payer else None
    pays = method is None or authorization.check(context, person, "pay", method)
    return (
        pays
        and authorization.check(context, person, "delete", resource)
        and not authorization.is_disabled(context, resource)
    )


def may_transfer_ownership(
    context: Context, person: str, resource: Resource, role: str
) -> bool:
    """Return whether a person may hand a thing over: its owner, or an owner of the company that it stands in.

    Of an app this is its admin, where it stands in nothing (BIL-06, BIL-10).
    """
    if resource.gone or authorization.is_disabled(context, resource):
        return False
    if resource.parent and context.roles[resource.kind].must_stay_controlled:
        return False
    held = authorization.direct_membership(context, person, resource)
    return (
        held is not None and held.role == role
    ) or authorization.holds_role_by_parent(context, person, resource, role)


def _may_assign_role(
    context: Context, person: str, resource: Resource, role: str
) -> bool:
    return role in authorization.list_assignable_roles(context, person, resource)


OFFER_RULES: Mapping[str, Callable[[Context, str, Resource, str], bool]] = {
    JOIN: _may_assign_role,
    PAY: may_transfer_billing,
    OWN: may_transfer_ownership,
}


def list_resources_of_invitation(
    context: Context, invitation: Invitation
) -> list[Resource]:
    """The things that it is about."""
    return [
        found for r in invitation.resources if (found := context.graph.get_resource(r))
    ]

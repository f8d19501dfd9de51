"""Several records of one person: finding them, and merging them into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from collab.context import Context
from collab.events import Event, InvitationRevoked, MailStopped, PersonMerged
from collab.invitations.rules import JOIN, build_revoked_event
from collab.model import InvitationId, Membership, Person, ResourceId

Purpose = tuple[
    str, ResourceId
]  # the purpose of an invitation, and the id of its resource


def list_duplicates(
    context: Context, person: Person, email: str | None
) -> list[Person]:
    """Return the other records of a person: with the same user id, or with the address
    and no account.

    `email` must be None for a person of another workspace: nobody here has verified
    the addresses that others show as theirs.
    """
    duplicates: list[Person] = []
    if person.user:
        duplicates += context.people.list_people_by_user_id(person.user)
    if email:
        duplicates += context.people.list_people_with_email_only(email)
    return [duplicate for duplicate in duplicates if duplicate.id != person.id]


def merge_duplicate_records(context: Context, user: str) -> list[Event]:
    """Merge all records with a user id into the first one."""
    first, *others = context.people.list_people_by_user_id(user)
    merged = merge_duplicates(context, first, others)
    if first.active and not first.bot:
        return merged
    return merged + revoke_unanswerable_invitations(context, first, others, merged)


def merge_duplicates(
    context: Context, person: Person, duplicates: Iterable[Person]
) -> list[Event]:
    """Merge other records into a person: the better of two memberships and the first of
    two invitations remain.
    """
    merged: list[Event] = []
    memberships = {
        membership.resource: membership
        for membership in context.memberships.list_memberships_of(person.id, context.at)
    }
    purposes = {(JOIN, resource_id) for resource_id in memberships}
    for invitation in context.invitations.list_pending_invitations_for(person.id):
        purposes |= {(invitation.purpose, r) for r in invitation.resources}
    for duplicate in duplicates:
        kept: list[ResourceId] = []
        for membership in context.memberships.list_memberships_of(
            duplicate.id, context.at
        ):
            own = memberships.get(membership.resource)
            if own is None:
                memberships[membership.resource] = membership
            elif _gives_more(context, membership, own):
                memberships[membership.resource] = membership
                kept.append(membership.resource)
        merged += _revoke_double_invitations(context, duplicate, purposes)
        merged.append(PersonMerged(duplicate.id, person.id, tuple(kept)))
        # One that is known by the address alone has the same address.
        if duplicate.mail_stopped and not duplicate.user:
            merged.append(MailStopped(person.id, duplicate.mail_stopped))
    return merged


def revoke_unanswerable_invitations(
    context: Context,
    person: Person,
    duplicates: Sequence[Person],
    merged: Iterable[Event],
) -> list[Event]:
    """Revoke the pending invitations to and by a person who cannot answer, and to and
    by their duplicates (INV-09).

    Those that were revoked in `merged` are left out.
    """
    revoked: dict[InvitationId, InvitationRevoked] = {}
    person_ids = [person.id, *(duplicate.id for duplicate in duplicates)]
    for person_id in person_ids:
        for sent in context.invitations.list_pending_invitations_by(person_id):
            invitation = replace(sent, inviter=person.id)
            revoked[sent.id] = build_revoked_event(invitation, "right_lost")
    for person_id in person_ids:
        for received in context.invitations.list_pending_invitations_for(person_id):
            invitation = replace(received, person=person.id)
            revoked[received.id] = build_revoked_event(invitation, "unreachable")
    for event in merged:
        if isinstance(event, InvitationRevoked):
            revoked.pop(event.invitation, None)
    return [*revoked.values()]


def _gives_more(context: Context, one: Membership, other: Membership) -> bool:
    """Return whether the first of two memberships on one resource has the higher role,
    or the later end.
    """
    if one.role != other.role:
        resource = context.resources.get_resource(one.resource)
        if resource is None:
            return False
        get_rank = context.roles[resource.kind].get_rank
        return get_rank(one.role) < get_rank(other.role)
    if other.until is None:
        return False
    return one.until is None or one.until > other.until


def _revoke_double_invitations(
    context: Context, duplicate: Person, purposes: set[Purpose]
) -> list[Event]:
    """Revoke a duplicate's invitations to what the person is invited to or has; add the
    others to `purposes`.
    """
    revoked: list[Event] = []
    for invitation in context.invitations.list_pending_invitations_for(duplicate.id):
        offered = {(invitation.purpose, r) for r in invitation.resources}
        if not purposes.isdisjoint(offered):
            revoked.append(build_revoked_event(invitation, "twin"))
        purposes |= offered
    return revoked

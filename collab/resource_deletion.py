"""Deletion of resources with all that they contain (RES-04)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from collab import authorization, errors
from collab.access_graph import EffectiveRole
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationRevoked,
    MemberJoined,
    PayerChanged,
    ResourceDeleted,
    ResourceRetired,
)
from collab.invitations.rules import build_revoked_event, revoke_unauthorized
from collab.limits import get_next_expiry_notice
from collab.model import Invitation, InvitationId, Resource, ResourceId
from collab.resource_lookup import resolve_with_capability
from collab.resource_rules import check_controlled, check_payer_may_change
from collab.text import normalize_for_comparison
from collab.what_if import hypothetical_context


@dataclass(frozen=True, slots=True)
class DeleteResource(Command):
    """Delete a resource with all that it contains.

    `typed` is its name, which must be typed when it contains anything.
    """

    what: str
    typed: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Require `delete`; retire payment methods with invoices instead (RES-04)."""
        resource = resolve_with_capability(context, self.what, "delete")
        if resource.retired:
            raise errors.Retired(resource.title)
        descendants = context.resources.list_descendants(resource.id)
        inner = [each for each in descendants if not each.retired]
        if inner:
            self._check_typed_name(resource, len(inner))
        ending = [*reversed(inner), resource]
        retired_ids = {
            each.id for each in ending if context.billing.count_invoices(each.id)
        }
        deleted_ids = {each.id for each in ending} - retired_ids
        unpaid = _list_unpaid_resources(context, ending)
        for each in unpaid:
            check_payer_may_change(context, each)
            check_controlled(context, each, replace(each, payer=None))
        pending = _list_pending_invitations(context, ending)
        return [
            *(PayerChanged(each.id, None, each.payer) for each in unpaid),
            *(build_revoked_event(each, "deleted") for each in pending.values()),
            *_revoke_other_invitations(context, ending, unpaid, pending),
            *keep_invoice_readers(context, resource, deleted_ids),
            *_build_inner_end_events(ending[:-1], retired_ids),
            _build_end_event(context, resource, ending, retired_ids),
        ]

    def _check_typed_name(self, resource: Resource, inner_count: int) -> None:
        typed = normalize_for_comparison(self.typed or "")
        if typed != normalize_for_comparison(resource.title):
            raise errors.TypeItsName(resource.title, inner_count)


def keep_invoice_readers(
    context: Context, deleted: Resource, deleted_ids: Collection[ResourceId]
) -> Iterator[MemberJoined]:
    """Yield direct roles for those who read invoices by a role on what is deleted.

    The payment methods that remain are those retired now or before (RES-04, BIL-07).
    """
    for resource in context.resources.list_descendants(deleted.id):
        if resource.id in deleted_ids:
            continue
        for role in _list_lost_invoice_roles(context, resource, deleted_ids):
            source_id = role.path[0].resource
            memberships = context.graph.get_memberships_by_resource(
                role.person, [source_id], context.at
            )
            until = memberships[source_id].until
            yield MemberJoined(
                resource.id,
                role.person,
                role.role,
                until,
                None,
                due=get_next_expiry_notice(until, context.at),
                within=deleted.id,
            )


def _list_lost_invoice_roles(
    context: Context, resource: Resource, deleted_ids: Collection[ResourceId]
) -> list[EffectiveRole]:
    """Return the highest role of each who can read invoices only by what ends."""
    names = context.roles[resource.kind].list_roles_with_capability("invoices")
    reading = [
        role
        for role in authorization.list_users_with(context, resource)
        if role.role in names
    ]
    staying_ids = {
        role.person for role in reading if role.path[0].resource not in deleted_ids
    }
    # From the lowest to the highest: the last one put in is the one that counts.
    highest = {
        role.person: role
        for role in reversed(reading)
        if role.person not in staying_ids
    }
    return list(highest.values())


def _list_unpaid_resources(
    context: Context, ending: Sequence[Resource]
) -> list[Resource]:
    """Return what the ending payment methods pay for and what does not end itself."""
    ending_ids = {each.id for each in ending}
    return [
        paid
        for each in ending
        for paid in context.resources.list_resources_paid_by(each.id)
        if paid.id not in ending_ids
    ]


def _list_pending_invitations(
    context: Context, ending: Sequence[Resource]
) -> dict[InvitationId, Invitation]:
    """Return the pending invitations to ending resources and of ending teams, by id."""
    pending: dict[InvitationId, Invitation] = {}
    for resource in ending:
        for invitation in (
            *context.invitations.list_pending_invitations_on(resource.id),
            *context.invitations.list_pending_invitations_for(resource.id),
        ):
            pending[invitation.id] = invitation
    return pending


def _revoke_other_invitations(
    context: Context,
    ending: Sequence[Resource],
    unpaid: Sequence[Resource],
    revoked: Mapping[InvitationId, Invitation],
) -> list[InvitationRevoked]:
    """Return the ends of invitations elsewhere that lose their authorization.

    They rest on a payment that ends, or on a role by a team that ends.
    """
    teams = [each for each in ending if context.roles[each.kind].is_group]
    member_ids = dict.fromkeys(
        member.person
        for team in teams
        for member in context.memberships.list_members(team.id, context.at)
    )
    pending: dict[InvitationId, Invitation] = {}
    for person_id in member_ids:
        for invitation in context.invitations.list_pending_invitations_by(person_id):
            pending[invitation.id] = invitation
    for resource in unpaid:
        for invitation in context.invitations.list_pending_invitations_on(resource.id):
            pending[invitation.id] = invitation
    later = hypothetical_context(
        context,
        resources=[
            *(replace(team, gone=True) for team in teams),
            *(replace(resource, payer=None) for resource in unpaid),
        ],
    )
    lost = revoke_unauthorized(later, pending.values())
    return [event for event in lost if event.invitation not in revoked]


def _build_inner_end_events(
    inner: Sequence[Resource], retired_ids: Collection[ResourceId]
) -> Iterator[Event]:
    for each in inner:
        event_type = ResourceRetired if each.id in retired_ids else ResourceDeleted
        yield event_type(each.id, each.title, parent=each.parent)


def _build_end_event(
    context: Context,
    resource: Resource,
    ending: Sequence[Resource],
    retired_ids: Collection[ResourceId],
) -> Event:
    """Return the end of the named resource, with the people and channels to notify."""
    if resource.id in retired_ids:
        return ResourceRetired(resource.id, resource.title, resource.parent)
    ending_ids = {each.id for each in ending}
    person_ids = authorization.list_users_within(context, resource, ending_ids)
    channels = [
        link.channel
        for each in ending
        for link in context.channels.list_channel_links(each.id)
    ]
    for container in authorization.iterate_containers(context, resource):
        channels += [
            link.channel
            for link in context.channels.list_channel_links(container.id)
            if "removals" in link.groups
        ]
    return ResourceDeleted(
        resource.id,
        resource.title,
        tuple(person_ids),
        resource.parent,
        tuple(dict.fromkeys(channels)),
    )

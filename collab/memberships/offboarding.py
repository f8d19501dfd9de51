"""Offboarding: ending every role of a person that the actor may end (OFF-01 to OFF-03)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from collab import access_requests, accessible_resources, authorization, errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    InvitationRevoked,
    KeysAssigned,
    MemberRemoved,
    PersonOffboarded,
    RequestEnded,
)
from collab.invitations.rules import (
    build_revoked_event,
    may_offer,
    revoke_invitations_losing_authorization,
)
from collab.memberships.departures import (
    build_departures,
    check_may_remove,
    list_lost_resource_ids,
    list_memberships_by_depth,
)
from collab.memberships.holders import list_named_ids
from collab.model import Account, Address, Membership, PersonId, Resource, ResourceId

KEY_ROTATION_PERIOD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OffboardPerson(Command):
    """End everything of a person that the actor may end.

    `who` is an account, a person's id, or an address: then everything of all records
    with that address ends.
    """

    who: Account | Address | PersonId

    def decide(self, context: Context) -> list[Event]:
        """End the roles, invitations and requests, and assign the keys to rotate."""
        person_ids = list_leaving_ids(context, self.who)
        offboarding = context.new_id("O")
        departures = plan_departures(context, person_ids).departures
        removed = [replace(each, offboarding=offboarding) for each in departures]
        covered_ids = _list_covered_ids(context, removed)
        offboarded: list[Event] = []
        ended: dict[str, InvitationRevoked | RequestEnded] = {}
        for person_id in person_ids:
            own = [each for each in removed if each.person == person_id]
            ending = _end_pending(context, person_id, own, covered_ids)
            if own or ending:
                offboarded.append(PersonOffboarded(person_id, offboarding))
            ended |= ending
        if not offboarded:
            raise errors.NothingToOffboard(person_ids[0])
        keys = _assign_keys(context, person_ids, removed)
        return [*offboarded, *removed, *ended.values(), *keys]


@dataclass(frozen=True, slots=True)
class DeparturePlan:
    """The memberships that an actor may end, and those that they may view but not end.

    Memberships inside another resource follow the one on it.
    """

    departures: Sequence[MemberRemoved]
    blocked: Sequence[tuple[Resource, Membership]]


def list_leaving_ids(
    context: Context, who: Account | Address | PersonId
) -> list[PersonId]:
    """Return the ids of those whom an offboarding is about; raises ToYourself."""
    named_ids = list_named_ids(context, who)
    leaving_ids = [each for each in named_ids if each != context.actor.id]
    if not leaving_ids:
        raise errors.ToYourself("remove")
    return leaving_ids


def plan_departures(context: Context, person_ids: Sequence[PersonId]) -> DeparturePlan:
    """Return which of people's memberships the actor may end, containers first."""
    departures: list[MemberRemoved] = []
    blocked: list[tuple[Resource, Membership]] = []
    for person_id in person_ids:
        lost: frozenset[ResourceId] = frozenset()
        for resource, membership in _list_visible_memberships(context, person_id):
            if resource.id in lost:
                continue
            try:
                check_may_remove(context, resource, person_id)
                ending = build_departures(
                    context, MemberRemoved, resource, person_id, lost
                )
            except (errors.NotAllowed, errors.Conflict):
                blocked.append((resource, membership))
                continue
            departures += [each for each in ending if isinstance(each, MemberRemoved)]
            lost |= list_lost_resource_ids(ending)
    return DeparturePlan(departures, blocked)


def _list_visible_memberships(
    context: Context, person_id: PersonId
) -> list[tuple[Resource, Membership]]:
    """Return a person's memberships where the actor may view, containers first."""
    viewable_ids = accessible_resources.list_viewable_resource_ids(
        context, context.actor.id
    )
    return [
        (resource, membership)
        for resource, membership in list_memberships_by_depth(context, person_id)
        if resource.id in viewable_ids
    ]


def _list_covered_ids(
    context: Context, removed: Sequence[MemberRemoved]
) -> frozenset[ResourceId]:
    """Return what memberships end on, with all that it contains."""
    covered: set[ResourceId] = set()
    for event in removed:
        covered.add(event.resource)
        if not event.within:
            inner = context.resources.list_descendants(event.resource)
            covered.update(each.id for each in inner)
    return frozenset(covered)


def _end_pending(
    context: Context,
    person_id: PersonId,
    removed: Sequence[MemberRemoved],
    covered_ids: frozenset[ResourceId],
) -> dict[str, InvitationRevoked | RequestEnded]:
    """Return the ends of a person's invitations and requests, by their ids."""
    revoked = _revoke_invitations(context, person_id, removed, covered_ids)
    ended = _end_other_requests(context, person_id, covered_ids)
    return {
        **{each.invitation: each for each in revoked},
        **{each.request: each for each in ended},
    }


def _revoke_invitations(
    context: Context,
    person_id: PersonId,
    removed: Sequence[MemberRemoved],
    covered_ids: frozenset[ResourceId],
) -> list[InvitationRevoked]:
    """Revoke what the person may not offer any more, and what they are offered.

    Of the latter all that the actor may revoke, or that is about what is covered.
    """
    lost = list_lost_resource_ids(removed)
    revoked = {
        each.invitation: each
        for each in revoke_invitations_losing_authorization(context, person_id, lost)
    }
    for invitation in context.invitations.list_pending_invitations_for(person_id):
        is_covered = not covered_ids.isdisjoint(invitation.resources)
        is_own = invitation.inviter == context.actor.id
        if is_covered or is_own or may_offer(context, context.actor.id, invitation):
            event = build_revoked_event(invitation, "removed")
            revoked.setdefault(invitation.id, event)
    return list(revoked.values())


def _end_other_requests(
    context: Context, person_id: PersonId, covered_ids: frozenset[ResourceId]
) -> Iterator[RequestEnded]:
    """End the person's requests that the actor may answer; those about what is covered
    end with the memberships.
    """
    for request in context.access_requests.list_open_requests_of(person_id):
        resource = context.resources.get_resource(request.resource)
        if resource is None or resource.id in covered_ids:
            continue
        assignable = authorization.list_assignable_roles(
            context, context.actor.id, resource
        )
        if request.role in assignable:
            yield access_requests.build_ended_event(request, "left")


def _assign_keys(
    context: Context, leaving_ids: Sequence[PersonId], removed: Sequence[MemberRemoved]
) -> Iterator[KeysAssigned]:
    """Name who rotates the keys of each resource, within a week."""
    due = context.at + KEY_ROTATION_PERIOD
    losses = dict.fromkeys((each, e.person) for e in removed for each in e.rotate)
    for resource_id, person_id in losses:
        resource = context.resources.get_resource(resource_id)
        owner_id = resource and _find_key_owner(context, resource, leaving_ids)
        if owner_id:
            yield KeysAssigned(resource_id, owner_id, due, lost_by=person_id)


def _find_key_owner(
    context: Context, resource: Resource, leaving_ids: Sequence[PersonId]
) -> PersonId | None:
    """Return the actor if they may work with the code, else the highest who may."""
    actor_id = context.actor.id
    if authorization.check(context, actor_id, "code", resource):
        return actor_id
    names = context.roles[resource.kind].list_roles_with_capability("code")
    for role in authorization.list_users_with(context, resource):
        if role.role in names and role.person not in leaving_ids:
            return role.person
    return None

"""What a handover is about: what changes hands, and what the new owner pays for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from collab import authorization, errors
from collab.billing.transfers import check_may_transfer_ownership
from collab.context import Context
from collab.invitations.rules import (
    is_handed_over,
    list_resources_of_invitation,
    may_transfer_billing,
)
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import Invitation, Person, PersonId, Resource, ResourceId
from collab.people import is_foreign
from collab.role_model import ResourceType, Role
from collab.what_if import build_enabled_context, hypothetical_context


def check_may_hand_over(context: Context, resources: Sequence[Resource]) -> None:
    """Reject what the actor may not hand over, or not together (HND-01).

    A disabled resource may be offered (HND-02).
    """
    for resource in resources:
        check_may_transfer_ownership(context, resource)
    if len(resources) == 1:
        return
    for resource in resources:
        if not context.roles[resource.kind].may_be_offered_together:
            raise errors.NotTogether(resource.title, resource.kind)


def list_paid_resources(
    context: Context, person_id: PersonId, resources: Sequence[Resource]
) -> list[Resource]:
    """Return what a person pays for and can hand over with some resources: these, and
    what is inside them.

    A payment method that goes along, or that pays for its company, goes on paying.
    """
    enabled, _ = build_enabled_context(context, resources[0])
    paid: list[Resource] = []
    for handed_over in resources:
        place_ids = {
            each.id
            for each in (
                handed_over,
                *authorization.iterate_containers(context, handed_over),
            )
        }
        for each in (handed_over, *context.resources.list_descendants(handed_over.id)):
            method = context.graph.get_resource(each.payer) if each.payer else None
            if method is None or method.parent in place_ids:
                continue
            if may_transfer_billing(enabled, person_id, replace(each, disabled=False)):
                paid.append(each)
    return paid


def list_continued_payments(
    context: Context,
    resources: Sequence[Resource],
    paid: Sequence[Resource],
    reader_id: PersonId | None = None,
) -> list[tuple[Resource, list[Resource]]]:
    """Return the payment methods that go on paying, each with what it pays for.

    That is all that is paid for in a handover but `paid`. A payment method that is not
    handed over itself has a name only if the reader may view it; nobody in particular
    reads what both sides get.
    """
    places = {each.id: each for each in iterate_within(context, resources)}
    new_ids = {each.id for each in paid}
    things: dict[ResourceId, list[Resource]] = {}
    for resource in places.values():
        if resource.payer and resource.id not in new_ids:
            things.setdefault(resource.payer, []).append(resource)
    methods = dict(places)
    for method in context.resources.get_resources(set(things) - set(places)).values():
        is_visible = reader_id is not None and authorization.check(
            context, reader_id, "view", method
        )
        methods[method.id] = (
            method if is_visible else replace(method, title="", slug="")
        )
    return [(methods[each], things[each]) for each in things if each in methods]


def count_inside(context: Context, resources: Sequence[Resource]) -> int:
    """Return how many resources are inside those that are handed over."""
    places = {each.id for each in iterate_within(context, resources)}
    return len(places - {each.id for each in resources})


def list_offered_resources(
    resources: Sequence[Resource], paid: Sequence[Resource]
) -> tuple[Resource, ...]:
    """Return what an offer names: what is handed over, then what is only paid for."""
    offered = {each.id: each for each in (*resources, *paid)}
    if len(offered) > MAX_RESOURCES_IN_OFFER:
        raise errors.TooManyTogether(len(offered), MAX_RESOURCES_IN_OFFER)
    return tuple(offered.values())


def list_handed_over(context: Context, invitation: Invitation) -> list[Resource]:
    """Return the resources of a handover whose ownership changes."""
    resources = list_resources_of_invitation(context, invitation)
    return [each for each in resources if is_handed_over(context, invitation, each)]


def iterate_within(
    context: Context, resources: Sequence[Resource]
) -> Iterator[Resource]:
    """Yield resources, each followed by what it contains."""
    for resource in resources:
        yield resource
        yield from context.resources.list_descendants(resource.id)


def list_code_losses(
    context: Context, later: Context, person_id: PersonId, resources: Sequence[Resource]
) -> tuple[ResourceId, ...]:
    """Return the ids of resources, and of what they contain, of which a person can
    reach the code now, and not in the hypothetical context `later`.
    """
    lost = (
        resource.id
        for resource in iterate_within(context, resources)
        if context.roles[resource.kind].list_roles_with_capability("code")
        and authorization.check(context, person_id, "code", resource)
        and not authorization.check(later, person_id, "code", resource)
    )
    return tuple(dict.fromkeys(lost))


def is_direct_owner(context: Context, resource: Resource, person_id: PersonId) -> bool:
    """Return whether a person directly has the highest role, for a time or without an
    end.
    """
    membership = authorization.direct_membership(context, person_id, resource)
    highest_role = context.roles[resource.kind].highest_role
    return membership is not None and membership.role == highest_role


def list_lower_roles(resource_type: ResourceType) -> tuple[Role, ...]:
    """Return the roles in which a former owner can stay, highest first."""
    return tuple(
        role
        for role in resource_type.assignable_roles
        if role.name != resource_type.highest_role
    )


def check_managed_here(
    context: Context,
    person: Person,
    giver_id: PersonId,
    resources: Sequence[Resource],
    paid: Sequence[Resource],
) -> None:
    """Reject a giver who leaves, where the new owner is of another workspace and nobody
    of this one could edit the resource afterwards (PER-02).
    """
    if not is_foreign(context, person):
        return
    later = _build_context_without_giver(context, giver_id, resources, paid)
    for resource in resources:
        users = authorization.list_users_with(context, resource)
        left = later.graph.get_resource(resource.id) or resource
        if not any(
            authorization.check(later, user_id, "edit", left)
            for user_id in _select_people_here(context, (each.person for each in users))
        ):
            raise errors.NobodyHereManages(resource.title, person.id)


def has_owner_here(
    context: Context,
    person: Person,
    giver_id: PersonId,
    resources: Sequence[Resource],
    paid: Sequence[Resource],
) -> bool:
    """Return whether somebody of this workspace owns each resource after it is handed
    over to a person.
    """
    if not is_foreign(context, person):
        return True
    later = _build_context_without_giver(context, giver_id, resources, paid)
    return all(_has_other_owner_here(context, later, each) for each in resources)


def _has_other_owner_here(context: Context, later: Context, resource: Resource) -> bool:
    role = context.roles[resource.kind].highest_role
    owner_ids = authorization.list_users_with_role(context, role, resource)
    left = later.graph.get_resource(resource.id) or resource
    return any(
        role == each.role
        for owner_id in _select_people_here(context, owner_ids)
        for each in authorization.list_effective_roles(later, owner_id, left)
    )


def _build_context_without_giver(
    context: Context,
    giver_id: PersonId,
    resources: Sequence[Resource],
    paid: Sequence[Resource],
) -> Context:
    """Return the context without the giver's direct roles on what is handed over, those
    of others in a role that one person has, and the payers of `paid`.
    """
    ended = [(giver_id, each.id) for each in iterate_within(context, resources)]
    for resource in resources:
        resource_type = context.roles[resource.kind]
        role = resource_type.highest_role
        if resource_type.roles[0].max_holders == 1:
            members = context.memberships.list_members(resource.id, context.at)
            ended += [(m.person, resource.id) for m in members if m.role == role]
    return hypothetical_context(
        context,
        resources=[replace(each, payer=None) for each in paid],
        ended_memberships=ended,
    )


def _select_people_here(
    context: Context, person_ids: Iterable[PersonId]
) -> Iterator[PersonId]:
    """Yield the active people of this workspace."""
    people = context.people.get_people(list(dict.fromkeys(person_ids)))
    for person in people.values():
        if person.active and not is_foreign(context, person):
            yield person.id

"""What needs the actor's answer: invitations, access requests, successions, and
memberships that end soon. Beside it the handovers that they agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import accessible_resources
from collab.command import Query
from collab.context import Context
from collab.invitations.queries import list_pending_invitations
from collab.limits import get_last_warned_end
from collab.model import (
    NOBODY,
    AccessRequest,
    Invitation,
    Membership,
    PersonId,
    Resource,
    ResourceId,
    Succession,
)
from collab.open_items import (
    ExpiringMembershipView,
    OpenItem,
    build_invitation_view,
    build_request_view,
    build_succession_view,
)
from collab.people import is_foreign
from collab.resource_rules import may_create_at_top_level
from collab.successions import list_electors

PendingItem = Invitation | AccessRequest | Succession | Membership
MAX_EXPIRING = 500


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that needs the actor's answer, and their direct roles by resource.

    `agreed` are the handovers that they agreed to and can call off until their day.
    `may_create`: they may create a company of their own.
    """

    waiting: Sequence[OpenItem]
    holds: Sequence[tuple[Resource, str]]
    agreed: Sequence[OpenItem] = ()
    may_create: bool = True


@dataclass(frozen=True, slots=True)
class ShowOverview(Query[Overview]):
    """Show what needs the actor's answer and which roles they have."""

    is_allowed_from_outside: ClassVar[bool] = True

    def answer(self, context: Context) -> Overview:
        """Return the pending items and the actor's direct roles on everything that is
        not deleted.
        """
        accessible_resources.load_reachable_graph(context, context.actor.id)
        context.repositories.read_together((lambda: list_pending_items(context),))
        roles: list[tuple[Resource, str]] = []
        for membership in context.memberships.list_memberships_of(
            context.actor.id, context.at
        ):
            resource = context.resources.get_resource(membership.resource)
            if resource and not resource.gone:
                roles.append((resource, membership.role))
        waiting, agreed = split_agreed(list_pending_items(context))
        items = build_open_items([*waiting, *agreed], context)
        return Overview(
            waiting=items[: len(waiting)],
            holds=roles,
            agreed=items[len(waiting) :],
            may_create=may_create_at_top_level(context),
        )


def split_agreed(
    items: Sequence[PendingItem],
) -> tuple[list[PendingItem], list[Invitation]]:
    """Return what needs an answer, and the handovers that were agreed to."""
    agreed = [each for each in items if isinstance(each, Invitation) and each.agreed]
    return [each for each in items if each not in agreed], agreed


def list_pending_items(context: Context) -> list[PendingItem]:
    """Return everything that needs the actor's answer, invitations first, and the
    handovers that they agreed to.

    A person of another workspace answers only their own invitations (PER-02).
    """
    invitations = list_pending_invitations(context)
    if is_foreign(context, context.actor):
        return [*invitations]
    requests = _list_open_requests(context)
    memberships = _list_expiring_memberships(context)
    if requests or memberships:
        assignable = accessible_resources.list_assignable_roles_by_resource(
            context, context.actor.id
        )
        requests = [r for r in requests if r.role in assignable.get(r.resource, ())]
        memberships = [
            m for m in memberships if m.role in assignable.get(m.resource, ())
        ]
    return [*invitations, *requests, *_list_open_successions(context), *memberships]


def build_open_items(items: Sequence[PendingItem], context: Context) -> list[OpenItem]:
    """Return each item with everything that it names, read at once."""
    person_ids: set[PersonId] = set()
    resource_ids: set[ResourceId] = set()
    for item in items:
        if isinstance(item, Invitation):
            ids = {item.person, item.inviter, item.answered_by}
            person_ids.update(filter(None, ids))
            resource_ids.update(filter(None, (*item.resources, item.team)))
        else:
            person_ids.add(item.person)
            resource_ids.add(item.resource)
    # The repositories remember within the transaction what is read here.
    context.people.get_people(person_ids)
    context.resources.get_resources(resource_ids)
    return [_build_open_item(item, context) for item in items]


def _build_open_item(item: PendingItem, context: Context) -> OpenItem:
    repositories = context.repositories
    if isinstance(item, Invitation):
        return build_invitation_view(repositories, item, context)
    if isinstance(item, AccessRequest):
        return build_request_view(repositories, item, context)
    if isinstance(item, Succession):
        return build_succession_view(repositories, item)
    resource = repositories.resources.get_resource(item.resource)
    return ExpiringMembershipView(
        resource=resource or Resource(item.resource, "", "", ""),
        person=repositories.people.get_person(item.person) or NOBODY,
        membership=item,
    )


def _list_open_requests(context: Context) -> list[AccessRequest]:
    """Return the pending access requests of others."""
    return [
        request
        for request in context.access_requests.list_open_requests()
        if context.at < request.expires and request.person != context.actor.id
    ]


def _list_expiring_memberships(context: Context) -> list[Membership]:
    """Return the memberships of other active people of whose end people are warned by
    now (MEM-10).
    """
    latest = get_last_warned_end(context.at)
    expiring = [
        membership
        for membership in context.memberships.list_due_memberships(latest, MAX_EXPIRING)
        if membership.until
        and context.at < membership.until <= latest
        and membership.person != context.actor.id
    ]
    if not expiring:
        return []
    people = context.people.get_people({m.person for m in expiring}).values()
    active_ids = {person.id for person in people if person.active}
    return [m for m in expiring if m.person in active_ids]


def _list_open_successions(context: Context) -> list[Succession]:
    """Return the open successions in which the actor may still choose (MEM-09)."""
    undecided = [
        succession
        for succession in context.successions.list_open_successions()
        if context.actor.id not in succession.support
    ]
    if context.actor.admin or not undecided:
        return undecided
    reachable = accessible_resources.load_reachable_graph(
        context, context.actor.id
    ).resources
    return [
        succession
        for succession in undecided
        if (resource := reachable.get(succession.resource))
        and context.actor.id in list_electors(context, resource, succession.person)
    ]

"""What a command would change, found by doing it in a transaction that is rolled back
(ASK-02).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from collab import accessible_resources, authorization, errors, events
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.command import Command, Query
from collab.context import Context
from collab.event_handlers import append_follow_up_events
from collab.events import Event
from collab.impact import (
    RoleShift,
    build_role_shifts,
    list_revoked_invitations,
    list_viewable_ids,
)
from collab.invitations.answers import AcceptInvitation
from collab.invitations.rules import JOIN, PAY
from collab.model import PersonId, Resource, ResourceId
from collab.move_effects import AccessChange, is_loss
from collab.open_items import InvitationView
from collab.resource_deletion import DeleteResource

# Roles of everybody are compared on so many resources; of one person, on all.
MAX_RESOURCES_COMPARED = 30
ENDING_EVENTS = (
    events.ResourceDeleted,
    events.ResourceRetired,
    events.ResourceDisabled,
)
# They may change the roles of people whom they do not name.
ACCESS_EVENTS = (
    events.ResourceMoved,
    events.ResourceDeleted,
    events.ResourceRetired,
    events.PayerChanged,
    events.TeamShared,
    events.TeamUnshared,
    events.TeamAssigned,
    events.TeamUnassigned,
)
MEMBER_EVENTS = (
    events.MemberJoined,
    events.MemberRoleChanged,
    events.MemberLeft,
    events.MemberRemoved,
    events.MemberEnded,
    events.MemberRestored,
)
PLACEHOLDER_METHOD = NewPaymentMethod("Payment method")

# The highest role, by the ids of a person and a resource.
HighestRoles = dict[tuple[PersonId, ResourceId], str]


@dataclass(frozen=True, slots=True)
class PayerShift:
    """What pays for a resource before and after; None for nothing."""

    resource: Resource
    before: Resource | None
    after: Resource | None


@dataclass(frozen=True, slots=True)
class ExpectedChanges:
    """What a command would change, as far as the caller may view it.

    `ended` are the resources that would be deleted, retired or disabled, with that
    word. `uncompared_count` is the number of resources on which changes of other
    people's roles were not looked for.
    """

    ended: Sequence[tuple[Resource, str]] = ()
    losing: Sequence[RoleShift] = ()
    gaining: Sequence[RoleShift] = ()
    payers: Sequence[PayerShift] = ()
    revoked: Sequence[InvitationView] = ()
    ended_request_count: int = 0
    rotate: Sequence[Resource] = ()
    uncompared_count: int = 0


@dataclass(frozen=True, slots=True)
class AskWhatIf(Query[ExpectedChanges]):
    """What would a command change?

    An offer of billing or ownership is answered as if it had been accepted.
    """

    is_rehearsal: ClassVar[bool] = True

    command: Command

    def answer(self, context: Context) -> ExpectedChanges:
        """Compare what is before and after the command; raises Rejected as it does."""
        viewable_ids = list_viewable_ids(context)
        decided = _decide(context, self.command)
        scope, before = _read_roles_before(context, decided)
        happened = context.rehearse(decided)
        acceptance = _decide_acceptance(context, self.command, happened)
        if acceptance:
            # An offer itself changes nobody's role.
            scope, before = _read_roles_before(context, acceptance)
            happened = context.rehearse(acceptance)
        after = scope.read_roles(context)
        viewable_ids |= list_viewable_ids(context)
        shifts = _build_shifts(context, before, after, viewable_ids)
        return ExpectedChanges(
            ended=_list_ended(context, happened, viewable_ids),
            losing=shifts[0],
            gaining=shifts[1],
            payers=_list_payer_shifts(context, happened, viewable_ids),
            revoked=list_revoked_invitations(context, happened),
            ended_request_count=sum(
                isinstance(event, events.RequestEnded) for event in happened
            ),
            rotate=_list_keys_to_rotate(context, happened, viewable_ids),
            uncompared_count=scope.uncompared_count,
        )


def _decide(context: Context, command: Command) -> list[Event]:
    """Return the events of a command; of a deletion, as if the name had been typed."""
    try:
        decided = command.decide(context)
    except errors.TypeItsName as rejected:
        if not isinstance(command, DeleteResource):
            raise
        decided = replace(command, typed=rejected.title).decide(context)
    return append_follow_up_events(context, decided)


def _decide_acceptance(
    context: Context, command: Command, happened: Iterable[Event]
) -> list[Event]:
    """Return what the acceptance of a transfer would cause; empty without a transfer."""
    for event in happened:
        if not isinstance(event, events.InvitationSent | events.InvitationResent):
            continue
        invitation = context.invitations.get_invitation(event.invitation)
        if invitation is None or invitation.purpose == JOIN:
            continue
        recipient = None
        if invitation.person:
            recipient = context.people.get_person(invitation.person)
        if recipient is None:
            continue
        is_paid = invitation.purpose == PAY or invitation.pays
        choice = PLACEHOLDER_METHOD if is_paid else None
        acceptance = AcceptInvitation(command.by, invitation.id, choice)
        return _decide(replace(context, actor=recipient), acceptance)
    return []


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose roles are compared on everything, and where everybody's are."""

    person_ids: Collection[PersonId]
    resource_ids: Sequence[ResourceId]
    uncompared_count: int

    def read_roles(self, context: Context) -> HighestRoles:
        """Return the highest roles within the scope."""
        roles: HighestRoles = {}
        for resource in map(context.resources.get_resource, self.resource_ids):
            if resource and not resource.gone:
                for role in authorization.list_users_with(context, resource):
                    roles.setdefault((role.person, resource.id), role.role)
        for person_id in self.person_ids:
            roles |= _read_roles_of_person(context, person_id)
        return roles


def _read_roles_before(
    context: Context, happened: Sequence[Event]
) -> tuple[_Scope, HighestRoles]:
    """Return what events can change, and the roles there before they are stored."""
    resource_ids: dict[ResourceId, None] = {}
    for event in happened:
        if isinstance(event, ACCESS_EVENTS):
            resource_ids |= _list_related_ids(context, event.resource)
        if isinstance(event, events.ResourceMoved) and event.parent:
            parent = context.resources.get_resource(event.parent)
            containers = [
                parent,
                *(authorization.iterate_containers(context, parent) if parent else ()),
            ]
            resource_ids |= dict.fromkeys(each.id for each in containers if each)
    person_ids = {
        event.person
        for event in happened
        if isinstance(event, MEMBER_EVENTS) and event.resource not in resource_ids
    }
    compared = list(resource_ids)[:MAX_RESOURCES_COMPARED]
    scope = _Scope(person_ids, compared, len(resource_ids) - len(compared))
    return scope, scope.read_roles(context)


def _list_related_ids(
    context: Context, resource_id: ResourceId
) -> dict[ResourceId, None]:
    """Return a resource, its contents and containers, and what it pays for."""
    resource = context.resources.get_resource(resource_id)
    if resource is None:
        return {}
    related = [
        resource,
        *context.resources.list_descendants(resource.id),
        *context.resources.list_resources_paid_by(resource.id),
        *authorization.iterate_containers(context, resource),
    ]
    return dict.fromkeys(each.id for each in related)


def _read_roles_of_person(context: Context, person_id: PersonId) -> HighestRoles:
    graph = accessible_resources.load_graph_with_suspended_roles(context, person_id)
    by_resource = accessible_resources.list_effective_roles_by_resource(
        context, person_id, counts_suspended=True
    )
    highest: HighestRoles = {}
    for resource_id, roles in by_resource.items():
        resource = graph.resources[resource_id]
        if not resource.gone:
            get_rank = context.roles[resource.kind].get_rank
            highest[person_id, resource_id] = min(
                (role.role for role in roles), key=get_rank
            )
    return highest


def _build_shifts(
    context: Context,
    before: HighestRoles,
    after: HighestRoles,
    viewable_ids: frozenset[ResourceId],
) -> tuple[list[RoleShift], list[RoleShift]]:
    """Return the lower roles and the higher ones, those of one person together."""
    changed = [
        key
        for key in dict.fromkeys([*before, *after])
        if key[1] in viewable_ids and before.get(key) != after.get(key)
    ]
    positions: dict[PersonId, int] = {}
    for person_id, _ in changed:
        positions.setdefault(person_id, len(positions))
    changed.sort(key=lambda key: positions[key[0]])
    resources = context.resources.get_resources({each for _, each in changed})
    changes = [
        AccessChange(
            person_id,
            resources[resource_id],
            before.get((person_id, resource_id)),
            after.get((person_id, resource_id)),
        )
        for person_id, resource_id in changed
    ]
    losses = [change for change in changes if is_loss(context, change)]
    gains = [change for change in changes if not is_loss(context, change)]
    return build_role_shifts(context, losses), build_role_shifts(context, gains)


def _list_ended(
    context: Context, happened: Iterable[Event], viewable_ids: frozenset[ResourceId]
) -> list[tuple[Resource, str]]:
    """Return what is deleted, retired or disabled, containers before their contents."""
    ended: dict[ResourceId, str] = {}
    for event in happened:
        if not isinstance(event, ENDING_EVENTS):
            continue
        word = event.name.partition(".")[2]
        ended = {event.resource: word, **ended}  # contents are deleted first
        if isinstance(event, events.ResourceDisabled):
            inner = context.resources.list_descendants(event.resource)
            ended |= dict.fromkeys((each.id for each in inner), word)
    resources = context.resources.get_resources(ended)
    return [
        (resources[resource_id], word)
        for resource_id, word in ended.items()
        if resource_id in viewable_ids and resource_id in resources
    ]


def _list_payer_shifts(
    context: Context, happened: Iterable[Event], viewable_ids: frozenset[ResourceId]
) -> list[PayerShift]:
    changes = [
        event
        for event in happened
        if isinstance(event, events.PayerChanged) and event.resource in viewable_ids
    ]
    resources = context.resources.get_resources({each.resource for each in changes})
    method_ids = {each for e in changes for each in (e.payer, e.before) if each}
    methods = _redact(context.resources.get_resources(method_ids), viewable_ids)
    return [
        PayerShift(
            resources[each.resource],
            methods.get(each.before) if each.before else None,
            methods.get(each.payer) if each.payer else None,
        )
        for each in changes
    ]


def _redact(
    resources: Mapping[ResourceId, Resource], viewable_ids: frozenset[ResourceId]
) -> dict[ResourceId, Resource]:
    """Return resources without the names of those that are not viewable."""
    return {
        resource_id: resource
        if resource_id in viewable_ids
        else replace(resource, title="", slug="", about=None)
        for resource_id, resource in resources.items()
    }


def _list_keys_to_rotate(
    context: Context, happened: Iterable[Event], viewable_ids: frozenset[ResourceId]
) -> list[Resource]:
    resource_ids = dict.fromkeys(
        resource_id
        for event in happened
        for resource_id in getattr(event, "rotate", ())
        if resource_id in viewable_ids
    )
    resources = context.resources.get_resources(resource_ids)
    return [resources[resource_id] for resource_id in resource_ids]

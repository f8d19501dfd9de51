"""Pages: one resource with its surroundings, and what one person has access to, as far
as the actor may view them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab import accessible_resources, authorization, errors, role_derivation
from collab.access_graph import EffectiveRole
from collab.access_queries import ResourceDetail, ShowResource
from collab.command import Query
from collab.context import Context
from collab.home import OfferedActions, ShowOfferedActions
from collab.invitations.rules import JOIN
from collab.memberships.holders import is_last_holder
from collab.memberships.member_actions import (
    ListMembersWithActions,
    MembersWithActions,
)
from collab.memberships.queries import hide_address
from collab.model import (
    NOBODY,
    Account,
    Address,
    ChannelLink,
    Invitation,
    Person,
    PersonId,
    Resource,
    ResourceId,
)
from collab.open_items import InvitationView, build_invitation_views
from collab.page_actions import ANYTHING, PageActions, find_page_actions
from collab.people import is_foreign, list_named_people
from collab.role_derivation import RolesByResource, iterate_containers


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What is open on a resource, so that it can be acted on.

    `invitations` are the pending ones, `transfers` those of them to pay or to own, for
    those who may assign roles.
    `links` are the channels that get updates, for those who may change them;
    `stale_since` is when the first key to rotate became stale, for those who can.
    `may_leave`: the actor has a direct role that the resource does not need (MEM-08).
    """

    invitations: Sequence[Invitation] = ()
    transfers: Sequence[InvitationView] = ()
    has_own_request: bool = False
    has_succession: bool = False
    may_leave: bool = False
    links: Sequence[ChannelLink] = ()
    stale_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """One resource with its surroundings and what the actor may do.

    `containers` are what contains it, the outermost first; `content_counts` are the
    numbers of visible contents, by container; `pays_for` is what a payment method pays
    for. `able` is what the actor may do anywhere, `actions` what here.
    """

    detail: ResourceDetail
    containers: Sequence[Resource]
    content_counts: Mapping[ResourceId, int]
    pays_for: Sequence[Resource]
    members: MembersWithActions
    open: OpenMatters
    able: OfferedActions
    actions: PageActions = ANYTHING

    @property
    def resource(self) -> Resource:
        """The resource itself."""
        return self.detail.resource


@dataclass(frozen=True, slots=True)
class ShowResourcePage(Query[ResourcePage]):
    """Show the page of a resource."""

    is_allowed_from_outside: ClassVar[bool] = ShowResource.is_allowed_from_outside

    what: str

    def answer(self, context: Context) -> ResourcePage:
        """Return the page, to an actor who may view the resource."""
        detail = ShowResource(self.by, self.what).answer(context)
        resource = detail.resource
        _read_ahead(context, detail)
        actor_id = context.actor.id
        roles = accessible_resources.list_effective_roles_by_resource(context, actor_id)
        visible = accessible_resources.list_visible_resources(context, actor_id, roles)
        members = ListMembersWithActions(self.by, resource.id).answer(context)
        return ResourcePage(
            detail,
            containers=_list_visible_containers(context, resource, visible),
            content_counts=Counter(each.parent for each in visible if each.parent),
            pays_for=[each for each in visible if each.payer == resource.id],
            members=members,
            open=_list_open_matters(context, detail),
            able=ShowOfferedActions(self.by).answer(context),
            actions=find_page_actions(context, detail, members, visible, roles),
        )


@dataclass(frozen=True, slots=True)
class RoleOfPerson:
    """The highest role of a person on a resource.

    `through` is the resource that it follows from; None for a direct role. The actor
    may end it (`is_removable`), or give them another one (`is_changeable`).
    """

    resource: Resource
    role: str
    through: Resource | None = None
    until: datetime | None = None
    is_removable: bool = False
    is_changeable: bool = False


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person, and their roles on what the actor may view, by containers.

    `shows_address`: the actor may assign a role where they have one (MEM-13).
    """

    person: Person
    roles: Sequence[RoleOfPerson]
    reader_id: PersonId
    able: OfferedActions
    shows_address: bool = False

    @property
    def direct_roles(self) -> Sequence[RoleOfPerson]:
        """The roles that the person was given."""
        return [each for each in self.roles if each.through is None]

    @property
    def derived_roles(self) -> Sequence[RoleOfPerson]:
        """The roles that follow from other ones."""
        return [each for each in self.roles if each.through is not None]


@dataclass(frozen=True, slots=True)
class ShowPersonPage(Query[PersonPage]):
    """Show the page of a person; `who` may be a person's id."""

    is_allowed_from_outside: ClassVar[bool] = True

    who: Account | Address | PersonId

    def answer(self, context: Context) -> PersonPage:
        """Return the person's roles on what the actor may view (MEM-13).

        Raises UnknownResource where an actor of another workspace shares nothing with
        them (PER-02).
        """
        own_roles = accessible_resources.list_effective_roles_by_resource(
            context, context.actor.id
        )
        person, roles = _find_person(context, self.who, own_roles)
        is_hidden = not roles and person.id != context.actor.id
        if is_hidden and is_foreign(context, context.actor):
            raise errors.UnknownResource(person.id)
        shows_address = any(
            authorization.select_assignable_roles(
                context, each.resource, own_roles[each.resource.id]
            )
            for each in roles
        )
        # Whoever typed an address knows it.
        is_known = shows_address or isinstance(self.who, Address)
        is_own = person.id == context.actor.id
        return PersonPage(
            person if is_known or is_own else hide_address(person),
            roles,
            context.actor.id,
            able=ShowOfferedActions(self.by).answer(context),
            shows_address=shows_address,
        )


def _find_person(
    context: Context, who: Account | Address | PersonId, own_roles: RolesByResource
) -> tuple[Person, list[RoleOfPerson]]:
    """Return the first of those who are named that has roles, with these; else the
    first.
    """
    if isinstance(who, str):
        named = [context.people.get_person(who) or NOBODY]
    else:
        named = list_named_people(context, who)
    for person in named:
        roles = _list_roles_of_person(context, person, own_roles)
        if roles:
            return person, roles
    return named[0], []


def _list_roles_of_person(
    context: Context, person: Person, own_roles: RolesByResource
) -> list[RoleOfPerson]:
    """Return the highest role on each resource that the actor may view, too."""
    roles_by_resource = accessible_resources.list_effective_roles_by_resource(
        context, person.id
    )
    visible = accessible_resources.list_visible_resources(
        context, context.actor.id, own_roles
    )
    return [
        _describe_role(
            context, person, each, roles_by_resource[each.id], own_roles[each.id]
        )
        for each in visible
        if each.id in roles_by_resource
    ]


def _describe_role(
    context: Context,
    person: Person,
    resource: Resource,
    roles: Sequence[EffectiveRole],
    own_roles: Sequence[EffectiveRole],
) -> RoleOfPerson:
    ranks = context.roles[resource.kind].ranks
    highest = min(roles, key=lambda role: (ranks[role.role], not role.is_direct))
    if not highest.is_direct:
        source = context.resources.get_resource(highest.path[0].resource)
        through = authorization.redact_resource(context, source) if source else None
        return RoleOfPerson(resource, highest.role, through)
    graph = accessible_resources.load_reachable_graph(context, person.id)
    memberships = [each for each in graph.memberships if each.resource == resource.id]
    assignable: Sequence[str] = ()
    removable: Sequence[str] = ()
    is_disabled = role_derivation.is_disabled(graph, resource)
    if person.id != context.actor.id and not is_disabled:
        assignable = authorization.select_assignable_roles(context, resource, own_roles)
        removable = authorization.select_removable_roles(context, resource, own_roles)
    is_removable = highest.role in removable
    return RoleOfPerson(
        resource,
        highest.role,
        until=memberships[0].until if memberships else None,
        is_removable=is_removable,
        is_changeable=is_removable and any(r != highest.role for r in assignable),
    )


def _read_ahead(context: Context, detail: ResourceDetail) -> None:
    """Read with one statement what a page shows of what is open on a resource."""
    resource_id = detail.resource.id
    context.repositories.read_together(
        (
            lambda: _may_leave(context, detail),
            lambda: context.invitations.list_pending_invitations_on(resource_id),
            lambda: context.access_requests.list_open_requests_of(context.actor.id),
            context.successions.list_open_successions,
            lambda: context.channels.list_channel_links(resource_id),
            lambda: context.key_rotation.list_stale_keys([resource_id]),
        )
    )


def _list_open_matters(context: Context, detail: ResourceDetail) -> OpenMatters:
    resource_id = detail.resource.id
    invitations = [
        each
        for each in context.invitations.list_pending_invitations_on(resource_id)
        if context.at < each.expires
    ]
    transfers = [
        each for each in invitations if each.purpose != JOIN and detail.assigns
    ]
    requests = context.access_requests.list_open_requests_of(context.actor.id)
    links: Sequence[ChannelLink] = ()
    if "edit" in detail.can:
        links = context.channels.list_channel_links(resource_id)
    stale_since = None
    if "code" in detail.can:
        keys = context.key_rotation.list_stale_keys([resource_id])
        stale_since = keys[resource_id][0].since if resource_id in keys else None
    return OpenMatters(
        invitations=invitations,
        transfers=build_invitation_views(transfers, context) if transfers else (),
        has_own_request=any(
            each.resource == resource_id and context.at < each.expires
            for each in requests
        ),
        has_succession=any(
            each.resource == resource_id
            for each in context.successions.list_open_successions()
        ),
        may_leave=_may_leave(context, detail),
        links=links,
        stale_since=stale_since,
    )


def _may_leave(context: Context, detail: ResourceDetail) -> bool:
    """Return whether the actor's direct role may end (MEM-08)."""
    graph = accessible_resources.load_reachable_graph(context, context.actor.id)
    return any(
        each.resource == detail.resource.id
        and not is_last_holder(context, detail.resource, each)
        for each in graph.memberships
    )


def _list_visible_containers(
    context: Context, resource: Resource, visible: Sequence[Resource]
) -> list[Resource]:
    """Return what contains a resource, the outermost first."""
    graph = accessible_resources.load_reachable_graph(context, context.actor.id)
    visible_ids = {each.id for each in visible}
    containers = [
        each for each in iterate_containers(graph, resource) if each.id in visible_ids
    ]
    return containers[::-1]

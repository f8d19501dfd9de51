"""Pages: one resource with its surroundings, as far as the actor may view them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab import accessible_resources
from collab.access_queries import ResourceDetail, ShowResource
from collab.command import Query
from collab.context import Context
from collab.home import OfferedActions, ShowOfferedActions
from collab.invitations.rules import JOIN
from collab.memberships.member_actions import (
    ListMembersWithActions,
    MembersWithActions,
)
from collab.model import ChannelLink, Invitation, Resource, ResourceId
from collab.open_items import InvitationView, build_invitation_views
from collab.role_derivation import iterate_containers


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What is open on a resource, so that it can be acted on.

    `invitations` are the pending ones, `transfers` those of them to pay or to own.
    `links` are the channels that get updates, for those who may change them;
    `stale_since` is when the first key to rotate became stale, for those who can.
    """

    invitations: Sequence[Invitation] = ()
    transfers: Sequence[InvitationView] = ()
    has_own_request: bool = False
    has_succession: bool = False
    has_shares: bool = False
    links: Sequence[ChannelLink] = ()
    stale_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """One resource with its surroundings and what the actor may do.

    `containers` are what contains it, the outermost first; `content_counts` are the
    numbers of visible contents, by container; `pays_for` is what a payment method pays
    for.
    """

    detail: ResourceDetail
    containers: Sequence[Resource]
    content_counts: Mapping[ResourceId, int]
    pays_for: Sequence[Resource]
    members: MembersWithActions
    open: OpenMatters
    able: OfferedActions

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
        visible = accessible_resources.list_visible_resources(context, context.actor.id)
        members = ListMembersWithActions(self.by, resource.id).answer(context)
        return ResourcePage(
            detail,
            containers=_list_visible_containers(context, resource, visible),
            content_counts=Counter(each.parent for each in visible if each.parent),
            pays_for=[each for each in visible if each.payer == resource.id],
            members=members,
            open=_list_open_matters(context, detail),
            able=ShowOfferedActions(self.by).answer(context),
        )


def _read_ahead(context: Context, detail: ResourceDetail) -> None:
    """Read with one statement what a page shows of what is open on a resource."""
    resource_id = detail.resource.id
    context.repositories.read_together(
        (
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
    transfers = [each for each in invitations if each.purpose != JOIN]
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
        has_shares=bool(detail.shared or context.graph.list_shares(resource_id)),
        links=links,
        stale_since=stale_since,
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

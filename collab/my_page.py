"""What a person sees on their page outside the chat platform: what needs an answer, and
what they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from collab.access_queries import ListMyResources, ResourceRole
from collab.billing.invoices import InvoiceList, ListInvoices
from collab.billing.payment_methods import BillingView, ShowBilling
from collab.command import Query
from collab.context import Context
from collab.invitations.queries import list_pending_invitations
from collab.memberships.queries import ListMembers, MemberList
from collab.model import Membership, Person, PersonId, Resource, ResourceId
from collab.open_items import InvitationView, build_invitation_views
from collab.pages import ResourcePage, ShowResourcePage


@dataclass(frozen=True, slots=True)
class OwnResource:
    """A resource of the actor with their highest role there.

    `since` and `until` are those of a direct membership. `has_invoices`: it is a payment
    method whose invoices they may read.
    """

    role: ResourceRole
    since: datetime | None = None
    until: datetime | None = None
    has_invoices: bool = False

    @property
    def resource(self) -> Resource:
        """The resource itself."""
        return self.role.resource


@dataclass(frozen=True, slots=True)
class MyPageView:
    """A person's page; `invitations` need an answer, or can be called off until their
    day.

    `next_page` is that of the resources, None on the last one.
    """

    person: Person
    workspace_title: str
    invitations: Sequence[InvitationView]
    resources: Sequence[OwnResource]
    total: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class ShowMyPage(Query[MyPageView]):
    """Show the actor's page; `page` counts the pages of their resources from 0."""

    is_allowed_from_outside: ClassVar[bool] = True

    page: int = 0

    def answer(self, context: Context) -> MyPageView:
        """Return what needs the actor's answer, and what they have."""
        workspace = context.repositories.get_workspace()
        listed = ListMyResources(self.by, self.page).answer(context)
        own = _get_own_memberships(context)
        return MyPageView(
            context.actor,
            workspace.title if workspace else "",
            build_invitation_views(list_pending_invitations(context), context),
            [_build_own_resource(context, each, own) for each in listed.belongings],
            listed.total,
            listed.next_page,
        )


@dataclass(frozen=True, slots=True)
class OwnResourceView:
    """The page of a resource for somebody who has it, with a page of its members.

    `billing` and `invoices` are those of a payment method whose invoices they may read.
    """

    page: ResourcePage
    own: OwnResource
    members: MemberList
    reader_id: PersonId
    billing: BillingView | None = None
    invoices: InvoiceList | None = None


@dataclass(frozen=True, slots=True)
class ShowOwnResource(Query[OwnResourceView]):
    """Show a resource of the actor; the pages of its members and invoices count from 0."""

    is_allowed_from_outside: ClassVar[bool] = True

    what: ResourceId
    members_page: int = 0
    invoices_page: int = 0

    def answer(self, context: Context) -> OwnResourceView:
        """Return the page, to an actor who may view the resource."""
        page = ShowResourcePage(self.by, self.what).answer(context)
        detail, resource = page.detail, page.resource
        role = ResourceRole(resource, detail.role, detail.direct, detail.through)
        own = _build_own_resource(context, role, _get_own_memberships(context))
        members = page.members.members
        if self.members_page:
            members = ListMembers(self.by, self.what, self.members_page).answer(context)
        view = OwnResourceView(page, own, members, context.actor.id)
        if not own.has_invoices:
            return view
        return replace(
            view,
            billing=ShowBilling(self.by, self.what).answer(context),
            invoices=ListInvoices(self.by, self.what, self.invoices_page).answer(
                context
            ),
        )


def _get_own_memberships(context: Context) -> dict[ResourceId, Membership]:
    memberships = context.memberships.list_memberships_of(context.actor.id, context.at)
    return {each.resource: each for each in memberships}


def _build_own_resource(
    context: Context, role: ResourceRole, own: dict[ResourceId, Membership]
) -> OwnResource:
    resource = role.resource
    kind = context.roles[resource.kind]
    known_role = kind.find_role(role.role)
    membership = own.get(resource.id)
    return OwnResource(
        role,
        since=membership.since if membership else None,
        until=membership.until if membership else None,
        has_invoices=kind.is_payment_method
        and known_role is not None
        and "invoices" in known_role.capabilities,
    )

"""What decisions may read: one protocol for each noun, each for one workspace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from collab.access_graph import (
    AccessGraph,
    ListedMember,
    MemberSegment,
    RoleCount,
    RoleOrigin,
)
from collab.due_failures import DueFailure
from collab.event_repository import Events
from collab.model import (
    AccessRequest,
    AccessRequestId,
    Account,
    BillingDetails,
    ChannelId,
    ChannelLink,
    Invitation,
    InvitationId,
    InviteeId,
    Invoice,
    InvoiceId,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
    StaleKey,
    Succession,
    SuccessionId,
    Workspace,
)
from collab.notifications.repositories import Deliveries, Digests


class People(Protocol):
    """The people of the workspace."""

    def get_person(self, person: PersonId) -> Person | None:
        """Return a person by id; for a merged one, the person that replaces them."""

    def get_people(self, ids: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """Return people by id."""

    def find_person_by_account(self, account: Account) -> Person | None:
        """Return the person with an account's user id, whatever its team.

        A member of this workspace whose profile was read is not found by the account of
        another team.
        """

    def list_people_by_user_id(self, user: str) -> Sequence[Person]:
        """Return the unmerged people with a user id; the one found by it comes first."""

    def list_duplicated_user_ids(self) -> Sequence[str]:
        """Return the user ids that more than one person has."""

    def list_merged_ids(self, person: PersonId) -> Sequence[PersonId]:
        """Return the ids of the records that were merged into a person's."""

    def find_person_by_email(self, email: str) -> Person | None:
        """Return a member of the workspace, or a person without account, by address.

        The case makes no difference. People of another workspace are never found.
        """

    def list_people_with_email_only(self, email: str) -> Sequence[Person]:
        """Return the unmerged people who have an address and no account."""

    def list_people_with_home(self, ids: Collection[PersonId]) -> Collection[PersonId]:
        """Return those of some people who have opened their Home."""

    def list_admin_ids(self) -> tuple[PersonId, ...]:
        """Return the ids of the active admins of the workspace itself."""

    def list_people_without_mail(self) -> Sequence[Person]:
        """Return the people whose addresses get no more mails, by address."""

    def list_lapsing_person_ids(self, at: datetime, most: int) -> Sequence[PersonId]:
        """Return the ids of deactivated people whose memberships end by then."""


class Resources(Protocol):
    """Companies, projects, apps and everything else on which people have roles."""

    def is_empty(self) -> bool:
        """Return whether there are no resources yet."""

    def get_resource(self, resource: ResourceId) -> Resource | None:
        """Return a resource by id."""

    def get_resources(
        self, ids: Collection[ResourceId]
    ) -> Mapping[ResourceId, Resource]:
        """Return resources by id."""

    def find_resource_by_id_or_slug(self, typed: str) -> Resource | None:
        """Return a resource by id or slug; case makes no difference."""

    def list_slugs_starting_with(self, start: str) -> frozenset[str]:
        """Return every slug with that start."""

    def list_descendants(self, resource: ResourceId) -> Sequence[Resource]:
        """Return what a resource contains at any depth, containers before contents."""

    def list_resources_with_plan(self) -> Sequence[Resource]:
        """Return the resources that have a plan, by name."""

    def list_resources_paid_by(self, resource: ResourceId) -> Sequence[Resource]:
        """Return the resources that a payment method pays for, by name."""


class Memberships(Protocol):
    """Direct roles of people on resources."""

    def list_members(self, resource: ResourceId, at: datetime) -> Sequence[Membership]:
        """Return the memberships of active people on a resource at that time."""

    def list_memberships_of(
        self, person: PersonId, at: datetime
    ) -> Sequence[Membership]:
        """Return the memberships of a person that last at that time."""

    def count_members(
        self,
        resource: ResourceId,
        roles: Sequence[str],
        origins: Sequence[RoleOrigin],
        at: datetime,
    ) -> Mapping[str, RoleCount]:
        """Return how many people have each of some roles on a resource.

        `origins` are the memberships elsewhere from which roles follow, the highest
        role first. A direct role counts before a derived one.
        """

    def list_member_page(
        self,
        resource: ResourceId,
        origins: Sequence[RoleOrigin],
        segments: Sequence[MemberSegment],
        at: datetime,
    ) -> Sequence[ListedMember]:
        """Return some members of each of some roles, by name."""

    def list_suspended_memberships_of(self, person: PersonId) -> Sequence[Membership]:
        """Return the memberships of a deactivated person; none of an active one."""

    def list_suspended_memberships_on(
        self, resource: ResourceId
    ) -> Sequence[Membership]:
        """Return the memberships of deactivated people on a resource."""

    def list_due_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Return memberships whose warning or end is due by then."""


class Teams(Protocol):
    """Resources that are assigned to members of teams."""

    def list_resources_assigned_to(
        self, group: ResourceId, person: PersonId
    ) -> tuple[ResourceId, ...]:
        """Return the ids of a team's resources that are assigned to a person."""


class Invitations(Protocol):
    """Invitations in any state."""

    def get_invitation(self, invitation: InvitationId) -> Invitation | None:
        """Return an invitation by id, in any state."""

    def find_pending_invitation(
        self, resource: ResourceId, invitee: InviteeId, purpose: str
    ) -> Invitation | None:
        """Return the pending invitation of a person or team for a purpose."""

    def list_pending_invitations_for(self, invitee: InviteeId) -> Sequence[Invitation]:
        """Return the pending invitations of a person or a team, oldest first."""

    def list_pending_invitations(self) -> Sequence[Invitation]:
        """Return all pending invitations of the workspace, oldest first."""

    def has_pending_take_backs(self) -> bool:
        """Return whether a request to take back was pending before this transaction."""

    def list_pending_invitations_by(self, person: PersonId) -> Sequence[Invitation]:
        """Return the pending invitations that a person sent, oldest first."""

    def count_pending_invitations_by(self, person: PersonId, at: datetime) -> int:
        """Return how many unexpired pending invitations a person sent."""

    def list_pending_invitations_page(
        self, resource: ResourceId, at: datetime, start: int, most: int
    ) -> Sequence[Invitation]:
        """Return a page of the pending, unexpired invitations, oldest first."""

    def load_pending_invitations_on(self, resources: Collection[ResourceId]) -> None:
        """Read with one statement what is asked next for each of some resources."""

    def list_pending_invitations_on(self, resource: ResourceId) -> Sequence[Invitation]:
        """Return the pending invitations to a resource, oldest first."""

    def list_invitations_sent_by(
        self, person: PersonId, most: int, skip: int = 0
    ) -> Sequence[Invitation]:
        """Return a page of the invitations that a person sent, newest first."""

    def list_invitations_to(self, person: PersonId, most: int) -> Sequence[Invitation]:
        """Return invitations of a person in any state, newest first."""

    def list_renewed_ids(
        self, invitation_ids: Collection[InvitationId]
    ) -> frozenset[InvitationId]:
        """Return which of these were followed by an invitation to the same resource.

        It is to the same person or team, for the same purpose.
        """

    def list_expired_invitations_before(
        self, invitation: InvitationId, most: int
    ) -> Sequence[Invitation]:
        """Return the expired ones that an invitation follows so, newest first."""

    def get_last_decline_time(
        self, resource: ResourceId, invitee: InviteeId, purpose: str
    ) -> datetime | None:
        """Return when a person or team last declined an invitation for a purpose."""

    def list_due_invitations(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Return invitations with a due reminder or expiry, longest due first."""

    def list_due_handovers(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Return agreed handovers whose day has come, longest due first."""


class AccessRequests(Protocol):
    """Requests for roles."""

    def get_access_request(self, request: AccessRequestId) -> AccessRequest | None:
        """Return an access request by id, in any state."""

    def find_open_request(
        self, person: PersonId, resource: ResourceId
    ) -> AccessRequest | None:
        """Return the open request of a person for a role on a resource."""

    def list_open_requests(self) -> Sequence[AccessRequest]:
        """Return all open requests, oldest first."""

    def list_open_requests_of(self, person: PersonId) -> Sequence[AccessRequest]:
        """Return the open requests of a person."""

    def list_open_requests_on(self, resource: ResourceId) -> Sequence[AccessRequest]:
        """Return the open requests for roles on a resource, oldest first."""

    def list_due_requests(self, at: datetime, most: int) -> Sequence[AccessRequest]:
        """Return open requests that have expired by then."""


class Successions(Protocol):
    """Open successions: who takes over from deactivated people."""

    def find_open_succession(self, resource: ResourceId) -> Succession | None:
        """Return the open succession on a resource."""

    def list_open_successions(self) -> Sequence[Succession]:
        """Return all open successions."""

    def get_succession(self, succession: SuccessionId) -> Succession | None:
        """Return a succession by id, in any state."""


class Billing(Protocol):
    """Billing details and invoices of payment methods."""

    def get_billing_details(self, resource: ResourceId) -> BillingDetails:
        """Return the billing details of a payment method."""

    def get_invoice(self, invoice: InvoiceId) -> Invoice | None:
        """Return an invoice by id."""

    def list_invoices(
        self, resource: ResourceId, most: int, skip: int
    ) -> Sequence[Invoice]:
        """Return a page of the invoices of a payment method, newest first."""

    def get_invoice_totals(
        self, resource: ResourceId
    ) -> Sequence[tuple[int, str, Decimal]]:
        """Return (year, currency, total) of all invoices, newest year first."""

    def count_invoices(self, resource: ResourceId) -> int:
        """Return the number of invoices of a payment method."""

    def has_invoice(self, resource: ResourceId, number: str) -> bool:
        """Return whether a payment method has an invoice with that number."""


class KeyRotation(Protocol):
    """Resources whose keys should be rotated."""

    def list_stale_keys(
        self, resources: Collection[ResourceId]
    ) -> Mapping[ResourceId, Sequence[StaleKey]]:
        """Return the stale keys of resources, the earliest first."""


class ChannelLinks(Protocol):
    """Channels that get updates about a resource."""

    def list_channel_links(self, resource: ResourceId) -> Sequence[ChannelLink]:
        """Return the channels that are linked to a resource."""

    def list_links_of_channel(self, channel: ChannelId) -> Sequence[ChannelLink]:
        """Return the links of a channel."""

    def list_all_channel_links(self) -> Sequence[ChannelLink]:
        """Return all links of channels, by the name of the resource."""


class DueFailures(Protocol):
    """Items of due work that failed."""

    def list_due_failures(self) -> Sequence[DueFailure]:
        """Return the failed items of due work that are neither done nor void."""


class Repositories(Protocol):
    """All repositories of one workspace, within one transaction."""

    @property
    def people(self) -> People:
        """The people of the workspace."""

    @property
    def resources(self) -> Resources:
        """Companies, projects, apps and everything else on which people have roles."""

    @property
    def memberships(self) -> Memberships:
        """Direct roles of people on resources."""

    @property
    def graph(self) -> AccessGraph:
        """What authorization reads: resources, memberships and team shares."""

    @property
    def teams(self) -> Teams:
        """Resources that are assigned to members of teams."""

    @property
    def invitations(self) -> Invitations:
        """Invitations in any state."""

    @property
    def access_requests(self) -> AccessRequests:
        """Requests for roles."""

    @property
    def successions(self) -> Successions:
        """Open successions: who takes over from deactivated people."""

    @property
    def billing(self) -> Billing:
        """Billing details and invoices of payment methods."""

    @property
    def key_rotation(self) -> KeyRotation:
        """Resources whose keys should be rotated."""

    @property
    def channels(self) -> ChannelLinks:
        """Channels that get updates about a resource."""

    @property
    def digests(self) -> Digests:
        """Notifications queued for a digest."""

    @property
    def deliveries(self) -> Deliveries:
        """Notifications that could not be delivered."""

    @property
    def due_failures(self) -> DueFailures:
        """Items of due work that failed."""

    @property
    def events(self) -> Events:
        """The workspace's recorded events."""

    def read_together(self, reads: Sequence[Callable[[], object]]) -> None:
        """Read ahead, by one statement, what each of some functions reads first.

        They are called here as if nothing were stored; what they read again afterwards
        costs nothing.
        """

    def get_workspace(self) -> Workspace | None:
        """Return the workspace; None before its installation."""

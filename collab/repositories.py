"""What decisions may read: one protocol for each noun, each for one workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from collab.events import RecordedEvent
from collab.model import (
    AccessRequest,
    Account,
    BillingDetails,
    ChannelLink,
    Delivery,
    DueChannelDigest,
    DueFailure,
    EffectiveRole,
    EventFilter,
    Invitation,
    Invoice,
    Membership,
    Person,
    QueuedForPerson,
    ReachableGraph,
    Resource,
    RoleAssignments,
    Succession,
    TeamShare,
    Workspace,
)
from collab.roles import RoleModel


class People(Protocol):
    """The people of the workspace."""

    def get_person(self, person: str) -> Person | None:
        """Somebody by id; somebody merged answers with who they became."""

    def get_people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """Many people by id."""

    def find_person_by_account(self, account: Account) -> Person | None:
        """Somebody by their account: by the user id, whichever team it is named with.

        A member of this workspace whose profile was read is not found by the account of another team.
        """

    def list_people_by_user_id(self, user: str) -> Sequence[Person]:
        """Everybody who is recorded with a user id and not merged, the one who is found by it first."""

    def list_duplicated_user_ids(self) -> Sequence[str]:
        """The user ids that more than one person is recorded with."""

    def find_person_by_email(self, email: str) -> Person | None:
        """Find a member of this workspace, or else somebody without an account, by their address.

        The case of its letters does not count. An account of another workspace is never found by its address.
        """

    def list_people_with_email_only(self, email: str) -> Sequence[Person]:
        """Return everybody who is known by an address alone and not merged."""

    def list_admin_ids(self) -> tuple[str, ...]:
        """Those active people who look after the workspace itself, as far as they are known."""

    def list_lapsing_person_ids(self, at: datetime, most: int) -> Sequence[str]:
        """Deactivated people whose roles end for good by a moment."""


class Resources(Protocol):
    """Companies, projects, apps and everything else that roles can be held on."""

    def is_empty(self) -> bool:
        """Whether nothing exists yet."""

    def get_resource(self, resource: str) -> Resource | None:
        """A resource by id."""

    def get_resources(self, ids: Collection[str]) -> Mapping[str, Resource]:
        """Many resources by id."""

    def find_resource_by_id_or_slug(self, typed: str) -> Resource | None:
        """A resource by id or by slug, in any case."""

    def list_slugs_starting_with(self, start: str) -> frozenset[str]:
        """Every slug that starts like this."""

    def list_descendants(self, resource: str) -> Sequence[Resource]:
        """What stands in a resource at any depth, the outer before the inner."""

    def list_resources_with_plan(self) -> Sequence[Resource]:
        """The resources that are on a plan, by name."""

    def list_resources_paid_by(self, resource: str) -> Sequence[Resource]:
        """What a resource pays for, by name."""


class Memberships(Protocol):
    """Direct roles of people on resources."""

    def list_members(self, resource: str, at: datetime) -> Sequence[Membership]:
        """The memberships that hold on a resource at a moment, of active people."""

    def list_members_among(
        self, resource: str, people: Collection[str], at: datetime
    ) -> Sequence[Membership]:
        """Those of these memberships that some people hold."""

    def list_memberships_of(self, person: str, at: datetime) -> Sequence[Membership]:
        """The memberships that a person holds at a moment."""

    def list_suspended_memberships_of(self, person: str) -> Sequence[Membership]:
        """The memberships of a deactivated person, which count for nothing; none of an active one."""

    def list_suspended_memberships_on(self, resource: str) -> Sequence[Membership]:
        """Return the memberships of deactivated people on a resource."""

    def list_due_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Memberships for a limited time that speak up, or end, by a moment."""


class ResourceGraph(Protocol):
    """What the derivation of roles reads: resources and team shares."""

    def get_resource(self, resource_id: str, /) -> Resource | None:
        """Return a resource by id."""

    def list_shares(self, resource_id: str, /) -> Sequence[TeamShare]:
        """Return the teams that have a role on a resource."""


class AccessGraph(ResourceGraph, Protocol):
    """What authorization reads: resources, team shares and memberships."""

    def get_memberships_by_resource(
        self, person_id: str, resource_ids: Sequence[str], at: datetime, /
    ) -> Mapping[str, Membership]:
        """Return an active person's memberships on some resources, by resource id."""

    def list_contents_with_roles_of_person(
        self, person_id: str, resource_id: str, at: datetime, /
    ) -> Sequence[tuple[Resource, EffectiveRole]]:
        """Return what a resource contains at any depth, each with an assigned role.

        The person has that role on the inner resource itself or on what pays for it.
        """

    def list_contents_with_role_sources(
        self, resource_id: str, /
    ) -> Sequence[tuple[Resource, str]]:
        """Return what a resource contains at any depth, each with a source of roles.

        The source is the id of a resource from whose roles others on the inner one follow.
        """

    def get_assignments_by_resource(
        self, resource_ids: Collection[str], at: datetime, /
    ) -> RoleAssignments:
        """Return the memberships on some resources, by resource id."""

    def load_reachable_graph(
        self, person_id: str, at: datetime, role_model: RoleModel, /
    ) -> ReachableGraph:
        """Load what a person's roles lead to by the role model, with its containers."""


class Teams(Protocol):
    """What is assigned to members of teams."""

    def list_resources_assigned_to(self, group: str, person: str) -> tuple[str, ...]:
        """What of a group's things is assigned to a person."""


class Invitations(Protocol):
    """Invitations in any state."""

    def get_invitation(self, invitation: str) -> Invitation | None:
        """An invitation by id, in whatever state."""

    def find_pending_invitation(
        self, resource: str, invitee: str, purpose: str
    ) -> Invitation | None:
        """The one pending invitation of a person or a team to a resource, for one purpose."""

    def list_pending_invitations_for(self, invitee: str) -> Sequence[Invitation]:
        """The invitations that wait for a person or a team, oldest first."""

    def list_pending_invitations_by(self, person: str) -> Sequence[Invitation]:
        """The invitations of a person that still wait, oldest first."""

    def list_pending_invitations_page(
        self, resource: str, at: datetime, start: int, most: int
    ) -> Sequence[Invitation]:
        """Some of the invitations that wait on a resource and have not expired, oldest first."""

    def list_pending_invitations_on(self, resource: str) -> Sequence[Invitation]:
        """The invitations that wait on a resource, oldest first."""

    def list_invitations_sent_by(
        self, person: str, most: int, skip: int = 0
    ) -> Sequence[Invitation]:
        """The invitations that a person sent, newest first, after the newest few."""

    def get_last_decline_time(
        self, resource: str, invitee: str, purpose: str
    ) -> datetime | None:
        """When a person or a team last declined an invitation to a resource, for one purpose."""

    def list_due_invitations(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Pending invitations whose next reminder or expiry is due, the longest due first."""


class AccessRequests(Protocol):
    """Requests for roles."""

    def get_access_request(self, request: str) -> AccessRequest | None:
        """An access request by id, in whatever state."""

    def find_open_request(self, person: str, resource: str) -> AccessRequest | None:
        """The open request of a person for a role on a resource."""

    def list_open_requests(self) -> Sequence[AccessRequest]:
        """All open requests, oldest first."""

    def list_open_requests_of(self, person: str) -> Sequence[AccessRequest]:
        """The open requests of a person."""

    def list_open_requests_on(self, resource: str) -> Sequence[AccessRequest]:
        """The open requests for roles on a resource, oldest first."""

    def list_due_requests(self, at: datetime, most: int) -> Sequence[AccessRequest]:
        """Open requests that nobody answered in time."""


class Successions(Protocol):
    """Open questions about who takes over from a deactivated person."""

    def find_open_succession(self, resource: str) -> Succession | None:
        """Who is to follow somebody on a resource, while that is open."""

    def list_open_successions(self) -> Sequence[Succession]:
        """Everything on which somebody is to follow, while that is open."""

    def get_succession(self, succession: str) -> Succession | None:
        """The same by id, in whatever state."""


class Billing(Protocol):
    """Billing details and invoices of payment methods."""

    def get_billing_details(self, resource: str) -> BillingDetails:
        """What a payment method says of itself."""

    def get_invoice(self, invoice: str) -> Invoice | None:
        """An invoice by id."""

    def list_invoices(self, resource: str, most: int, skip: int) -> Sequence[Invoice]:
        """The invoices of a payment method, newest first, after the newest few."""

    def get_invoice_totals(self, resource: str) -> Sequence[tuple[int, str, Decimal]]:
        """What the invoices of a payment method come to, by year and currency, the newest year first."""

    def count_invoices(self, resource: str) -> int:
        """How many invoices a payment method has."""

    def has_invoice(self, resource: str, number: str) -> bool:
        """Whether a payment method has an invoice of that number."""


class KeyRotation(Protocol):
    """Resources whose keys should be rotated."""

    def list_stale_keys(
        self, resources: Collection[str]
    ) -> Mapping[str, Sequence[tuple[str, datetime]]]:
        """Return who lost access to each resource whose keys wait to be rotated, and when, the first one first."""


class ChannelLinks(Protocol):
    """Channels that get updates about a resource."""

    def list_channel_links(self, resource: str) -> Sequence[ChannelLink]:
        """The channels that hear of a resource."""

    def list_links_of_channel(self, channel: str) -> Sequence[ChannelLink]:
        """What a channel hears of."""

    def list_all_channel_links(self) -> Sequence[ChannelLink]:
        """All channels that hear of something, by the name of what they hear of."""


class Digests(Protocol):
    """Notifications queued for a digest."""

    def list_due_channel_digests(
        self, at: datetime, most: int
    ) -> Sequence[DueChannelDigest]:
        """What channels are to be told together by a moment."""

    def list_channel_digest_event_seqs(self, seq: int, most: int) -> Sequence[int]:
        """The numbers of the first few facts that a channel is told together with one event, oldest first."""

    def list_due_personal_digest_items(
        self, at: datetime, most: int
    ) -> Sequence[QueuedForPerson]:
        """The notices that wait for a digest which is due by a moment, those of one person together, in their order."""


class Deliveries(Protocol):
    """Notifications that could not be delivered."""

    def list_failed_deliveries(self, person: str, most: int) -> Sequence[Delivery]:
        """What could not be delivered to a person, or is theirs to answer for; the newest first."""

    def find_failed_delivery(self, person: str, delivery: int) -> Delivery | None:
        """The one of these of that number."""


class DueFailures(Protocol):
    """Items of due work that failed."""

    def list_due_failures(self) -> Sequence[DueFailure]:
        """The items of due work that failed and were neither done nor given up since."""


class Events(Protocol):
    """The workspace's recorded events."""

    def get_event(self, seq: int) -> RecordedEvent | None:
        """One event by its sequence number."""

    def find_last_event_by(
        self, actor: str, names: Collection[str], before: int | None
    ) -> RecordedEvent | None:
        """The newest event of these names by a person, before a sequence number."""

    def get_time_of_nth_last_event(
        self, actor: str, names: Collection[str], nth: int, since: datetime
    ) -> datetime | None:
        """When the nth newest event of these names by a person happened, counted from 1; nothing before a moment."""

    def list_events_from(self, first: int, most: int) -> Sequence[RecordedEvent]:
        """The events from a sequence number on, oldest first."""

    def list_events_on(
        self,
        resources: Collection[str],
        choice: EventFilter,
        before: int | None,
        most: int,
    ) -> Sequence[RecordedEvent]:
        """The events that concern some resources, newest first; `before` is the sequence number to go on from."""

    def get_last_membership_change_seq(self, resource: str, person: str) -> int | None:
        """The number of the last event about a person's membership on a resource."""


class Repositories(Protocol):
    """All repositories of one workspace, within one transaction."""

    @property
    def people(self) -> People:
        """The people of the workspace."""

    @property
    def resources(self) -> Resources:
        """Companies, projects, apps and everything else that roles can be held on."""

    @property
    def memberships(self) -> Memberships:
        """Direct roles of people on resources."""

    @property
    def graph(self) -> AccessGraph:
        """What authorization reads: resources, memberships and team shares."""

    @property
    def teams(self) -> Teams:
        """What is assigned to members of teams."""

    @property
    def invitations(self) -> Invitations:
        """Invitations in any state."""

    @property
    def access_requests(self) -> AccessRequests:
        """Requests for roles."""

    @property
    def successions(self) -> Successions:
        """Open questions about who takes over from a deactivated person."""

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

    def get_workspace(self) -> Workspace | None:
        """The workspace itself, once installed."""

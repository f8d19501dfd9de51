"""What a decision is made on: the facts it may ask for, the table, the actor and the moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from collab.kinds import Table
from collab.people import Account, Person
from collab.policy import Policy

if TYPE_CHECKING:
    from decimal import Decimal

    from collab.access import Given, Held, Reach
    from collab.billing import Details
    from collab.channels import Link
    from collab.digests import Gathered
    from collab.due_work import DueFailure
    from collab.events import Recorded
    from collab.invoices import Invoice
    from collab.membership import Membership
    from collab.notices import Delivery
    from collab.offers import Invitation
    from collab.record import Choice
    from collab.requests import Request
    from collab.resources import Resource
    from collab.successions import Succession
    from collab.teams import Share
    from collab.telling import Kept


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tenant: nothing crosses it."""

    id: str
    title: str
    bot: str
    settings: Mapping[str, str] = field(default_factory=dict)
    organisation: str | None = None


class Facts(Protocol):
    """The questions that decisions ask of what is stored; each answers for one workspace."""

    def workspace(self) -> Workspace | None:
        """The workspace itself, once installed."""

    def person(self, person: str) -> Person | None:
        """Somebody by id; somebody merged answers with who they became."""

    def people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """Many people by id."""

    def person_by_account(self, account: Account) -> Person | None:
        """Somebody by their account: by the user id, whichever team it is named with.

        A member of this workspace whose profile was read is not found by the account of another team.
        """

    def people_by_user(self, user: str) -> Sequence[Person]:
        """Everybody who is recorded with a user id and not merged, the one who is found by it first."""

    def repeated_users(self) -> Sequence[str]:
        """The user ids that more than one person is recorded with."""

    def person_by_address(self, email: str) -> Person | None:
        """Find a member of this workspace, or else somebody without an account, by their address.

        The case of its letters does not count. An account of another workspace is never found by its address.
        """

    def people_by_address_alone(self, email: str) -> Sequence[Person]:
        """Return everybody who is known by an address alone and not merged."""

    def admins(self) -> tuple[str, ...]:
        """Those active people who look after the workspace itself, as far as they are known."""

    def lapsing(self, at: datetime, most: int) -> Sequence[str]:
        """Deactivated people whose roles end for good by a moment."""

    def due_kept(self, at: datetime, most: int) -> Sequence[Kept]:
        """The notices that wait for a digest which is due by a moment, those of one person together, in their order."""

    def undelivered(self, person: str, most: int) -> Sequence[Delivery]:
        """What could not be delivered to a person, or is theirs to answer for; the newest first."""

    def undelivered_one(self, person: str, delivery: int) -> Delivery | None:
        """The one of these of that number."""

    def is_empty(self) -> bool:
        """Whether nothing exists yet."""

    def resource(self, resource: str) -> Resource | None:
        """A resource by id."""

    def resources(self, ids: Collection[str]) -> Mapping[str, Resource]:
        """Many resources by id."""

    def resource_called(self, typed: str) -> Resource | None:
        """A resource by id or by slug, in any case."""

    def slugs_like(self, start: str) -> frozenset[str]:
        """Every slug that starts like this."""

    def members(self, resource: str, at: datetime) -> Sequence[Membership]:
        """The memberships that hold on a resource at a moment, of active people."""

    def members_among(self, resource: str, people: Collection[str], at: datetime) -> Sequence[Membership]:
        """Those of these memberships that some people hold."""

    def held(self, person: str, resources: Sequence[str], at: datetime) -> Mapping[str, Membership]:
        """The memberships of an active person on some resources at a moment, by resource."""

    def held_within(self, person: str, resource: str, at: datetime) -> Sequence[tuple[Resource, Held]]:
        """What stands in a resource, at any depth, and a role that a person was given on it or on what pays for it."""

    def places_within(self, resource: str) -> Sequence[tuple[Resource, str]]:
        """What stands in a resource, at any depth, each with a place where roles that lead to it are given."""

    def given_at(self, places: Collection[str], at: datetime) -> Given:
        """Each role that holds at some places, with all whose it is, by place."""

    def shares(self, resource: str) -> Sequence[Share]:
        """The groups that hold a role on a resource."""

    def reach(self, person: str, at: datetime, kinds: Table) -> Reach:
        """All that a person's roles can have to do with: what they lead to, by the table, and what that stands in."""

    def everything_inside(self, resource: str) -> Sequence[Resource]:
        """What stands in a resource at any depth, the outer before the inner."""

    def planned(self) -> Sequence[Resource]:
        """The resources that are on a plan, by name."""

    def paid_by(self, resource: str) -> Sequence[Resource]:
        """What a resource pays for, by name."""

    def memberships_of(self, person: str, at: datetime) -> Sequence[Membership]:
        """The memberships that a person holds at a moment."""

    def suspended(self, person: str) -> Sequence[Membership]:
        """The memberships of a deactivated person, which count for nothing; none of an active one."""

    def suspended_on(self, resource: str) -> Sequence[Membership]:
        """Return the memberships of deactivated people on a resource."""

    def due_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Memberships for a limited time that speak up, or end, by a moment."""

    def assigned(self, group: str, person: str) -> tuple[str, ...]:
        """What of a group's things is assigned to a person."""

    def last_change(self, resource: str, person: str) -> int | None:
        """The number of the last event about a person's membership on a resource."""

    def invitation(self, invitation: str) -> Invitation | None:
        """An invitation by id, in whatever state."""

    def pending(self, resource: str, invitee: str, purpose: str) -> Invitation | None:
        """The one pending invitation of a person or a team to a resource, for one purpose."""

    def pending_for(self, invitee: str) -> Sequence[Invitation]:
        """The invitations that wait for a person or a team, oldest first."""

    def pending_by(self, person: str) -> Sequence[Invitation]:
        """The invitations of a person that still wait, oldest first."""

    def page_of_pending(self, resource: str, at: datetime, start: int, most: int) -> Sequence[Invitation]:
        """Some of the invitations that wait on a resource and have not expired, oldest first."""

    def pending_on(self, resource: str) -> Sequence[Invitation]:
        """The invitations that wait on a resource, oldest first."""

    def sent_by(self, person: str, most: int, skip: int = 0) -> Sequence[Invitation]:
        """The invitations that a person sent, newest first, after the newest few."""

    def last_decline(self, resource: str, invitee: str, purpose: str) -> datetime | None:
        """When a person or a team last declined an invitation to a resource, for one purpose."""

    def due_invitations(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Pending invitations whose next reminder or expiry is due, the longest due first."""

    def request(self, request: str) -> Request | None:
        """An access request by id, in whatever state."""

    def asked_for(self, person: str, resource: str) -> Request | None:
        """The open request of a person for a role on a resource."""

    def open_requests(self) -> Sequence[Request]:
        """All open requests, oldest first."""

    def requests_of(self, person: str) -> Sequence[Request]:
        """The open requests of a person."""

    def requests_on(self, resource: str) -> Sequence[Request]:
        """The open requests for roles on a resource, oldest first."""

    def due_requests(self, at: datetime, most: int) -> Sequence[Request]:
        """Open requests that nobody answered in time."""

    def succession(self, resource: str) -> Succession | None:
        """Who is to follow somebody on a resource, while that is open."""

    def successions(self) -> Sequence[Succession]:
        """Everything on which somebody is to follow, while that is open."""

    def succession_by_id(self, succession: str) -> Succession | None:
        """The same by id, in whatever state."""

    def details(self, resource: str) -> Details:
        """What a payment method says of itself."""

    def invoice(self, invoice: str) -> Invoice | None:
        """An invoice by id."""

    def invoices(self, resource: str, most: int, skip: int) -> Sequence[Invoice]:
        """The invoices of a payment method, newest first, after the newest few."""

    def invoice_totals(self, resource: str) -> Sequence[tuple[int, str, Decimal]]:
        """What the invoices of a payment method come to, by year and currency, the newest year first."""

    def count_invoices(self, resource: str) -> int:
        """How many invoices a payment method has."""

    def has_invoice(self, resource: str, number: str) -> bool:
        """Whether a payment method has an invoice of that number."""

    def stale_keys(self, resources: Collection[str]) -> Mapping[str, Sequence[tuple[str, datetime]]]:
        """Return who lost access to each resource whose keys wait to be rotated, and when, the first one first."""

    def links(self, resource: str) -> Sequence[Link]:
        """The channels that hear of a resource."""

    def links_of_channel(self, channel: str) -> Sequence[Link]:
        """What a channel hears of."""

    def every_link(self) -> Sequence[Link]:
        """All channels that hear of something, by the name of what they hear of."""

    def due_digests(self, at: datetime, most: int) -> Sequence[Gathered]:
        """What channels are to be told together by a moment."""

    def due_failures(self) -> Sequence[DueFailure]:
        """The items of due work that failed and were neither done nor given up since."""

    def digested(self, seq: int, most: int) -> Sequence[int]:
        """The numbers of the first few facts that a channel is told together with one event, oldest first."""

    def event(self, seq: int) -> Recorded | None:
        """One event by its sequence number."""

    def last_by(self, actor: str, names: Collection[str], before: int | None) -> Recorded | None:
        """The newest event of these names by a person, before a sequence number."""

    def nth_last(self, actor: str, names: Collection[str], nth: int, since: datetime) -> datetime | None:
        """When the nth newest event of these names by a person happened, counted from 1; nothing before a moment."""

    def history(self, first: int, most: int) -> Sequence[Recorded]:
        """The events from a sequence number on, oldest first."""

    def events(self, resources: Collection[str], choice: Choice, before: int | None, most: int) -> Sequence[Recorded]:
        """The events that concern some resources, newest first; `before` is the sequence number to go on from."""


@dataclass(frozen=True, slots=True)
class Case:
    """One decision's ground: who acts, when, on which facts, by which table and settings.

    `policy` is what holds in the workspace, `usual` what holds where it has set nothing itself. `plans` are the limits
    that a company may be under, by name and role.
    """

    actor: Person
    at: datetime
    facts: Facts
    kinds: Table
    policy: Policy
    new_id: Callable[[str], str]
    usual: Policy = field(default_factory=Policy)
    plans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

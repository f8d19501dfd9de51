"""What a decision is made on: the facts it may ask for, the table, the actor and the moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from collab.kinds import Table
from collab.people import Account, Person
from collab.policy import Policy

if TYPE_CHECKING:
    from collab.channels import Link
    from collab.events import Recorded
    from collab.invitations import Invitation
    from collab.membership import Membership
    from collab.resources import Resource
    from collab.teams import Share


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tenant: nothing crosses it."""

    id: str
    title: str
    bot: str


class Facts(Protocol):
    """The questions that decisions ask of what is stored; each answers for one workspace."""

    def workspace(self) -> Workspace | None:
        """The workspace itself, once installed."""

    def person(self, person: str) -> Person | None:
        """Somebody by id; somebody merged answers with who they became."""

    def people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """Many people by id."""

    def person_by_account(self, account: Account) -> Person | None:
        """Somebody by their account."""

    def person_by_address(self, email: str) -> Person | None:
        """Somebody by their address, regardless of case."""

    def resource(self, resource: str) -> Resource | None:
        """A resource by id."""

    def resource_called(self, typed: str) -> Resource | None:
        """A resource by id or by slug, in any case."""

    def slugs_like(self, start: str) -> frozenset[str]:
        """Every slug that starts like this."""

    def members(self, resource: str, at: datetime) -> Sequence[Membership]:
        """The memberships that hold on a resource at a moment, of active people."""

    def held(self, person: str, resources: Sequence[str], at: datetime) -> Mapping[str, Membership]:
        """The memberships of an active person on some resources at a moment, by resource."""

    def held_within(self, person: str, resource: str, at: datetime) -> Sequence[tuple[Resource, Membership]]:
        """What stands in a resource, at any depth, and a person's membership on it or on what pays for it."""

    def all_within(self, resource: str, at: datetime) -> Sequence[tuple[Resource, Membership]]:
        """The same for everybody."""

    def shares(self, resource: str) -> Sequence[Share]:
        """The groups that hold a role on a resource."""

    def shared_with(self, group: str) -> Sequence[Resource]:
        """What a group holds a role on, by name."""

    def inside(self, resource: str) -> Sequence[Resource]:
        """What stands directly in a resource, by name."""

    def paid_by(self, resource: str) -> Sequence[Resource]:
        """What a resource pays for, by name."""

    def memberships_of(self, person: str, at: datetime) -> Sequence[Membership]:
        """The memberships that a person holds at a moment."""

    def ended_memberships(self, at: datetime, most: int) -> Sequence[Membership]:
        """Memberships whose end has passed."""

    def invitation(self, invitation: str) -> Invitation | None:
        """An invitation by id, in whatever state."""

    def pending(self, resource: str, person: str) -> Invitation | None:
        """The one pending invitation of a person to a resource."""

    def pending_for(self, person: str) -> Sequence[Invitation]:
        """The invitations that wait for a person, oldest first."""

    def pending_by(self, person: str) -> Sequence[Invitation]:
        """The invitations of a person that still wait, oldest first."""

    def pending_on(self, resource: str) -> Sequence[Invitation]:
        """The invitations that wait on a resource, oldest first."""

    def sent_by(self, person: str, most: int, skip: int = 0) -> Sequence[Invitation]:
        """The invitations that a person sent, newest first, after the newest few."""

    def last_decline(self, resource: str, person: str) -> datetime | None:
        """When a person last declined an invitation to a resource."""

    def due_invitations(self, at: datetime, most: int) -> Sequence[Invitation]:
        """Pending invitations whose next reminder or expiry is due, the longest due first."""

    def links(self, resource: str) -> Sequence[Link]:
        """The channels that hear of a resource."""

    def links_of_channel(self, channel: str) -> Sequence[Link]:
        """What a channel hears of."""

    def event(self, seq: int) -> Recorded | None:
        """One event by its sequence number."""

    def events(
        self, resource: str, *, actor: str | None, since: datetime | None, before: int | None, most: int
    ) -> Sequence[Recorded]:
        """The events of a resource, newest first; `before` is the sequence number to go on from."""


@dataclass(frozen=True, slots=True)
class Case:
    """One decision's ground: who acts, when, on which facts, by which table and settings."""

    actor: Person
    at: datetime
    facts: Facts
    kinds: Table
    policy: Policy
    new_id: Callable[[str], str]

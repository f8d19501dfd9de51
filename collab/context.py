"""What commands decide on: the actor, the time, the repositories, the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collab.access_graph import AccessGraph
from collab.event_repository import Events
from collab.events import Event
from collab.limits import Policy
from collab.model import Person
from collab.notifications.repositories import Deliveries, Digests
from collab.repositories import (
    AccessRequests,
    Billing,
    ChannelLinks,
    DueFailures,
    Invitations,
    KeyRotation,
    Memberships,
    People,
    Repositories,
    Resources,
    Successions,
    Teams,
)
from collab.role_model import RoleModel


def know_no_account(_email: str) -> bool | None:
    """Return that nobody has looked an address up."""
    return None


def reject_rehearsal(_events: Sequence[Event]) -> Sequence[Event]:
    """Raise, as the transaction would not be rolled back."""
    raise RuntimeError("rehearse")


@dataclass(frozen=True, slots=True)
class Context:
    """What one command or query works with.

    `graph` is what authorization reads: stored, or hypothetical. `policy` are the
    workspace's settings, `default_policy` those of a workspace that has set nothing.
    `plans` are the limits of members, by plan and role. `rehearse` stores events and
    returns them with what they end: until the end of a query that is a rehearsal, or
    for good when its answer is what was confirmed. `has_account`: whether the chat
    platform said not long ago that somebody has an address; None if it said nothing.
    """

    actor: Person
    at: datetime
    repositories: Repositories
    graph: AccessGraph
    roles: RoleModel
    policy: Policy
    new_id: Callable[[str], str]
    default_policy: Policy = field(default_factory=Policy)
    plans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rehearse: Callable[[Sequence[Event]], Sequence[Event]] = reject_rehearsal
    has_account: Callable[[str], bool | None] = know_no_account

    def is_absent(self, person: Person) -> bool:
        """Return whether the chat platform said that nobody has a person's address."""
        if person.user or not person.email:
            return False
        return self.has_account(person.email) is False

    @property
    def people(self) -> People:
        """The people of the workspace."""
        return self.repositories.people

    @property
    def resources(self) -> Resources:
        """Companies, projects, apps and everything else on which people have roles."""
        return self.repositories.resources

    @property
    def memberships(self) -> Memberships:
        """Direct roles of people on resources."""
        return self.repositories.memberships

    @property
    def teams(self) -> Teams:
        """Resources that are assigned to members of teams."""
        return self.repositories.teams

    @property
    def invitations(self) -> Invitations:
        """Invitations in any state."""
        return self.repositories.invitations

    @property
    def access_requests(self) -> AccessRequests:
        """Requests for roles."""
        return self.repositories.access_requests

    @property
    def successions(self) -> Successions:
        """Open successions: who takes over from deactivated people."""
        return self.repositories.successions

    @property
    def billing(self) -> Billing:
        """Billing details and invoices of payment methods."""
        return self.repositories.billing

    @property
    def key_rotation(self) -> KeyRotation:
        """Resources whose keys should be rotated."""
        return self.repositories.key_rotation

    @property
    def channels(self) -> ChannelLinks:
        """Channels that get updates about a resource."""
        return self.repositories.channels

    @property
    def digests(self) -> Digests:
        """Notifications queued for a digest."""
        return self.repositories.digests

    @property
    def deliveries(self) -> Deliveries:
        """Notifications that could not be delivered."""
        return self.repositories.deliveries

    @property
    def due_failures(self) -> DueFailures:
        """Items of due work that failed."""
        return self.repositories.due_failures

    @property
    def events(self) -> Events:
        """The workspace's recorded events."""
        return self.repositories.events

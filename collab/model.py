"""The entities and value objects that the rules speak about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tenant: nothing crosses it."""

    id: str
    title: str
    bot: str
    settings: Mapping[str, str] = field(default_factory=dict)
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chat platform: the team it belongs to and its id there."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address; two are the same when they differ in case alone."""

    email: str


@dataclass(frozen=True, slots=True)
class Person:
    """A human being as far as the workspace knows them; `title` is empty until the profile was read.

    An `admin` looks after the workspace itself. At `lapses` the roles of a deactivated account end for good.
    `notices` is how they hear of what does not need them.
    """

    id: str
    team: str | None
    user: str | None
    email: str | None
    title: str
    tz: str
    locale: str | None
    bot: bool
    guest: bool
    active: bool
    profiled: bool
    merged_into: str | None
    admin: bool = False
    lapses: datetime | None = None
    notices: str = "direct"


NOBODY = Person("", None, None, None, "", "UTC", None, False, False, True, True, None)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which workspace, by which door; `delivery` names the one delivery that brought the request.

    Without an account it is time itself that asks.
    """

    workspace: str
    account: Account | None
    origin: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A passive thing of a kind; it may stand in another one, and something may pay for it."""

    id: str
    kind: str
    slug: str
    title: str
    parent: str | None = None
    payer: str | None = None
    about: str | None = None
    disabled: bool = False
    gone: bool = False
    retired: bool = False
    paid_since: datetime | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person holds a role on a resource, for ever or until a moment."""

    resource: str
    person: str
    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TeamShare:
    """A team holds a role on a resource; `assigned` are those of its members to whom the resource is assigned."""

    team: str
    resource: str
    role: str
    assigned: frozenset[str]


@dataclass(frozen=True, slots=True)
class Term:
    """How long a membership lasts: so long from the answer on, or until a moment, or without an end."""

    lasts: timedelta | None = None
    until: datetime | None = None

    def compute_end(self, start: datetime) -> datetime | None:
        """The end of a membership that starts then."""
        return start + self.lasts if self.lasts is not None else self.until


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open question to somebody, or to a team, about one thing or several.

    `sent` starts its present life, `marks` counts the reminders that are done. `answered` is when it ended,
    `answered_by` by whom: nobody when time ended it. Of a team, those who are `asked` got the message. Its purpose is
    to join in a role, to pay (the `role` is what the inviter stays as, if anything), or to own.
    """

    id: str
    resource: str
    also: tuple[str, ...]
    person: str | None
    team: str | None
    asked: tuple[str, ...]
    purpose: str
    inviter: str
    role: str
    lasts: timedelta | None
    until: datetime | None
    note: str | None
    state: str
    sent: datetime
    expires: datetime
    due: datetime
    marks: int
    snoozed: datetime | None
    muted: bool
    answered: datetime | None
    answered_by: str | None

    @property
    def term(self) -> Term:
        """How long the membership is to last."""
        return Term(self.lasts, self.until)

    @property
    def resources(self) -> tuple[str, ...]:
        """Everything that it is about."""
        return (self.resource, *self.also)

    @property
    def invitee(self) -> str:
        """The person, or the team, that it is addressed to."""
        return self.person or self.team or ""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Somebody asks for a role; those who are `asked` got the message. `answered_by` is nobody when time ended it."""

    id: str
    resource: str
    person: str
    role: str
    note: str | None
    asked: tuple[str, ...]
    state: str
    sent: datetime
    expires: datetime
    answered: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class Succession:
    """A thing waits for somebody to hold a role in place of a person; `support` is who chooses whom.

    Those who are `asked` got the message.
    """

    id: str
    resource: str
    person: str
    role: str
    asked: tuple[str, ...]
    state: str
    chosen: str | None
    support: Mapping[str, str] = field(default_factory=dict)


IMMEDIATE = "each"


DEFAULT_HOUR = 9  # o'clock, of the person who linked the channel


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel hears of a resource; `person` linked it and hears when it cannot be reached.

    By its rhythm it hears of each thing at once, or of all together at an hour of that person's day.
    """

    channel: str
    resource: str
    groups: tuple[str, ...]
    person: str
    rhythm: str = IMMEDIATE
    hour: int = DEFAULT_HOUR


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """What a payment method says of itself: where bills go, and by which reference another system knows it."""

    address: str | None = None
    email: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice of a payment method; `file` is its content's hash, `size` in bytes."""

    id: str
    resource: str
    number: str
    day: date
    amount: Decimal
    currency: str
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: by whom, about whom, of which names (a source or source.fact), since when."""

    actor: str | None = None
    person: str | None = None
    names: tuple[str, ...] = ()
    since: datetime | None = None

    @property
    def name_patterns(self) -> tuple[str, ...]:
        """The names as they are looked for."""
        return tuple(name if "." in name else f"{name}.%" for name in self.names)


# Made by the hundred at each question: a tuple takes half the time of a data class.
class Step(NamedTuple):
    """One step of a path: a role on a resource."""

    role: str
    resource: str


class EffectiveRole(NamedTuple):
    """A role that a person holds on a resource, by a path that starts at a membership and ends here."""

    person: str
    path: tuple[Step, ...]

    @classmethod
    def from_membership(cls, person: str, role: str, resource: str) -> EffectiveRole:
        """A role where it was given, from which others follow."""
        return cls(person, (Step(role, resource),))

    @property
    def role(self) -> str:
        """The role held."""
        return self.path[-1].role

    @property
    def is_direct(self) -> bool:
        """Whether it is a membership, and not one that follows from another."""
        return len(self.path) == 1

    def derive(self, role: str, resource: str) -> EffectiveRole:
        """The role that follows from this one."""
        return EffectiveRole(self.person, (*self.path, Step(role, resource)))


# By resource id: each role that is assigned there, with the ids of all who have it.
RoleAssignments = Mapping[str, Sequence[tuple[Step, Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class ReachableGraph:
    """The part of the access graph that one person's roles can have to do with.

    It is a `ResourceGraph`: roles can be derived on it without any query.
    """

    memberships: Sequence[Membership]
    resources: Mapping[str, Resource]
    shares_by_resource: Mapping[str, Sequence[TeamShare]] = field(default_factory=dict)

    def get_resource(self, resource_id: str) -> Resource | None:
        """Return a resource by id."""
        return self.resources.get(resource_id)

    def list_shares(self, resource_id: str) -> Sequence[TeamShare]:
        """Return the teams that have a role on a resource."""
        return self.shares_by_resource.get(resource_id, ())

    @property
    def assigned_roles(self) -> dict[str, list[EffectiveRole]]:
        """The person's memberships as roles, by resource id."""
        return {
            each.resource: [
                EffectiveRole.from_membership(each.person, each.role, each.resource)
            ]
            for each in self.memberships
        }


@dataclass(frozen=True, slots=True)
class Notification:
    """A message for one target about one event.

    `subject_id` is the question whose messages are kept up to date: an invitation, a
    request, a succession, or a membership. `escalate_to` is the id of the person who is
    notified if the message cannot be delivered.
    """

    target: str
    message: str
    seq: int
    subject_id: str | None = None
    escalate_to: str | None = None
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class QueuedForChannel:
    """An event that a channel hears of later, with all else that it hears of a resource by then."""

    link: ChannelLink
    seq: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice, or another errand, on its way: claimed by one courier under a lease, after so many attempts.

    Its payload is None where it has none; `is_damaged` when what is stored there cannot be read.
    """

    id: int
    workspace: str
    target: str
    message: str
    seq: int | None
    about: str | None
    answerable: str | None
    payload: dict[str, Any] | None
    attempts: int
    lease: str
    problem: str | None = None
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class DueChannelDigest:
    """What waits to be told to a channel together: so many facts about a resource, or about what stands in it.

    `person` linked the channel.
    """

    channel: str
    resource: str
    person: str
    many: int


@dataclass(frozen=True, slots=True)
class QueuedForPerson:
    """A notice that waits for a person's digest, by the number of its fact; they hear of it at `due`."""

    person: str
    seq: int
    message: str
    due: datetime


ItemKey = tuple[str, str]  # the kind of due work and the id of the item


LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DueFailure:
    """An item of due work that raised, and when it is tried again; `error_id` is the id of its line in the log."""

    workspace: str
    kind: str
    item: str
    attempts: int
    retry_at: datetime
    error_id: str

    @property
    def key(self) -> ItemKey:
        """The kind and the item."""
        return self.kind, self.item

    def is_paused(self, at: datetime) -> bool:
        """Whether the item waits; a pause longer than the longest means that the clock was set back, and is over."""
        return at < self.retry_at <= at + LONGEST_PAUSE

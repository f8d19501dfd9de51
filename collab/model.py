"""Entities and value objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, NewType

# Ids: text or a number at runtime, told apart by the type checker.
WorkspaceId = NewType("WorkspaceId", str)  # as the chat platform calls it
PersonId = NewType("PersonId", str)
ResourceId = NewType("ResourceId", str)  # of any type: teams and payment methods too
InvitationId = NewType("InvitationId", str)
AccessRequestId = NewType("AccessRequestId", str)
SuccessionId = NewType("SuccessionId", str)
InvoiceId = NewType("InvoiceId", str)
ChannelId = NewType("ChannelId", str)  # of the chat platform
DeliveryId = NewType("DeliveryId", int)  # an entry of the outbox

InviteeId = PersonId | ResourceId  # who is invited: a person, or a team


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tenant: no data is shared between workspaces."""

    id: WorkspaceId
    title: str
    bot: str
    settings: Mapping[str, str] = field(default_factory=dict)
    organisation: str | None = None
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chat platform: the team it belongs to and its id there."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address; case makes no difference, nor does the `name` of its owner."""

    email: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Person:
    """A human being; `title` is empty until the profile was read, or is the name that
    was given with the address of somebody without an account.

    `admin`: is an admin of the workspace itself. At `lapses` the memberships of a
    deactivated person end for good. `notices` is the preference for notifications that
    need no answer. `merged_into` is the id of the person that replaces a duplicate.
    `external`: is of another workspace, whose name is `company` if it is known.
    `mail_stopped` is why their address gets no more mails: bounced or complained.
    `reach` is how they want to be told what needs no answer: slack, mail or both.
    """

    id: PersonId
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
    merged_into: PersonId | None
    admin: bool = False
    lapses: datetime | None = None
    notices: str = "direct"
    company: str | None = None
    mail_stopped: str | None = None
    reach: str = "slack"
    external: bool = False

    @property
    def is_outsider(self) -> bool:
        """Whether the person is a guest of the workspace or of another one."""
        return self.guest or self.external


# Stands for the actor of due work, and for a person who cannot be found.
NOBODY = Person(
    PersonId(""), None, None, None, "", "UTC", None, False, False, True, True, None
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a command or query, in which workspace, and from where.

    `idempotency_key` identifies the request: a repeated one is executed once. `person`
    is the id of somebody without an account who proved that they have an address.
    Neither `account` nor `person`: the system itself, such as due work.
    """

    workspace: WorkspaceId
    account: Account | None
    origin: str
    idempotency_key: str | None = None
    person: PersonId | None = None

    @property
    def is_system(self) -> bool:
        """Whether no person acts."""
        return self.account is None and self.person is None


@dataclass(frozen=True, slots=True)
class Resource:
    """Something on which people have roles: a company, a project, an app, …

    `parent` is the id of its container, `payer` of its payment method, `about` its
    description. `gone`: deleted. `retired`: deleted, but its invoices stay readable.
    """

    id: ResourceId
    kind: str
    slug: str
    title: str
    parent: ResourceId | None = None
    payer: ResourceId | None = None
    about: str | None = None
    disabled: bool = False
    gone: bool = False
    retired: bool = False
    paid_since: datetime | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A direct role of a person on a resource; `until` is None without an end."""

    resource: ResourceId
    person: PersonId
    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TeamShare:
    """A role of a team on a resource.

    `assigned` are the ids of the members to whom the resource is assigned.
    """

    team: ResourceId
    resource: ResourceId
    role: str
    assigned: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class Term:
    """The length of a membership: `lasts`, or `until`, or without an end."""

    lasts: timedelta | None = None
    until: datetime | None = None

    def compute_end(self, start: datetime) -> datetime | None:
        """Return the end of a membership with that start; None without an end."""
        return start + self.lasts if self.lasts is not None else self.until


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation of a person or a team, to one resource or to several.

    `purpose`: to join in a role, to pay (`role` is then what the inviter stays as, if
    anything), or to own. `also` are the ids of further resources. `asked` are the ids
    of those members of a team who were notified. `sent` is when it was last sent, `due`
    when its next reminder or its expiry is due, `marks` the number of reminders sent.
    `answered` is when it ended, `answered_by` by whom: None when it expired.

    Of a handover, `role` is what the inviter stays as, if anything, `pays` are the ids
    of those resources that the invited person pays for then, and `starts` is when it is
    done, None for at once. `agreed` is when the invited person said yes to a later
    day, `payer` the payment method that they chose.

    `undelivered` is why the last mail did not arrive, as far as that is known.
    """

    id: InvitationId
    resource: ResourceId
    also: tuple[ResourceId, ...]
    person: PersonId | None
    team: ResourceId | None
    asked: tuple[PersonId, ...]
    purpose: str
    inviter: PersonId
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
    answered_by: PersonId | None
    starts: datetime | None = None
    pays: tuple[ResourceId, ...] = ()
    agreed: datetime | None = None
    payer: ResourceId | None = None
    undelivered: str | None = None

    @property
    def term(self) -> Term:
        """How long the membership will last."""
        return Term(self.lasts, self.until)

    @property
    def resources(self) -> tuple[ResourceId, ...]:
        """The ids of all its resources."""
        return (self.resource, *self.also)

    @property
    def invitee(self) -> InviteeId:
        """The id of the person or the team that is invited."""
        return self.person or self.team or NOBODY.id


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A person's request for a role.

    `asked` are the ids of those who were notified; `answered_by` is None if it expired.
    `state` is pending, granted, declined or why it ended; see RequestEnded.
    """

    id: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str
    note: str | None
    asked: tuple[PersonId, ...]
    state: str
    sent: datetime
    expires: datetime
    answered: datetime | None
    answered_by: PersonId | None


@dataclass(frozen=True, slots=True)
class Succession:
    """An open choice of who takes over a role on a resource from a deactivated person.

    `asked` are the ids of those who were notified; `support` maps each one's id to the
    id of the person whom they choose.
    """

    id: SuccessionId
    resource: ResourceId
    person: PersonId
    role: str
    asked: tuple[PersonId, ...]
    state: str
    chosen: PersonId | None
    support: Mapping[PersonId, PersonId] = field(default_factory=dict)


class Frequency(StrEnum):
    """When a channel gets messages about a resource: each at once, or in digests."""

    IMMEDIATE = "each"
    DAILY = "daily"
    WEEKLY = "weekly"


class NotificationPreference(StrEnum):
    """When a person gets messages that they need not act on: at once, daily or never."""

    IMMEDIATE = "direct"
    DAILY = "digest"
    ESSENTIAL_ONLY = "needed"


DEFAULT_HOUR = 9  # of the day, in the time zone of the person who linked the channel


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel's subscription to a resource.

    `person` is the id of who linked it, and who is notified when it cannot be reached.
    `rhythm`: each event at once, or a digest at an `hour` of that person's day.
    """

    channel: ChannelId
    resource: ResourceId
    groups: tuple[str, ...]
    person: PersonId
    rhythm: str = Frequency.IMMEDIATE
    hour: int = DEFAULT_HOUR


@dataclass(frozen=True, slots=True)
class StaleKey:
    """A person who lost access to the code of a resource, whose keys they may know.

    `owner` is the id of who is to rotate the keys until `due`, None for nobody.
    """

    person: PersonId
    since: datetime
    owner: PersonId | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """Where the bills of a payment method go, and its reference in another system."""

    address: str | None = None
    email: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice of a payment method; `file` is its content's hash, `size` in bytes."""

    id: InvoiceId
    resource: ResourceId
    number: str
    day: date
    amount: Decimal
    currency: str
    file: str
    size: int


class NotificationTopic(NamedTuple):
    """An event that a message is about, and the question whose messages are kept up to
    date: an invitation, a request, a succession, or a membership.
    """

    seq: int | None
    subject_id: str | None


@dataclass(frozen=True, slots=True)
class Notification:
    """A message for one target about one event, or about several of one transaction.

    `seq` and `subject_id` are its first topic, `more` the others. `escalate_to` is the
    id of the person who is notified if the message cannot be delivered.
    """

    target: str
    message: str
    seq: int
    subject_id: str | None = None
    escalate_to: PersonId | None = None
    payload: Mapping[str, Any] | None = None
    more: tuple[NotificationTopic, ...] = ()

    @property
    def topics(self) -> tuple[NotificationTopic, ...]:
        """Everything that the message is about."""
        return (NotificationTopic(self.seq, self.subject_id), *self.more)


@dataclass(frozen=True, slots=True)
class DigestItem:
    """A message about an event that a target gets in a digest, at `due`.

    For a channel, `resource_id` is what it is linked to, and `escalate_to` is notified
    if it cannot be reached.
    """

    recipient: str
    seq: int
    message: str
    due: datetime
    resource_id: ResourceId | None = None
    escalate_to: PersonId | None = None


@dataclass(frozen=True, slots=True)
class DueDigest:
    """Items of one recipient that are due together; `last_seq` is that of the last."""

    recipient: str
    item_count: int
    last_seq: int
    resource_id: ResourceId | None
    escalate_to: PersonId | None


@dataclass(frozen=True, slots=True)
class MailProgress:
    """How far the last mail about an invitation came: queued, delayed, sent or failed.

    `next_at` is when a delayed one is tried again.
    """

    state: str
    next_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry of the outbox, claimed by one worker under a lease.

    `subject_id`, `escalate_to` and `more` are those of the notification. `attempts`
    counts the earlier ones. `is_damaged`: the stored payload cannot be read.
    """

    id: DeliveryId
    workspace: WorkspaceId
    target: str
    message: str
    seq: int | None
    subject_id: str | None
    escalate_to: PersonId | None
    payload: dict[str, Any] | None
    attempts: int
    lease: str
    problem: str | None = None
    is_damaged: bool = False
    more: tuple[NotificationTopic, ...] = ()

    @property
    def topics(self) -> tuple[NotificationTopic, ...]:
        """Everything that the message is about."""
        return (NotificationTopic(self.seq, self.subject_id), *self.more)

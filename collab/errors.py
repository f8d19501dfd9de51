"""Why not: refusals as data. The words stand in templates/refusals/, one file per name below.

Refused
├── Malformed                      what was typed or sent cannot be taken
│   ├── BadName                    a name is empty, too long or not text
│   ├── TooLong                    a note or a reason is longer than it may be
│   ├── BadDuration                a length of time outside what is allowed
│   ├── UnknownGroup               no such group of events
│   ├── UnknownRhythm  BadHour     when a channel is to hear of it
│   ├── NotTogether                several things at once of a kind that is offered alone
│   ├── TooManyTogether            more things at once than one offer holds
│   ├── BadSetting                 a value that a setting cannot take
│   ├── CardNumber                 what looks like a card number is kept nowhere
│   ├── BadAddress  BadAmount  BadDay
│   └── DoesNotStandIn  NotPaidFor  DoesNotPay  NotShared  NotHandedOver    the table does not know it of that kind
├── Unknown                        there is no such thing, or the asker may not know of it
│   ├── UnknownResource
│   ├── UnknownRole
│   ├── UnknownKind
│   ├── UnknownCapability
│   ├── UnknownInvitation  UnknownRequest
│   ├── UnknownEvent  UnknownSetting  UnknownPlan  UnknownInvoice
│   └── UnknownWorkspace
├── NotAllowed                     the rules say no
│   ├── MayNot  MayNotGrant  MayNotRemove  MayNotEdit  MayNotManage
│   ├── IsDisabled                 the role would let one, but the thing is disabled
│   ├── MayNotCreate               a role lets one create some kinds of things inside, but not this one
│   ├── NotYours                   an invitation addressed to somebody else
│   ├── ForeignActor               somebody of another workspace
│   ├── GuestActor                 a guest of the workspace
│   ├── InactiveActor              a deactivated account
│   ├── NotWorkspaceAdmin          somebody who does not look after the workspace
│   ├── Reserved                   a kind that they alone create
│   ├── NotAsked                   somebody who does not choose who follows
│   ├── ToYourself                 an invitation to, or removal of, oneself
│   └── NotAPerson                 an invitation to a bot or a deactivated account
└── Conflict                       it was possible once, or is not yet
    ├── AlreadyHolds  NotAMember  HeldThrough
    ├── AlreadyAnswered  InvitationExpired  InviterLostRight  DeclinedRecently  NothingPending
    ├── LastHolder                 somebody must keep that role
    ├── AlreadyLinked  NotLinked  ChannelNotLinked
    ├── NotAChannel  AppNotInChannel  PersonNotInChannel  ChannelNotChecked
    ├── TypeItsName  NothingFollows
    ├── TooManyToday               a person's invitations of a day
    ├── HasNoEnd  EndsLater        a membership that cannot be extended so
    ├── NothingToUndo  TooLateToUndo  AlreadyUndone
    ├── AlreadyAsked  NobodyGrants  RequestAnswered
    ├── NobodyMissing              nobody needs to follow there
    ├── NothingToRotate  NothingToEdit  NothingToSend
    ├── StandsInSomething          what is in something is handed over with that
    ├── PayerStays                 what is disabled keeps what pays for it
    ├── Retired                    a payment method that pays for nothing more
    ├── BeyondPlan                 more people than a company's plan has room for
    ├── KnownInvoice               a number that a payment method has already
    ├── AlreadyShared  NotSharedWith  AlreadyAssigned  NotAssigned
    └── ProfileUnread              the person's profile is still being read
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from collab.model import Account, Address


@dataclass(unsafe_hash=True)
class Rejected(Exception):
    """The act was refused and nothing was changed; the fields say what the words need."""

    name: ClassVar[str] = "refused"

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Malformed(Rejected):
    """What was typed or sent cannot be taken."""


class Unknown(Rejected):
    """There is no such thing, or the asker may not know of it."""


class NotAllowed(Rejected):
    """The rules say no."""


class Conflict(Rejected):
    """It was possible once, or is not yet."""


@dataclass(unsafe_hash=True)
class BadName(Malformed):
    typed: str
    length: int
    limit: int


@dataclass(unsafe_hash=True)
class TooLong(Malformed):
    what: str
    length: int
    limit: int


@dataclass(unsafe_hash=True)
class BadDuration(Malformed):
    given: timedelta
    least: timedelta
    most: timedelta


@dataclass(unsafe_hash=True)
class UnknownGroup(Malformed):
    typed: str
    groups: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownRhythm(Malformed):
    typed: str
    rhythms: tuple[str, ...]


@dataclass(unsafe_hash=True)
class BadHour(Malformed):
    hour: int


@dataclass(unsafe_hash=True)
class UnknownResource(Unknown):
    typed: str
    nearest: str | None = None


@dataclass(unsafe_hash=True)
class UnknownRole(Unknown):
    typed: str
    kind: str
    roles: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownKind(Unknown):
    typed: str
    kinds: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownInvitation(Unknown):
    pass


@dataclass(unsafe_hash=True)
class UnknownWorkspace(Unknown):
    workspace: str


@dataclass(unsafe_hash=True)
class MayNotGrant(NotAllowed):
    role: str
    title: str
    grants: tuple[str, ...]


@dataclass(unsafe_hash=True)
class MayNotRemove(NotAllowed):
    """`role` is empty where the actor may remove nobody; `is_final` where nobody may end that role for another.

    `may_hand_over` where only one may hold the role and the actor may give it to another. `slug` is for what to type.
    """

    person: str
    role: str
    title: str
    slug: str = ""
    is_final: bool = False
    may_hand_over: bool = False


@dataclass(unsafe_hash=True)
class IsDisabled(NotAllowed):
    """`enables` is the slug of what the actor may enable to end that; empty where they may not."""

    title: str
    enables: str = ""


@dataclass(unsafe_hash=True)
class MayNotEdit(NotAllowed):
    title: str


@dataclass(unsafe_hash=True)
class MayNotManage(NotAllowed):
    pass


@dataclass(unsafe_hash=True)
class NotYours(NotAllowed):
    pass


@dataclass(unsafe_hash=True)
class ForeignActor(NotAllowed):
    pass


@dataclass(unsafe_hash=True)
class GuestActor(NotAllowed):
    pass


@dataclass(unsafe_hash=True)
class InactiveActor(NotAllowed):
    pass


@dataclass(unsafe_hash=True)
class ToYourself(NotAllowed):
    act: str


@dataclass(unsafe_hash=True)
class NotAPerson(NotAllowed):
    person: str
    reason: str


@dataclass(unsafe_hash=True)
class AlreadyHolds(Conflict):
    person: str
    role: str
    title: str


@dataclass(unsafe_hash=True)
class NotAMember(Conflict):
    person: str
    title: str


@dataclass(unsafe_hash=True)
class HeldThrough(Conflict):
    """Somebody holds the role by another one, on `source`; its title is empty where the actor may not view it.

    `can_end` when the actor can end that one, `can_unshare` when they can end the team's role instead.
    """

    person: str
    role: str
    title: str
    slug: str
    source_role: str
    source_kind: str
    source: str
    source_slug: str
    can_end: bool
    can_unshare: bool = False


@dataclass(unsafe_hash=True)
class AlreadyAnswered(Conflict):
    invitation: str
    state: str


@dataclass(unsafe_hash=True)
class InvitationExpired(Conflict):
    invitation: str
    expired: datetime


@dataclass(unsafe_hash=True)
class InviterLostRight(Conflict):
    inviter: str
    title: str


@dataclass(unsafe_hash=True)
class DeclinedRecently(Conflict):
    person: str
    title: str
    again: datetime
    team: str | None = None


@dataclass(unsafe_hash=True)
class NothingPending(Conflict):
    title: str | None
    person: str | Account | Address | None = None


@dataclass(unsafe_hash=True)
class LastHolder(Conflict):
    """`way` is what the actor can do first: invite, transfer or enable; empty when they can do nothing."""

    role: str
    title: str
    slug: str
    only_one: bool = False
    way: str = "invite"


@dataclass(unsafe_hash=True)
class AlreadyLinked(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class NotLinked(Conflict):
    title: str | None


@dataclass(unsafe_hash=True)
class ChannelNotLinked(Conflict):
    """The channel is linked to nothing, or to several things; `titles` and `more` are those that the actor may unlink.

    `slug` is the short name of the first one; `is_linked` is true where the actor may view any.
    """

    titles: tuple[str, ...] = ()
    more: int = 0
    slug: str = ""
    is_linked: bool = False


@dataclass(unsafe_hash=True)
class NotAChannel(Conflict):
    pass


@dataclass(unsafe_hash=True)
class AppNotInChannel(Conflict):
    channel_title: str | None


@dataclass(unsafe_hash=True)
class PersonNotInChannel(Conflict):
    channel_title: str | None


@dataclass(unsafe_hash=True)
class ChannelNotChecked(Conflict):
    pass


@dataclass(unsafe_hash=True)
class ProfileUnread(Conflict):
    pass


@dataclass(unsafe_hash=True)
class MayNot(NotAllowed):
    """`disabled` when that is the only reason, and `enables` then the slug of what the actor may enable.

    `is_closed` when no role of the actor's would give the capability, and nobody has it while the thing is disabled.
    """

    capability: str
    title: str
    disabled: bool = False
    enables: str = ""
    is_closed: bool = False


@dataclass(unsafe_hash=True)
class MayNotCreate(NotAllowed):
    kind: str
    title: str


@dataclass(unsafe_hash=True)
class PayerStays(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class DoesNotStandIn(Malformed):
    kind: str
    parent_kind: str
    title: str
    stands_in: tuple[str, ...]


@dataclass(unsafe_hash=True)
class TypeItsName(Conflict):
    title: str
    inside: int


@dataclass(unsafe_hash=True)
class NotPaidFor(Malformed):
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class DoesNotPay(Malformed):
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class UnknownCapability(Unknown):
    typed: str
    capabilities: tuple[str, ...]


@dataclass(unsafe_hash=True)
class NotShared(Malformed):
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class AlreadyShared(Conflict):
    team: str
    role: str
    title: str


@dataclass(unsafe_hash=True)
class NotSharedWith(Conflict):
    team: str
    title: str


@dataclass(unsafe_hash=True)
class AlreadyAssigned(Conflict):
    person: str
    title: str


@dataclass(unsafe_hash=True)
class NothingFollows(Conflict):
    person: str
    role: str
    title: str


@dataclass(unsafe_hash=True)
class NotAssigned(Conflict):
    person: str
    title: str
    team: str


@dataclass(unsafe_hash=True)
class NotTogether(Malformed):
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class TooManyTogether(Malformed):
    many: int
    limit: int


@dataclass(unsafe_hash=True)
class BadSetting(Malformed):
    setting: str
    example: str


@dataclass(unsafe_hash=True)
class NothingToSend(Conflict):
    pass


@dataclass(unsafe_hash=True)
class UnknownRequest(Unknown):
    pass


@dataclass(unsafe_hash=True)
class UnknownEvent(Unknown):
    typed: str
    sources: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownSetting(Unknown):
    typed: str
    settings: tuple[str, ...]


@dataclass(unsafe_hash=True)
class Reserved(NotAllowed):
    kind: str


@dataclass(unsafe_hash=True)
class NotWorkspaceAdmin(NotAllowed):
    pass


@dataclass(unsafe_hash=True)
class NotAsked(NotAllowed):
    title: str


@dataclass(unsafe_hash=True)
class TooManyToday(Conflict):
    limit: int
    again: datetime


@dataclass(unsafe_hash=True)
class HasNoEnd(Conflict):
    person: str
    role: str
    title: str


@dataclass(unsafe_hash=True)
class EndsLater(Conflict):
    person: str
    until: datetime
    title: str


@dataclass(unsafe_hash=True)
class NothingToUndo(Conflict):
    pass


@dataclass(unsafe_hash=True)
class TooLateToUndo(Conflict):
    done: datetime


@dataclass(unsafe_hash=True)
class AlreadyUndone(Conflict):
    person: str
    title: str


@dataclass(unsafe_hash=True)
class AlreadyAsked(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class NothingRequested(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class NobodyGrants(Conflict):
    role: str
    title: str


@dataclass(unsafe_hash=True)
class RequestAnswered(Conflict):
    request: str
    state: str


@dataclass(unsafe_hash=True)
class NobodyMissing(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class NothingToRotate(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class NothingToEdit(Conflict):
    pass


@dataclass(unsafe_hash=True)
class StandsInSomething(Conflict):
    title: str
    parent: str
    may_hand_over: bool = True


@dataclass(unsafe_hash=True)
class NotHandedOver(Malformed):
    title: str
    kind: str
    role: str
    slug: str


@dataclass(unsafe_hash=True)
class Retired(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class BeyondPlan(Conflict):
    title: str
    plan: str
    role: str
    limit: int
    now: int


@dataclass(unsafe_hash=True)
class PlanExceeded(Conflict):
    title: str
    plan: str
    exceeds: tuple[tuple[str, int, int], ...]


@dataclass(unsafe_hash=True)
class KnownInvoice(Conflict):
    number: str
    title: str


@dataclass(unsafe_hash=True)
class CardNumber(Malformed):
    pass


@dataclass(unsafe_hash=True)
class BadAddress(Malformed):
    typed: str


@dataclass(unsafe_hash=True)
class BadAmount(Malformed):
    typed: str
    currency: str
    digits: int | None


@dataclass(unsafe_hash=True)
class UnknownPlan(Unknown):
    typed: str
    plans: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownInvoice(Unknown):
    pass


@dataclass(unsafe_hash=True)
class ChooseMethod(Conflict):
    title: str


@dataclass(unsafe_hash=True)
class NoBilling(NotAllowed):
    title: str


@dataclass(unsafe_hash=True)
class NotOwner(NotAllowed):
    """`parent_kind` is the kind of what the thing stands in, where its owners may hand it over too."""

    role: str
    title: str
    parent_kind: str = ""


@dataclass(unsafe_hash=True)
class HasNoPlans(Malformed):
    title: str
    kind: str

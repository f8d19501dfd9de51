"""Rejections about invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from collab.errors.base import Conflict, Malformed, NotAllowed, Unknown
from collab.model import Account, Address, InvitationId, InviteeId, PersonId, ResourceId


@dataclass(unsafe_hash=True)
class UnknownInvitation(Unknown):
    """There is no such invitation, or the caller may not view it."""


@dataclass(unsafe_hash=True)
class NotYours(NotAllowed):
    """The invitation is for another person."""


@dataclass(unsafe_hash=True)
class BadDuration(Malformed):
    """A length of time is outside of what is allowed."""

    field: ClassVar[str] = "duration"
    given: timedelta
    least: timedelta
    most: timedelta


@dataclass(unsafe_hash=True)
class NotTogether(Malformed):
    """Resources of this kind are offered one at a time."""

    field: ClassVar[str] = "resource"
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class PowerForOutsider(Conflict):
    """Somebody from outside would get a role with power, which is confirmed first."""

    field: ClassVar[str] = "person"
    person: PersonId
    role: str
    resource: ResourceId
    title: str
    kind: str


@dataclass(unsafe_hash=True)
class AlreadyAnswered(Conflict):
    """The invitation is not pending any more; `state` is what it is instead.

    `person` agreed to it, if that was another person than the actor.
    """

    invitation: InvitationId
    state: str
    person: PersonId | None = None


@dataclass(unsafe_hash=True)
class InvitationExpired(Conflict):
    """The invitation has expired."""

    invitation: InvitationId
    expired: datetime


@dataclass(unsafe_hash=True)
class AlreadyAskedAgain(Conflict):
    """The invited person has already asked the inviter to send the invitation again."""

    inviter: PersonId


@dataclass(unsafe_hash=True)
class InviterLostRight(Conflict):
    """The inviter may not assign the offered role any more."""

    inviter: PersonId
    title: str


@dataclass(unsafe_hash=True)
class DeclinedRecently(Conflict):
    """The person or the team declined not long ago.

    `again` is when they may be invited again, `team` the title of the team.
    """

    person: InviteeId
    title: str
    again: datetime
    team: str | None = None


@dataclass(unsafe_hash=True)
class TooManyMails(Conflict):
    """The address got as many mails about invitations in a day as allowed.

    `again` is when the next one may be sent.
    """

    field: ClassVar[str] = "person"
    person: PersonId
    limit: int
    again: datetime


@dataclass(unsafe_hash=True)
class TooManyToday(Conflict):
    """The caller has sent as many invitations in a day as allowed.

    `again` is when the next one may be sent.
    """

    limit: int
    again: datetime


@dataclass(unsafe_hash=True)
class NothingPending(Conflict):
    """The person has no pending invitation."""

    title: str | None
    person: PersonId | Account | Address | None = None


@dataclass(unsafe_hash=True)
class NothingToEdit(Conflict):
    """The edit changes nothing of the invitation.

    `address` is the one that was entered, which is the present one.
    """

    address: str = ""

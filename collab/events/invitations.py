"""Events of invitations.

`resource` is the first of the offered resources, `also` are the others. `person` is the
invitee; None for a team until a person answers, whose members in `asked` got the
message. `due` is the next reminder or the expiry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from collab.events.base import Event
from collab.model import NOBODY, InvitationId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class InvitationSent(Event):
    """An invitation was sent to a person or a team."""

    name: ClassVar[str] = "invitation.sent"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    role: str
    lasts: timedelta | None
    until: datetime | None
    note: str | None
    expires: datetime
    due: datetime
    also: tuple[ResourceId, ...] = ()
    team: ResourceId | None = None
    asked: tuple[PersonId, ...] = ()
    purpose: str = "join"
    starts: datetime | None = None
    pays: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationResent(Event):
    """A pending invitation was sent again; its expiry and reminders start anew."""

    name: ClassVar[str] = "invitation.resent"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    expires: datetime
    due: datetime
    also: tuple[ResourceId, ...] = ()
    asked: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationEdited(Event):
    """The offer of a pending invitation was changed."""

    name: ClassVar[str] = "invitation.edited"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    role: str
    lasts: timedelta | None
    until: datetime | None
    before_role: str
    before_lasts: timedelta | None
    before_until: datetime | None
    expires: datetime
    due: datetime
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationReminded(Event):
    """A reminder was due and is on its way; all up to `mark` are done."""

    name: ClassVar[str] = "invitation.reminded"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    mark: int
    due: datetime
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationDeferred(Event):
    """The next reminder was moved: into working hours, out of a day with many
    mails, or by changed settings or another time zone.

    With a `mark`, no reminder up to it is sent any more.
    """

    name: ClassVar[str] = "invitation.deferred"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    due: datetime
    inviter: PersonId = NOBODY.id
    also: tuple[ResourceId, ...] = ()
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class InvitationSnoozed(Event):
    """The invitee wants no reminder before a time."""

    name: ClassVar[str] = "invitation.snoozed"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    until: datetime
    due: datetime
    inviter: PersonId = NOBODY.id
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationMuted(Event):
    """The invitee wants no more reminders of this invitation."""

    name: ClassVar[str] = "invitation.muted"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    due: datetime
    inviter: PersonId = NOBODY.id
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    """The invitee accepted."""

    name: ClassVar[str] = "invitation.accepted"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationDeclined(Event):
    """The invitee declined; only the inviter may read the reason."""

    name: ClassVar[str] = "invitation.declined"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    reason: str | None
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationRevoked(Event):
    """A pending invitation was revoked.

    `why`: a person revoked it, the inviter may not assign the role any more, what it is
    about has changed, or nobody can be reached.
    """

    name: ClassVar[str] = "invitation.revoked"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    role: str
    why: str
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationExpired(Event):
    """An invitation expired without an answer."""

    name: ClassVar[str] = "invitation.expired"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationAskedAgain(Event):
    """The invitee of an expired invitation asked its inviter to send it again."""

    name: ClassVar[str] = "invitation.asked_again"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationClaimed(Event):
    """Somebody opened the link of an invitation, but has an account with another address
    than the one that was invited: `claimant` asks its inviter for it.
    """

    name: ClassVar[str] = "invitation.claimed"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    claimant: PersonId
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationUndelivered(Event):
    """The mail about an invitation did not arrive, or not yet; `problem` says why."""

    name: ClassVar[str] = "invitation.undelivered"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    problem: str
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationSuperseded(Event):
    """A pending invitation was replaced by another one, `by`."""

    name: ClassVar[str] = "invitation.superseded"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    by: InvitationId
    also: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationReopened(Event):
    """An invitation is pending again, as the end that revoked it was undone."""

    name: ClassVar[str] = "invitation.reopened"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: InvitationId
    resource: ResourceId
    person: PersonId | None
    inviter: PersonId
    due: datetime
    also: tuple[ResourceId, ...] = ()

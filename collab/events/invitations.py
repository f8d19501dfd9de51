"""Facts about invitations.

`resource` is the first thing that an invitation is to, `also` are the others. `person` is the invited one; to a team
nobody is, until somebody of it answers, and those who are `asked` got the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from collab.events.base import Event


@dataclass(frozen=True, slots=True)
class InvitationSent(Event):
    """Somebody, or a team, was asked to take a role. `due` is when the next reminder, or else the expiry, is due."""

    name: ClassVar[str] = "invitation.sent"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    role: str
    lasts: timedelta | None
    until: datetime | None
    note: str | None
    expires: datetime
    due: datetime
    also: tuple[str, ...] = ()
    team: str | None = None
    asked: tuple[str, ...] = ()
    purpose: str = "join"


@dataclass(frozen=True, slots=True)
class InvitationResent(Event):
    """A pending invitation was sent again; its life and its reminders start anew."""

    name: ClassVar[str] = "invitation.resent"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    expires: datetime
    due: datetime
    also: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationEdited(Event):
    """What a pending invitation offers was changed."""

    name: ClassVar[str] = "invitation.edited"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    role: str
    lasts: timedelta | None
    until: datetime | None
    before_role: str
    before_lasts: timedelta | None
    before_until: datetime | None
    expires: datetime
    due: datetime
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationReminded(Event):
    """The invited person was reminded; every mark up to `mark` is done."""

    name: ClassVar[str] = "invitation.reminded"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    mark: int
    due: datetime
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationDeferred(Event):
    """The next reminder was moved into the invited person's working hours."""

    name: ClassVar[str] = "invitation.deferred"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    due: datetime
    inviter: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationSnoozed(Event):
    """The invited person asked for no reminder before a moment."""

    name: ClassVar[str] = "invitation.snoozed"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    until: datetime
    due: datetime
    inviter: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationMuted(Event):
    """The invited person asked for no more reminders of this invitation."""

    name: ClassVar[str] = "invitation.muted"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    due: datetime
    inviter: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    """The invited person said yes."""

    name: ClassVar[str] = "invitation.accepted"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationDeclined(Event):
    """The invited person said no; the reason is for the inviter alone."""

    name: ClassVar[str] = "invitation.declined"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    reason: str | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationRevoked(Event):
    """A pending invitation was taken back: asked for, or its inviter lost the right, or nobody can be reached."""

    name: ClassVar[str] = "invitation.revoked"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    role: str
    why: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationExpired(Event):
    """Nobody answered in time."""

    name: ClassVar[str] = "invitation.expired"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationSuperseded(Event):
    """Another invitation, with another role, took the place of a pending one."""

    name: ClassVar[str] = "invitation.superseded"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    by: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvitationReopened(Event):
    """An invitation that an end had taken along waits again, since the end was undone."""

    name: ClassVar[str] = "invitation.reopened"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "also")
    invitation: str
    resource: str
    person: str | None
    inviter: str
    due: datetime
    also: tuple[str, ...] = ()

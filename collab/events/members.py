"""Events of memberships.

`due` is when a limited membership is warned about or ends. `within` is the resource
whose end took this one along, `assigned` are the person's assignments in a team,
`rotate` the resources whose code they can no longer reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event
from collab.model import AccessRequestId, InvitationId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class MemberJoined(Event):
    """A person got a role on a resource.

    `within` is a deleted resource that gave the role before, if it is kept for
    invoices.
    """

    name: ClassVar[str] = "member.joined"
    resource: ResourceId
    person: PersonId
    role: str
    until: datetime | None
    invitation: InvitationId | None
    due: datetime | None = None
    request: AccessRequestId | None = None
    within: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class MemberRoleChanged(Event):
    """A member's role changed.

    `ends` if the new role is inherited, so that the membership is over.
    """

    name: ClassVar[str] = "member.role_changed"
    resource: ResourceId
    person: PersonId
    role: str
    until: datetime | None
    before: str
    before_until: datetime | None
    ends: bool = False
    due: datetime | None = None
    invitation: InvitationId | None = None
    request: AccessRequestId | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class MemberLeft(Event):
    """A member left, or a handover ended their role: then `handover` is its offer."""

    name: ClassVar[str] = "member.left"
    resource: ResourceId
    person: PersonId
    role: str
    within: ResourceId | None = None
    since: datetime | None = None
    until: datetime | None = None
    assigned: tuple[ResourceId, ...] = ()
    rotate: tuple[ResourceId, ...] = ()
    handover: InvitationId | None = None


@dataclass(frozen=True, slots=True)
class MemberRemoved(Event):
    """A member was removed by another person.

    `offboarding` is the id of the offboarding that it is a part of.
    """

    name: ClassVar[str] = "member.removed"
    resource: ResourceId
    person: PersonId
    role: str
    within: ResourceId | None = None
    since: datetime | None = None
    until: datetime | None = None
    assigned: tuple[ResourceId, ...] = ()
    rotate: tuple[ResourceId, ...] = ()
    offboarding: str | None = None


@dataclass(frozen=True, slots=True)
class MemberEnded(Event):
    """A membership ended by time (`why`: time, lapsed)."""

    name: ClassVar[str] = "member.ended"
    resource: ResourceId
    person: PersonId
    role: str
    why: str = "time"
    rotate: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRestored(Event):
    """A membership that had ended was restored.

    `undone` is the event of its end; the keys of the resources in `known` need not be
    rotated any more. `offboarding` is as in `MemberRemoved`. `handover` is the offer by
    which both sides took a handover back.
    """

    name: ClassVar[str] = "member.restored"
    resource: ResourceId
    person: PersonId
    role: str
    since: datetime
    until: datetime | None
    due: datetime | None
    undone: int
    within: ResourceId | None = None
    assigned: tuple[ResourceId, ...] = ()
    known: tuple[ResourceId, ...] = ()
    offboarding: str | None = None
    handover: InvitationId | None = None


@dataclass(frozen=True, slots=True)
class MemberWarned(Event):
    """A limited membership will end soon; `due` is the next warning or the end."""

    name: ClassVar[str] = "member.warned"
    resource: ResourceId
    person: PersonId
    role: str
    until: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class MemberExtended(Event):
    """A limited membership lasts longer, or without an end."""

    name: ClassVar[str] = "member.extended"
    resource: ResourceId
    person: PersonId
    role: str
    until: datetime | None
    before: datetime | None
    due: datetime | None

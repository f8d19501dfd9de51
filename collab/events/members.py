"""Facts about memberships.

`due` is when a membership for a limited time speaks up or ends. What an end took along has `within`, the resource that
the leave or removal was of; `assigned` are the things that were assigned to the person in a team; `rotate` are the
things whose code they could reach only so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event


@dataclass(frozen=True, slots=True)
class MemberJoined(Event):
    """Somebody holds a role on a resource from now on.

    `within` names the deleted resource from which the role followed before, where it is kept for its invoices.
    """

    name: ClassVar[str] = "member.joined"
    resource: str
    person: str
    role: str
    until: datetime | None
    invitation: str | None
    due: datetime | None = None
    request: str | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRoleChanged(Event):
    """A member's role became another one; `ends` when that one follows from others, and the membership is over."""

    name: ClassVar[str] = "member.role_changed"
    resource: str
    person: str
    role: str
    until: datetime | None
    before: str
    before_until: datetime | None
    ends: bool = False
    due: datetime | None = None
    invitation: str | None = None
    request: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class MemberLeft(Event):
    """A member left by their own choice; `within` names the resource whose leave or removal took this along."""

    name: ClassVar[str] = "member.left"
    resource: str
    person: str
    role: str
    within: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    assigned: tuple[str, ...] = ()
    rotate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRemoved(Event):
    """A member was removed by somebody else; `within` names the resource whose leave or removal took this along."""

    name: ClassVar[str] = "member.removed"
    resource: str
    person: str
    role: str
    within: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    assigned: tuple[str, ...] = ()
    rotate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberEnded(Event):
    """A membership came to its end by time: its own, or an account's that did not return (`why`: time, lapsed)."""

    name: ClassVar[str] = "member.ended"
    resource: str
    person: str
    role: str
    why: str = "time"
    rotate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRestored(Event):
    """What a leave or a removal had ended holds again, just as it was; `undone` is the event that took it.

    `known` are the things whose keys need not be rotated any more, as the person reaches them again.
    """

    name: ClassVar[str] = "member.restored"
    resource: str
    person: str
    role: str
    since: datetime
    until: datetime | None
    due: datetime | None
    undone: int
    within: str | None = None
    assigned: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberWarned(Event):
    """A membership for a limited time will end soon; `due` is when to speak again, or the end."""

    name: ClassVar[str] = "member.warned"
    resource: str
    person: str
    role: str
    until: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class MemberExtended(Event):
    """A membership for a limited time lasts longer, or for good."""

    name: ClassVar[str] = "member.extended"
    resource: str
    person: str
    role: str
    until: datetime | None
    before: datetime | None
    due: datetime | None

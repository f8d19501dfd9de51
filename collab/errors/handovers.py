"""Rejections about handovers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from collab.errors.base import Conflict, Malformed
from collab.model import PersonId


@dataclass(unsafe_hash=True)
class BadHandoverDay(Malformed):
    """The day of a handover is not one of the next days (UTC)."""

    field: ClassVar[str] = "day"
    first: date
    last: date


@dataclass(unsafe_hash=True)
class BadKeptRole(Malformed):
    """The former owner cannot stay in this role; `roles` are those they can stay in."""

    field: ClassVar[str] = "role"
    role: str
    roles: tuple[str, ...]


@dataclass(unsafe_hash=True)
class NobodyHereManages(Conflict):
    """The person is of another workspace, and nobody of this one could manage the
    resource after the handover.
    """

    field: ClassVar[str] = "role"
    title: str
    person: PersonId


@dataclass(unsafe_hash=True)
class HandoverOpen(Conflict):
    """The inviter is handing the resource over to a person; `agreed`: they said yes."""

    title: str
    person: PersonId
    agreed: bool
    inviter: PersonId


@dataclass(unsafe_hash=True)
class TooLateToTakeBack(Conflict):
    """A handover is taken back within days only; `done` is when it was done."""

    done: datetime


@dataclass(unsafe_hash=True)
class NotAsHandedOver(Conflict):
    """Something has changed since the handover, so that it cannot be taken back."""

    title: str


@dataclass(unsafe_hash=True)
class NothingToTakeBack(Conflict):
    """There is no handover of the caller to take back, or it was taken back."""


@dataclass(unsafe_hash=True)
class TakeBackOffered(Conflict):
    """The other side already asks the caller to take the handover back."""

    person: PersonId

"""Facts about access requests and successions: questions to those who hold roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event


@dataclass(frozen=True, slots=True)
class RequestSent(Event):
    """Somebody asked for a role; those who may grant it were asked (`asked`)."""

    name: ClassVar[str] = "request.sent"
    request: str
    resource: str
    person: str
    role: str
    note: str | None
    expires: datetime
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestGranted(Event):
    """Somebody who may grant the role said yes."""

    name: ClassVar[str] = "request.granted"
    request: str
    resource: str
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class RequestDeclined(Event):
    """Somebody who may grant the role said no; the reason is for the asker alone."""

    name: ClassVar[str] = "request.declined"
    request: str
    resource: str
    person: str
    role: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RequestEnded(Event):
    """Nobody answers any more, and `why`.

    time: nobody answered in time; asker: the asker's account was deactivated; gone: the resource was deleted;
    held: the asker holds the role by now; left: the asker left, was removed, or their role there ended;
    unseen: the asker may no longer view the resource; withdrawn: the asker took it back.
    """

    name: ClassVar[str] = "request.ended"
    request: str
    resource: str
    person: str
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class SuccessionOpened(Event):
    """The last who had to hold a role was deactivated; those next to it (`asked`) choose who follows."""

    name: ClassVar[str] = "succession.opened"
    succession: str
    resource: str
    person: str
    role: str
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuccessionSupported(Event):
    """One of those who choose is for somebody; it takes all of them."""

    name: ClassVar[str] = "succession.supported"
    succession: str
    resource: str
    person: str
    elector: str


@dataclass(frozen=True, slots=True)
class SuccessionSettled(Event):
    """Somebody follows."""

    name: ClassVar[str] = "succession.settled"
    succession: str
    resource: str
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class SuccessionClosed(Event):
    """Nobody needs to be chosen any more (`why`): somebody holds the role again, it is gone, or others are asked.

    The words: held, gone, asked_anew.
    """

    name: ClassVar[str] = "succession.closed"
    succession: str
    resource: str
    why: str

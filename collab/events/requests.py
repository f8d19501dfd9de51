"""Events of access requests and successions.

`asked` are the people who got the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event
from collab.model import AccessRequestId, PersonId, ResourceId, SuccessionId


@dataclass(frozen=True, slots=True)
class RequestSent(Event):
    """A person requested a role from those who may assign it."""

    name: ClassVar[str] = "request.sent"
    request: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str
    note: str | None
    expires: datetime
    asked: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestGranted(Event):
    """A person who may assign the role granted the request."""

    name: ClassVar[str] = "request.granted"
    request: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str


@dataclass(frozen=True, slots=True)
class RequestDeclined(Event):
    """The request was declined; only the requester may read the reason."""

    name: ClassVar[str] = "request.declined"
    request: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RequestEnded(Event):
    """A request ended without an answer.

    `why` is time: it expired; asker: the requester's account was deactivated; gone: the
    resource was deleted; held: the requester has the role; left: their role ended;
    unseen: they may no longer view the resource; withdrawn: they withdrew it.
    """

    name: ClassVar[str] = "request.ended"
    request: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class RequestReopened(Event):
    """A request that had ended with a role is open again: that end was undone."""

    name: ClassVar[str] = "request.reopened"
    request: AccessRequestId
    resource: ResourceId
    person: PersonId
    role: str


@dataclass(frozen=True, slots=True)
class SuccessionOpened(Event):
    """The last person with a required role was deactivated.

    Those with the next role choose a successor.
    """

    name: ClassVar[str] = "succession.opened"
    succession: SuccessionId
    resource: ResourceId
    person: PersonId
    role: str
    asked: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class SuccessionSupported(Event):
    """An elector supports a candidate; all electors must support one."""

    name: ClassVar[str] = "succession.supported"
    succession: SuccessionId
    resource: ResourceId
    person: PersonId
    elector: PersonId


@dataclass(frozen=True, slots=True)
class SuccessionSettled(Event):
    """A successor got the role."""

    name: ClassVar[str] = "succession.settled"
    succession: SuccessionId
    resource: ResourceId
    person: PersonId
    role: str


@dataclass(frozen=True, slots=True)
class SuccessionClosed(Event):
    """No successor is needed any more.

    `why` is held: the person has the role; gone: the resource was deleted; asked_anew:
    other electors are asked.
    """

    name: ClassVar[str] = "succession.closed"
    succession: SuccessionId
    resource: ResourceId
    why: str

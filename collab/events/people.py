"""Facts about the workspace and its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event


@dataclass(frozen=True, slots=True)
class WorkspaceInstalled(Event):
    """A workspace installed the app; `organisation` is the one that it belongs to, if any."""

    name: ClassVar[str] = "workspace.installed"
    title: str
    bot: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceUninstalled(Event):
    """The workspace took the app away; what is stored waits for its return."""

    name: ClassVar[str] = "workspace.uninstalled"


@dataclass(frozen=True, slots=True)
class WorkspaceSet(Event):
    """A setting of the workspace has another value; none is the installation's own. `settings` are all, as JSON."""

    name: ClassVar[str] = "workspace.set"
    setting: str
    value: str | None
    before: str | None
    settings: str


@dataclass(frozen=True, slots=True)
class PersonRecognised(Event):
    """Somebody acted, or was invited, for the first time; known by an account or an address."""

    name: ClassVar[str] = "person.recognised"
    person: str
    team: str | None
    user: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class PersonProfiled(Event):
    """What the chat platform says of a person was read, or has changed.

    `admin` looks after the workspace itself; at `lapses` the roles of a deactivated account end for good.
    """

    name: ClassVar[str] = "person.profiled"
    person: str
    team: str
    title: str
    email: str | None
    tz: str
    locale: str | None
    bot: bool
    guest: bool
    active: bool
    admin: bool = False
    lapses: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonSet(Event):
    """Somebody chose otherwise for themselves; `notices` is how they hear of what does not need them."""

    name: ClassVar[str] = "person.set"
    person: str
    setting: str
    value: str
    before: str


@dataclass(frozen=True, slots=True)
class NoticeRetried(Event):
    """A message that could not be delivered is tried again; it is known by its number in the outbox."""

    name: ClassVar[str] = "notice.retried"
    delivery: int
    target: str
    message: str


@dataclass(frozen=True, slots=True)
class PersonMerged(Event):
    """Two records turned out to be of one person, by their account or their address; the first becomes the second.

    Where both hold a role, the first one's is kept on the resources in `keeps`, the second one's elsewhere.
    """

    name: ClassVar[str] = "person.merged"
    person: str
    into: str
    keeps: tuple[str, ...] = ()

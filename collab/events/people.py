"""Events of the workspace and its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event
from collab.model import DeliveryId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class WorkspaceInstalled(Event):
    """The app was installed; `organisation` is the one of the workspace, if any."""

    name: ClassVar[str] = "workspace.installed"
    title: str
    bot: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceUninstalled(Event):
    """The app was removed; the data stays until it is installed again."""

    name: ClassVar[str] = "workspace.uninstalled"


@dataclass(frozen=True, slots=True)
class WorkspaceDisabled(Event):
    """The operator switched the app off in the workspace."""

    name: ClassVar[str] = "workspace.disabled"


@dataclass(frozen=True, slots=True)
class WorkspaceEnabled(Event):
    """The operator switched the app on again."""

    name: ClassVar[str] = "workspace.enabled"


@dataclass(frozen=True, slots=True)
class WorkspaceSet(Event):
    """A setting of the workspace was changed.

    Without a `value` the default of the installation applies. `settings` are all
    settings, as JSON.
    """

    name: ClassVar[str] = "workspace.set"
    setting: str
    value: str | None
    before: str | None
    settings: str


@dataclass(frozen=True, slots=True)
class PersonRecognised(Event):
    """A person acted or was invited for the first time; `title` is the name that was
    given with an address.
    """

    name: ClassVar[str] = "person.recognised"
    person: PersonId
    team: str | None
    user: str | None
    email: str | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class PersonProfiled(Event):
    """The profile of a person was read for the first time, or has changed.

    `admin`: administrates the workspace. At `lapses` the roles of a deactivated account
    end. `company` is the name of the other workspace that a person is of.
    """

    name: ClassVar[str] = "person.profiled"
    person: PersonId
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
    company: str | None = None


@dataclass(frozen=True, slots=True)
class MailStopped(Event):
    """A person's address gets no more mails: one bounced, or was called unwanted."""

    name: ClassVar[str] = "person.mail_stopped"
    resource_fields: ClassVar[tuple[str, ...]] = ()
    person: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class MailAllowed(Event):
    """A person's address gets mails again."""

    name: ClassVar[str] = "person.mail_allowed"
    resource_fields: ClassVar[tuple[str, ...]] = ()
    person: PersonId


@dataclass(frozen=True, slots=True)
class PersonReturned(Event):
    """The account of a person, deactivated at `since`, is active again.

    `is_late`: their roles had ended for good by then.
    """

    name: ClassVar[str] = "person.returned"
    person: PersonId
    since: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class PersonOffboarded(Event):
    """Somebody ended every role of a person that they may end.

    The removals that follow carry the id `offboarding`. It names no resource, as nobody
    else needs to see all of them.
    """

    name: ClassVar[str] = "person.offboarded"
    resource_fields: ClassVar[tuple[str, ...]] = ()
    person: PersonId
    offboarding: str


@dataclass(frozen=True, slots=True)
class PersonReinstated(Event):
    """An offboarding was undone; `offboarded` is the number of its event."""

    name: ClassVar[str] = "person.reinstated"
    resource_fields: ClassVar[tuple[str, ...]] = ()
    person: PersonId
    offboarded: int


@dataclass(frozen=True, slots=True)
class PersonSet(Event):
    """A person changed a setting of their own."""

    name: ClassVar[str] = "person.set"
    person: PersonId
    setting: str
    value: str
    before: str


@dataclass(frozen=True, slots=True)
class PersonErased(Event):
    """The names and addresses of a person were erased; their id stays.

    `records` are the records that were merged into theirs. Earlier events lose the names
    and addresses, too.
    """

    name: ClassVar[str] = "person.erased"
    person: PersonId
    records: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeRetried(Event):
    """A failed delivery is tried again; `delivery` is its id in the outbox."""

    name: ClassVar[str] = "notice.retried"
    delivery: DeliveryId
    target: str
    message: str


@dataclass(frozen=True, slots=True)
class PersonMerged(Event):
    """Two records of one person were merged: the first into the second.

    Where both have a role, the role of the first is kept on the resources in `keeps`,
    and the role of the second elsewhere. `moved` is what the first one had, as
    MovedRecords encodes it, if the person asked for the merge and can take it back.
    """

    name: ClassVar[str] = "person.merged"
    person: PersonId
    into: PersonId
    keeps: tuple[ResourceId, ...] = ()
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class PersonMatched(Event):
    """A person with an account has the verified address by which `other` is known, and
    is asked whether that is them.
    """

    name: ClassVar[str] = "person.matched"
    person: PersonId
    other: PersonId


@dataclass(frozen=True, slots=True)
class PersonMatchRejected(Event):
    """A person said that `other`, known by their address, is somebody else."""

    name: ClassVar[str] = "person.match_rejected"
    person: PersonId
    other: PersonId


@dataclass(frozen=True, slots=True)
class PersonSeparated(Event):
    """A merge was taken back: `person` is a record of its own again.

    `moved` is what passes back to it from `into`, as MovedRecords encodes it.
    """

    name: ClassVar[str] = "person.separated"
    person: PersonId
    into: PersonId
    moved: str

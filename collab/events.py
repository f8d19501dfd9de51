"""What can happen: one frozen dataclass per fact, named source.fact; its docstring is the manual.

Replaying a workspace's events from nothing gives its present state. Where a name starts with an asterisk the kind of
the resource stands there: a company's creation is `company.created`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, get_type_hints


@dataclass(frozen=True, slots=True)
class Event:
    """A fact that happened; never changed."""

    name: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its envelope: who, when, and by which door it came in."""

    workspace: str
    seq: int
    at: datetime
    actor: str | None
    door: str
    event: Event


@dataclass(frozen=True, slots=True)
class WorkspaceInstalled(Event):
    """A workspace installed the app."""

    name: ClassVar[str] = "workspace.installed"
    title: str
    bot: str


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
    """What the chat platform says of a person was read, or has changed."""

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


@dataclass(frozen=True, slots=True)
class PersonMerged(Event):
    """Somebody known by an address turned out to be somebody known by an account: the two are one."""

    name: ClassVar[str] = "person.merged"
    person: str
    into: str


@dataclass(frozen=True, slots=True)
class ResourceCreated(Event):
    """A resource of some kind came to be."""

    name: ClassVar[str] = "*.created"
    kind: str
    resource: str
    slug: str
    title: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceRenamed(Event):
    """A resource got another name; its slug stays."""

    name: ClassVar[str] = "resource.renamed"
    resource: str
    title: str
    before: str


@dataclass(frozen=True, slots=True)
class ResourceDescribed(Event):
    """A resource was described in other words."""

    name: ClassVar[str] = "resource.described"
    resource: str
    about: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class ResourceMoved(Event):
    """A resource stands in another one from now on, or in nothing."""

    name: ClassVar[str] = "resource.moved"
    resource: str
    parent: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class ResourceDisabled(Event):
    """A resource and everything in it answers every capability with no until it is enabled."""

    name: ClassVar[str] = "resource.disabled"
    resource: str


@dataclass(frozen=True, slots=True)
class ResourceEnabled(Event):
    """A disabled resource works again."""

    name: ClassVar[str] = "resource.enabled"
    resource: str


@dataclass(frozen=True, slots=True)
class ResourceDeleted(Event):
    """A resource is gone, with all roles on it; its record stays. `people` are those who lost something by it."""

    name: ClassVar[str] = "resource.deleted"
    resource: str
    title: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PayerChanged(Event):
    """Something else, or nothing, pays for a resource from now on."""

    name: ClassVar[str] = "billing.changed"
    resource: str
    payer: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class InvitationSent(Event):
    """Somebody was asked to take a role. `due` is when the next reminder, or else the expiry, is due."""

    name: ClassVar[str] = "invitation.sent"
    invitation: str
    resource: str
    person: str
    inviter: str
    role: str
    lasts: timedelta | None
    until: datetime | None
    note: str | None
    expires: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationResent(Event):
    """A pending invitation was sent again; its life and its reminders start anew."""

    name: ClassVar[str] = "invitation.resent"
    invitation: str
    resource: str
    person: str
    inviter: str
    expires: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationEdited(Event):
    """What a pending invitation offers was changed."""

    name: ClassVar[str] = "invitation.edited"
    invitation: str
    resource: str
    person: str
    inviter: str
    role: str
    lasts: timedelta | None
    until: datetime | None
    before_role: str
    before_lasts: timedelta | None
    before_until: datetime | None
    expires: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationReminded(Event):
    """The invited person was reminded; every mark up to `mark` is done."""

    name: ClassVar[str] = "invitation.reminded"
    invitation: str
    resource: str
    person: str
    inviter: str
    mark: int
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationDeferred(Event):
    """The next reminder was moved into the invited person's working hours."""

    name: ClassVar[str] = "invitation.deferred"
    invitation: str
    resource: str
    person: str
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationSnoozed(Event):
    """The invited person asked for no reminder before a moment."""

    name: ClassVar[str] = "invitation.snoozed"
    invitation: str
    resource: str
    person: str
    until: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationMuted(Event):
    """The invited person asked for no more reminders of this invitation."""

    name: ClassVar[str] = "invitation.muted"
    invitation: str
    resource: str
    person: str
    due: datetime


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    """The invited person said yes."""

    name: ClassVar[str] = "invitation.accepted"
    invitation: str
    resource: str
    person: str
    inviter: str


@dataclass(frozen=True, slots=True)
class InvitationDeclined(Event):
    """The invited person said no; the reason is for the inviter alone."""

    name: ClassVar[str] = "invitation.declined"
    invitation: str
    resource: str
    person: str
    inviter: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class InvitationRevoked(Event):
    """A pending invitation was taken back: asked for, or its inviter lost the right, or nobody can be reached."""

    name: ClassVar[str] = "invitation.revoked"
    invitation: str
    resource: str
    person: str
    inviter: str
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class InvitationExpired(Event):
    """Nobody answered in time."""

    name: ClassVar[str] = "invitation.expired"
    invitation: str
    resource: str
    person: str
    inviter: str


@dataclass(frozen=True, slots=True)
class InvitationSuperseded(Event):
    """Another invitation, with another role, took the place of a pending one."""

    name: ClassVar[str] = "invitation.superseded"
    invitation: str
    resource: str
    person: str
    inviter: str
    by: str


@dataclass(frozen=True, slots=True)
class MemberJoined(Event):
    """Somebody holds a role on a resource from now on."""

    name: ClassVar[str] = "member.joined"
    resource: str
    person: str
    role: str
    until: datetime | None
    invitation: str | None


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


@dataclass(frozen=True, slots=True)
class MemberLeft(Event):
    """A member left by their own choice; `within` names the resource whose leave or removal took this along."""

    name: ClassVar[str] = "member.left"
    resource: str
    person: str
    role: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRemoved(Event):
    """A member was removed by somebody else; `within` names the resource whose leave or removal took this along."""

    name: ClassVar[str] = "member.removed"
    resource: str
    person: str
    role: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class MemberEnded(Event):
    """A membership for a limited time came to its end."""

    name: ClassVar[str] = "member.ended"
    resource: str
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class ChannelLinked(Event):
    """A channel hears of a resource from now on, or hears of other groups of events than before."""

    name: ClassVar[str] = "channel.linked"
    channel: str
    resource: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelUnlinked(Event):
    """A channel hears of a resource no more."""

    name: ClassVar[str] = "channel.unlinked"
    channel: str
    resource: str


@dataclass(frozen=True, slots=True)
class TeamShared(Event):
    """A team holds a role on a resource from now on, or another one than before."""

    name: ClassVar[str] = "team.shared"
    team: str
    resource: str
    role: str
    before: str | None


@dataclass(frozen=True, slots=True)
class TeamUnshared(Event):
    """A team's role on a resource is over, and with it what was assigned of it."""

    name: ClassVar[str] = "team.unshared"
    team: str
    resource: str
    role: str


@dataclass(frozen=True, slots=True)
class TeamAssigned(Event):
    """A member of a team works on one of the team's resources from now on."""

    name: ClassVar[str] = "team.assigned"
    team: str
    resource: str
    person: str


@dataclass(frozen=True, slots=True)
class TeamUnassigned(Event):
    """A member of a team works on one of the team's resources no more."""

    name: ClassVar[str] = "team.unassigned"
    team: str
    resource: str
    person: str


EVENTS: dict[str, type[Event]] = {kind.name: kind for kind in Event.__subclasses__()}
_BY_CLASS = {kind.__name__: kind for kind in EVENTS.values()}


def event_name(event: Event) -> str:
    """The event's full name, as source.fact."""
    return event.name.replace("*", getattr(event, "kind", ""))


def encode(event: Event) -> str:
    """The event's fields as JSON: moments in ISO 8601, lengths of time in seconds."""
    return json.dumps({f.name: _plain(getattr(event, f.name)) for f in fields(event)}, ensure_ascii=False)


def decode(name: str, data: str) -> Event:
    """The event that `encode` wrote; what an older version did not write has its default."""
    kind = EVENTS.get(name) or EVENTS["*." + name.partition(".")[2]]
    given = json.loads(data)
    return kind(**{key: read(given[key]) for key, read in _readers(kind.__name__).items() if key in given})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


@cache
def _readers(named: str) -> dict[str, Any]:
    kind = _BY_CLASS[named]
    hints = get_type_hints(kind)
    return {f.name: _reader(hints[f.name]) for f in fields(kind)}


def _reader(hint: Any) -> Any:
    for shape, read in ((datetime, datetime.fromisoformat), (timedelta, _seconds)):
        if hint in (shape, shape | None):
            return lambda value: None if value is None else read(value)
    return tuple if hint == tuple[str, ...] else lambda value: value


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)

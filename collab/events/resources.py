"""Events of resources, of linked channels and of keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.events.base import Event
from collab.model import ChannelId, InvitationId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class ResourceCreated(Event):
    """A resource was created; `invitation` is the accepted offer that it belongs to."""

    name: ClassVar[str] = "*.created"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent")
    kind: str
    resource: ResourceId
    slug: str
    title: str
    parent: ResourceId | None = None
    invitation: InvitationId | None = None

    @property
    def is_part_of_larger_change(self) -> bool:
        """Whether an accepted offer created it, which is notified."""
        return self.invitation is not None


@dataclass(frozen=True, slots=True)
class ResourceRenamed(Event):
    """A resource got another title; its slug stays."""

    name: ClassVar[str] = "resource.renamed"
    resource: ResourceId
    title: str
    before: str


@dataclass(frozen=True, slots=True)
class ResourceDescribed(Event):
    """The description of a resource was changed."""

    name: ClassVar[str] = "resource.described"
    resource: ResourceId
    about: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class ResourceMoved(Event):
    """A resource was moved into another container, or into none.

    `people` lost a role by it. `rotate` are the resources whose code a person can no
    longer reach; `lost_code` names each of them with each person who lost it, as
    `resource person`.
    """

    name: ClassVar[str] = "resource.moved"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent", "before")
    resource: ResourceId
    parent: ResourceId | None
    before: ResourceId | None
    people: tuple[PersonId, ...] = ()
    rotate: tuple[ResourceId, ...] = ()
    lost_code: tuple[str, ...] = ()

    def list_code_losses(self) -> Iterator[tuple[ResourceId, PersonId]]:
        """Yield each resource with each person who lost its code."""
        for each in self.lost_code:
            resource, _, person = each.partition(" ")
            yield ResourceId(resource), PersonId(person)

    def has_lost_code(self, person: PersonId) -> bool:
        """Return whether a person lost the code of anything by the move."""
        return any(who == person for _, who in self.list_code_losses())


@dataclass(frozen=True, slots=True)
class ResourceDisabled(Event):
    """A resource and its contents deny every capability until it is enabled."""

    name: ClassVar[str] = "resource.disabled"
    resource: ResourceId


@dataclass(frozen=True, slots=True)
class ResourceEnabled(Event):
    """A disabled resource was enabled."""

    name: ClassVar[str] = "resource.enabled"
    resource: ResourceId


@dataclass(frozen=True, slots=True)
class ResourceDeleted(Event):
    """A resource was deleted with all roles on it; its events stay.

    `people` lost a role by it. `channels` were linked to it or to a container of it.
    """

    name: ClassVar[str] = "resource.deleted"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent")
    resource: ResourceId
    title: str
    people: tuple[PersonId, ...] = ()
    parent: ResourceId | None = None
    channels: tuple[ChannelId, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelLinked(Event):
    """A channel was linked to a resource, or its link was changed.

    The channel gets messages about these groups of events: each at once, or in digests,
    daily or weekly (on Mondays), at an hour (0 to 23) in the time zone of who linked
    it.
    """

    name: ClassVar[str] = "channel.linked"
    channel: ChannelId
    resource: ResourceId
    groups: tuple[str, ...]
    rhythm: str = "each"
    hour: int = 9


@dataclass(frozen=True, slots=True)
class ChannelUnlinked(Event):
    """A channel was unlinked from a resource (`why`: asked, archived, deleted, left)."""

    name: ClassVar[str] = "channel.unlinked"
    channel: ChannelId
    resource: ResourceId
    why: str = "asked"
    linked_by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class ChannelRenamed(Event):
    """A linked channel was renamed."""

    name: ClassVar[str] = "channel.renamed"
    channel: ChannelId
    resource: ResourceId
    title: str
    linked_by: PersonId


@dataclass(frozen=True, slots=True)
class KeysAssigned(Event):
    """A person is to renew the passwords and deploy keys of a resource until `due`.

    They are stale because `lost_by` lost access to them; None for everybody who did.
    """

    name: ClassVar[str] = "keys.assigned"
    resource: ResourceId
    person: PersonId
    due: datetime
    lost_by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class KeysRotated(Event):
    """The passwords and deploy keys of a resource were renewed."""

    name: ClassVar[str] = "keys.rotated"
    resource: ResourceId

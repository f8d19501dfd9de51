"""Facts about resources, what pays for them, and the channels that hear of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from collab.events.base import Event


@dataclass(frozen=True, slots=True)
class ResourceCreated(Event):
    """A resource of some kind came to be."""

    name: ClassVar[str] = "*.created"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent")
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
    """A resource stands in another one from now on, or in nothing. `people` are those who lost a role by it.

    `rotate` are the things whose code somebody can no longer reach; `lost_code` names each of them with each person who
    lost it, as `resource person`.
    """

    name: ClassVar[str] = "resource.moved"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent", "before")
    resource: str
    parent: str | None
    before: str | None
    people: tuple[str, ...] = ()
    rotate: tuple[str, ...] = ()
    lost_code: tuple[str, ...] = ()

    def list_code_losses(self) -> Iterator[tuple[str, str]]:
        """Yield each resource with each person who lost its code."""
        for each in self.lost_code:
            resource, _, person = each.partition(" ")
            yield resource, person

    def has_lost_code(self, person: str) -> bool:
        """Return whether a person lost the code of anything by the move."""
        return any(who == person for _, who in self.list_code_losses())


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
    """A resource is gone, with all roles on it; its record stays. `people` are those who lost something by it.

    `channels` heard of it, or of what it stood in.
    """

    name: ClassVar[str] = "resource.deleted"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "parent")
    resource: str
    title: str
    people: tuple[str, ...] = ()
    parent: str | None = None
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelLinked(Event):
    """A channel hears of a resource from now on, or hears of it in another way than before.

    It hears of some groups of events by its rhythm: each at once, or all together, daily or weekly (on Mondays), at an
    hour (0 to 23) of the day of who linked it.
    """

    name: ClassVar[str] = "channel.linked"
    channel: str
    resource: str
    groups: tuple[str, ...]
    rhythm: str = "each"
    hour: int = 9


@dataclass(frozen=True, slots=True)
class ChannelUnlinked(Event):
    """A channel hears of a resource no more (`why`: asked, archived, deleted, left by the app)."""

    name: ClassVar[str] = "channel.unlinked"
    channel: str
    resource: str
    why: str = "asked"
    linked_by: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelRenamed(Event):
    """A channel that hears of a resource has another name."""

    name: ClassVar[str] = "channel.renamed"
    channel: str
    resource: str
    title: str
    linked_by: str


@dataclass(frozen=True, slots=True)
class KeysRotated(Event):
    """The service passwords and deploy keys of a resource are new since the last who could reach its code went."""

    name: ClassVar[str] = "keys.rotated"
    resource: str

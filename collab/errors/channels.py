"""Rejections about linked channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.errors.base import Conflict, Malformed


@dataclass(unsafe_hash=True)
class UnknownGroup(Malformed):
    """There is no such group of events."""

    field: ClassVar[str] = "groups"
    typed: str
    groups: tuple[str, ...]


@dataclass(unsafe_hash=True)
class UnknownRhythm(Malformed):
    """There is no such frequency."""

    field: ClassVar[str] = "frequency"
    typed: str
    rhythms: tuple[str, ...]


@dataclass(unsafe_hash=True)
class BadHour(Malformed):
    """The hour is not between 0 and 23."""

    field: ClassVar[str] = "hour"
    hour: int


@dataclass(unsafe_hash=True)
class AlreadyLinked(Conflict):
    """The channel is linked to the resource in the same way already."""

    field: ClassVar[str] = "resource"
    title: str


@dataclass(unsafe_hash=True)
class NotLinked(Conflict):
    """The channel is not linked to the resource."""

    title: str | None


@dataclass(unsafe_hash=True)
class ChannelNotLinked(Conflict):
    """The channel is linked to nothing, or to several resources.

    `titles` and `more` are those that the caller may unlink, `slug` is the first one's;
    `is_linked` if the caller may view any of the linked resources.
    """

    titles: tuple[str, ...] = ()
    more: int = 0
    slug: str = ""
    is_linked: bool = False


@dataclass(unsafe_hash=True)
class NotAChannel(Conflict):
    """A direct message cannot be linked."""

    field: ClassVar[str] = "channel"


@dataclass(unsafe_hash=True)
class AppNotInChannel(Conflict):
    """The app is not a member of the channel; `can_join`: it can add itself."""

    field: ClassVar[str] = "channel"
    channel_title: str | None
    can_join: bool = False


@dataclass(unsafe_hash=True)
class PersonNotInChannel(Conflict):
    """The caller is not a member of the channel."""

    field: ClassVar[str] = "channel"
    channel_title: str | None


@dataclass(unsafe_hash=True)
class ChannelNotChecked(Conflict):
    """Whether the app and the caller are in the channel could not be read."""

    field: ClassVar[str] = "channel"

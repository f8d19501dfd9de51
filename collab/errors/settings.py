"""Rejections about settings, the event log and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.errors.base import Conflict, Malformed, Unknown


@dataclass(unsafe_hash=True)
class UnknownSetting(Unknown):
    """There is no such setting."""

    field: ClassVar[str] = "setting"
    typed: str
    settings: tuple[str, ...]


@dataclass(unsafe_hash=True)
class BadSetting(Malformed):
    """The setting cannot have this value; `example` is one that it can have."""

    field: ClassVar[str] = "value"
    setting: str
    example: str


@dataclass(unsafe_hash=True)
class UnknownEvent(Unknown):
    """No event has such a name or source."""

    field: ClassVar[str] = "event_names"
    typed: str
    sources: tuple[str, ...]


@dataclass(unsafe_hash=True)
class NothingToSend(Conflict):
    """There is no failed delivery with this number that the caller may send again, or
    what it asked is answered.
    """

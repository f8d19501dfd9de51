"""Rejections about what teams share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.errors.base import Conflict, Malformed
from collab.model import PersonId


@dataclass(unsafe_hash=True)
class NotShared(Malformed):
    """Resources of this kind cannot be shared with a team."""

    title: str
    kind: str


@dataclass(unsafe_hash=True)
class AlreadyShared(Conflict):
    """The team has the role already."""

    field: ClassVar[str] = "team"
    team: str
    role: str
    title: str


@dataclass(unsafe_hash=True)
class NotSharedWith(Conflict):
    """The team has no role on the resource."""

    field: ClassVar[str] = "team"
    team: str
    title: str


@dataclass(unsafe_hash=True)
class AlreadyAssigned(Conflict):
    """The person is assigned already."""

    field: ClassVar[str] = "person"
    person: PersonId
    title: str


@dataclass(unsafe_hash=True)
class NotAssigned(Conflict):
    """The person is not assigned."""

    field: ClassVar[str] = "person"
    person: PersonId
    title: str
    team: str

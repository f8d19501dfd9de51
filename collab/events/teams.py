"""Events of teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.events.base import Event
from collab.model import PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class TeamShared(Event):
    """A team got a role on a resource, or another one than before."""

    name: ClassVar[str] = "team.shared"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: ResourceId
    resource: ResourceId
    role: str
    before: str | None


@dataclass(frozen=True, slots=True)
class TeamUnshared(Event):
    """A team lost its role on a resource, and with it all assignments."""

    name: ClassVar[str] = "team.unshared"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: ResourceId
    resource: ResourceId
    role: str


@dataclass(frozen=True, slots=True)
class TeamAssigned(Event):
    """A team's member was assigned to one of its resources."""

    name: ClassVar[str] = "team.assigned"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: ResourceId
    resource: ResourceId
    person: PersonId


@dataclass(frozen=True, slots=True)
class TeamUnassigned(Event):
    """A team's member was unassigned from one of its resources."""

    name: ClassVar[str] = "team.unassigned"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: ResourceId
    resource: ResourceId
    person: PersonId

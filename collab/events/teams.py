"""Facts about teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collab.events.base import Event


@dataclass(frozen=True, slots=True)
class TeamShared(Event):
    """A team holds a role on a resource from now on, or another one than before."""

    name: ClassVar[str] = "team.shared"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: str
    resource: str
    role: str
    before: str | None


@dataclass(frozen=True, slots=True)
class TeamUnshared(Event):
    """A team's role on a resource is over, and with it what was assigned of it."""

    name: ClassVar[str] = "team.unshared"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: str
    resource: str
    role: str


@dataclass(frozen=True, slots=True)
class TeamAssigned(Event):
    """A member of a team works on one of the team's resources from now on."""

    name: ClassVar[str] = "team.assigned"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: str
    resource: str
    person: str


@dataclass(frozen=True, slots=True)
class TeamUnassigned(Event):
    """A member of a team works on one of the team's resources no more."""

    name: ClassVar[str] = "team.unassigned"
    resource_fields: ClassVar[tuple[str, ...]] = ("resource", "team")
    team: str
    resource: str
    person: str

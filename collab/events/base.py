"""What every fact is, and the envelope that it is recorded in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collab.model import PersonId, ResourceId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Event:
    """A fact that happened; never changed. `resource_fields` name the fields with resource ids, the subject's first."""

    name: ClassVar[str] = ""
    resource_fields: ClassVar[tuple[str, ...]] = ("resource",)

    @property
    def is_part_of_larger_change(self) -> bool:
        """Whether an end, a deletion or a handover caused it, which is notified."""
        within = getattr(self, "within", None)
        return bool(within or getattr(self, "handover", None))


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event with its envelope: its actor, its time and its origin."""

    workspace: WorkspaceId
    seq: int
    at: datetime
    actor: PersonId | None
    origin: str
    event: Event


def list_subject_resource_ids(event: Event) -> tuple[ResourceId, ...]:
    """Return the ids of the event's subjects: one resource, or each of several that were offered together."""
    return (
        list_resource_ids(event)
        if "also" in event.resource_fields
        else list_resource_ids(event)[:1]
    )


def list_resource_ids(event: Event) -> tuple[ResourceId, ...]:
    """Return the ids of all resources that the event concerns, its subject first."""
    found: list[ResourceId] = []
    for name in event.resource_fields:
        named = getattr(event, name, None)
        found += (ResourceId(named),) if isinstance(named, str) else named or ()
    return tuple(dict.fromkeys(found))

"""Resources whose keys should be rotated, in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from collab import events
from collab.events import RecordedEvent
from collab.model import PersonId, ResourceId
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import stale_keys

_SELECT_STALE_KEYS = (
    select(stale_keys.c.resource, stale_keys.c.person, stale_keys.c.since)
    .where(of_workspace(stale_keys), in_array(stale_keys.c.resource, "ids"))
    .order_by(stale_keys.c.since, stale_keys.c.person)
)


class KeyRotationRepository(WorkspaceReader):
    """Reads which resources' keys should be rotated."""

    def list_stale_keys(
        self, resources: Collection[ResourceId]
    ) -> Mapping[ResourceId, Sequence[tuple[PersonId, datetime]]]:
        """Return who lost access to each resource with stale keys, and when.

        The earliest loss comes first.
        """
        rows = (
            self._read_rows(_SELECT_STALE_KEYS, ids=list(resources))
            if resources
            else ()
        )
        people_by_resource: dict[ResourceId, list[tuple[PersonId, datetime]]] = {}
        for row in rows:
            people_by_resource.setdefault(row.resource, []).append(
                (row.person, row.since)
            )
        return people_by_resource


_INSERT_STALE_KEY = stale_keys.insert()
DELETE_STALE_KEY = delete(stale_keys).where(
    of_workspace(stale_keys),
    stale_keys.c.resource == param("of"),
    stale_keys.c.person == param("whose"),
)
DELETE_STALE_KEYS_OF_RESOURCE = delete(stale_keys).where(
    of_workspace(stale_keys), stale_keys.c.resource == param("of")
)


def mark_keys_stale(
    recorded: RecordedEvent, resource: ResourceId, person: PersonId
) -> Iterator[Write]:
    """Save that a person lost access to a resource's code; the last loss counts."""
    yield DELETE_STALE_KEY, {"w": recorded.workspace, "of": resource, "whose": person}
    row = {"workspace": recorded.workspace, "resource": resource, "person": person}
    yield _INSERT_STALE_KEY, row | {"since": recorded.at}


def delete_stale_keys(
    recorded: RecordedEvent, event: events.KeysRotated
) -> Iterator[Write]:
    """Delete all stale keys of a resource: they were rotated."""
    yield DELETE_STALE_KEYS_OF_RESOURCE, {"w": recorded.workspace, "of": event.resource}

"""Resources whose keys should be rotated, in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import delete, or_, select, update

from collab import events
from collab.events import RecordedEvent
from collab.model import PersonId, ResourceId, StaleKey
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import people, stale_keys

_SELECT_STALE_KEYS = (
    select(
        stale_keys.c.resource,
        stale_keys.c.person,
        stale_keys.c.since,
        stale_keys.c.owner,
        stale_keys.c.due,
    )
    .where(of_workspace(stale_keys), in_array(stale_keys.c.resource, "ids"))
    .order_by(stale_keys.c.since, stale_keys.c.person)
)


class KeyRotationRepository(WorkspaceReader):
    """Reads which resources' keys should be rotated."""

    def list_stale_keys(
        self, resources: Collection[ResourceId]
    ) -> Mapping[ResourceId, Sequence[StaleKey]]:
        """Return the stale keys of resources, the earliest first."""
        rows = self._read_rows_for_ids(_SELECT_STALE_KEYS, "ids", resources)
        keys_by_resource: dict[ResourceId, list[StaleKey]] = {}
        for row in rows:
            key = StaleKey(row.person, row.since, row.owner, row.due)
            keys_by_resource.setdefault(row.resource, []).append(key)
        return keys_by_resource


_INSERT_STALE_KEY = stale_keys.insert()
_UPDATE_OWNER = (
    update(stale_keys)
    .where(of_workspace(stale_keys), stale_keys.c.resource == param("of"))
    .values(owner=param("new_owner"), due=param("new_due"))
)
_UPDATE_OWNER_OF_ONE = _UPDATE_OWNER.where(stale_keys.c.person == param("whose"))
# Also those of a record that was merged into theirs after it lost access.
DELETE_STALE_KEY = delete(stale_keys).where(
    of_workspace(stale_keys),
    stale_keys.c.resource == param("of"),
    or_(
        stale_keys.c.person == param("whose"),
        stale_keys.c.person.in_(
            select(people.c.id).where(
                of_workspace(people), people.c.merged_into == param("whose")
            )
        ),
    ),
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


def update_key_owner(
    recorded: RecordedEvent, event: events.KeysAssigned
) -> Iterator[Write]:
    """Save who rotates the stale keys of a resource, and until when: those that one
    person knew, or all.
    """
    values = {
        "w": recorded.workspace,
        "of": event.resource,
        "new_owner": event.person,
        "new_due": event.due,
    }
    if event.lost_by is None:
        yield _UPDATE_OWNER, values
    else:
        yield _UPDATE_OWNER_OF_ONE, {**values, "whose": event.lost_by}


def delete_stale_keys(
    recorded: RecordedEvent, event: events.KeysRotated
) -> Iterator[Write]:
    """Delete all stale keys of a resource: they were rotated."""
    yield DELETE_STALE_KEYS_OF_RESOURCE, {"w": recorded.workspace, "of": event.resource}

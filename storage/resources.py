"""Resources in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, literal, or_, select, update

from collab import events
from collab.events import RecordedEvent
from collab.model import Resource, ResourceId
from storage.channels import DELETE_LINKS_OF_RESOURCE
from storage.key_rotation import DELETE_STALE_KEYS_OF_RESOURCE, mark_keys_stale
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import memberships, resources, team_assignments, team_shares

RESOURCE_COLUMNS = (
    resources.c.id,
    resources.c.kind,
    resources.c.slug,
    resources.c.title,
    resources.c.parent,
    resources.c.payer,
    resources.c.about,
    resources.c.disabled,
    resources.c.gone,
    resources.c.retired,
    resources.c.paid_since,
    resources.c.plan,
)
_TREE_ROOT = (
    select(resources.c.id, literal(0).label("depth"))
    .where(of_workspace(resources), resources.c.id == param("outer"))
    .cte("tree", recursive=True)
)
RESOURCE_TREE = _TREE_ROOT.union_all(
    select(resources.c.id, _TREE_ROOT.c.depth + 1)
    .join(_TREE_ROOT, resources.c.parent == _TREE_ROOT.c.id)
    .where(of_workspace(resources), ~resources.c.gone)
)
_SELECT_RESOURCE = select(*RESOURCE_COLUMNS).where(of_workspace(resources))
_LIVE_RESOURCES = _SELECT_RESOURCE.where(~resources.c.gone).order_by(
    resources.c.title, resources.c.id
)
_RESOURCES_PAID_BY = _LIVE_RESOURCES.where(resources.c.payer == param("payer"))
_RESOURCES_ON_PLAN = _LIVE_RESOURCES.where(resources.c.plan.is_not(None))
_RESOURCES_BY_IDS = _SELECT_RESOURCE.where(in_array(resources.c.id, "ids"))
_RESOURCE_BY_ID = _SELECT_RESOURCE.where(resources.c.id == param("id"))
_RESOURCE_BY_NAME = _SELECT_RESOURCE.where(
    or_(resources.c.id == param("typed"), resources.c.slug == param("slug"))
)
_SELECT_SLUGS = select(resources.c.slug).where(
    of_workspace(resources),
    resources.c.slug >= param("start"),
    resources.c.slug < param("stop"),
)
_ANY_RESOURCE = _SELECT_RESOURCE.where(~resources.c.gone).limit(1)


_CONTENTS = (
    select(*RESOURCE_COLUMNS)
    .join(RESOURCE_TREE, resources.c.id == RESOURCE_TREE.c.id)
    .where(of_workspace(resources), RESOURCE_TREE.c.depth > 0)
    .order_by(RESOURCE_TREE.c.depth, resources.c.title, resources.c.id)
)


class ResourceRepository(WorkspaceReader):
    """Reads resources."""

    def is_empty(self) -> bool:
        """Return whether the workspace has no resource."""
        return self._read_row(_ANY_RESOURCE) is None

    def get_resource(self, resource: ResourceId) -> Resource | None:
        """Return a resource by id."""
        return self._read_once(
            "resource", resource, lambda: self._read_first(_RESOURCE_BY_ID, id=resource)
        )

    def get_resources(self, ids: Collection[ResourceId]) -> dict[ResourceId, Resource]:
        """Return the existing ones of several resources, by id."""
        remembered = self.recall_many("resource", ids)
        return remembered | {
            r.id: r
            for r in self._resources_from_rows(
                self._read_rows_for_ids(
                    _RESOURCES_BY_IDS, "ids", set(ids) - set(remembered)
                )
            )
        }

    def find_resource_by_id_or_slug(self, typed: str) -> Resource | None:
        """Return a resource by id, or by slug in upper or lower case."""
        return self.recall_resource_by_id_or_slug(typed) or self._read_first(
            _RESOURCE_BY_NAME, typed=typed, slug=typed.lower()
        )

    def recall_resource_by_id_or_slug(self, typed: str) -> Resource | None:
        """Return a resource that was read before by id, or by slug."""
        by_id: Resource | None = self.recall("resource", typed)
        if by_id:
            return by_id
        slug = typed.lower()
        return next((r for r in self.recall_all("resource") if r.slug == slug), None)

    def list_descendants(self, resource: ResourceId) -> Sequence[Resource]:
        """Return what a resource contains at any depth, outer before inner."""
        rows = self._read_once(
            "inside", resource, lambda: self._read_rows(_CONTENTS, outer=resource)
        )
        return [Resource(*row) for row in rows]

    def list_resources_paid_by(self, resource: ResourceId) -> Sequence[Resource]:
        """Return the resources that a payment method pays for, by title."""
        return self._resources_from_rows(
            self._read_rows(_RESOURCES_PAID_BY, payer=resource)
        )

    def list_resources_with_plan(self) -> Sequence[Resource]:
        """Return the resources that are on a plan, by title."""
        return self._resources_from_rows(self._read_rows(_RESOURCES_ON_PLAN))

    def list_slugs_starting_with(self, start: str) -> frozenset[str]:
        """Return every slug with a prefix."""
        return frozenset(
            row.slug
            for row in self._read_rows(_SELECT_SLUGS, start=start, stop=start + "\x7f")
        )

    def _resources_from_rows(self, rows: Iterable[Any]) -> list[Resource]:
        """Return rows as resources, and remember each."""
        matches = [Resource(*row) for row in rows]
        for resource in matches:
            self.remember("resource", resource.id, resource)
        return matches

    def _read_first(self, statement: Any, **values: Any) -> Resource | None:
        return next(
            iter(self._resources_from_rows(self._read_rows(statement, **values))), None
        )


_INSERT_RESOURCE = resources.insert()
_UPDATE_RESOURCE = update(resources).where(
    of_workspace(resources), resources.c.id == param("of")
)
_UPDATE_PAYER = _UPDATE_RESOURCE.values(
    payer=param("by"), paid_since=param("paid_from")
)
_UPDATE_PARENT = _UPDATE_RESOURCE.values(parent=param("new"))
_MARK_RETIRED = _UPDATE_RESOURCE.values(retired=True)
_MARK_DELETED = _UPDATE_RESOURCE.values(gone=True, payer=None, paid_since=None)
_DELETE_ALL_MEMBERSHIPS = delete(memberships).where(
    of_workspace(memberships), memberships.c.resource == param("of")
)
_DELETE_ALL_SHARES = delete(team_shares).where(
    of_workspace(team_shares),
    or_(team_shares.c.resource == param("of"), team_shares.c.team == param("of")),
)
_DELETE_ALL_ASSIGNMENTS = delete(team_assignments).where(
    of_workspace(team_assignments),
    or_(
        team_assignments.c.resource == param("of"),
        team_assignments.c.team == param("of"),
    ),
)


def insert_resource(
    recorded: RecordedEvent, event: events.ResourceCreated
) -> Iterator[Write]:
    """Insert a resource."""
    yield (
        _INSERT_RESOURCE,
        {
            "workspace": recorded.workspace,
            "id": event.resource,
            "kind": event.kind,
            "slug": event.slug,
            "title": event.title,
            "parent": event.parent,
        },
    )


def build_column_projection(
    column: str, field: str
) -> Callable[[RecordedEvent, Any], Iterator[Write]]:
    """Return a projection that copies a field of an event into a column."""
    statement = _UPDATE_RESOURCE.values({column: param("new")})

    def change(recorded: RecordedEvent, event: Any) -> Iterator[Write]:
        yield (
            statement,
            {
                "w": recorded.workspace,
                "of": event.resource,
                "new": getattr(event, field),
            },
        )

    return change


def move_resource(
    recorded: RecordedEvent, event: events.ResourceMoved
) -> Iterator[Write]:
    """Update the parent; mark keys stale for people who lost access to code."""
    yield (
        _UPDATE_PARENT,
        {"w": recorded.workspace, "of": event.resource, "new": event.parent},
    )
    for resource_id, person in event.list_code_losses():
        yield from mark_keys_stale(recorded, resource_id, person)


def start_of_next_day(at: datetime) -> datetime:
    """Return the moment at which the next day (UTC) begins."""
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def update_payer(
    recorded: RecordedEvent, event: events.PayerChanged
) -> Iterator[Write]:
    """Update the payer, or remove it.

    It pays from now on or, after an accepted offer, from the next day (UTC) on
    (BIL-03).
    """
    start = start_of_next_day(recorded.at) if event.invitation else recorded.at
    since = start if event.payer else None
    yield (
        _UPDATE_PAYER,
        {
            "w": recorded.workspace,
            "of": event.resource,
            "by": event.payer,
            "paid_from": since,
        },
    )


def mark_retired(
    recorded: RecordedEvent, event: events.ResourceRetired
) -> Iterator[Write]:
    """Mark a payment method as retired; its invoices stay readable."""
    yield _MARK_RETIRED, {"w": recorded.workspace, "of": event.resource}


def build_switch_projection(
    *, disabled: bool
) -> Callable[[RecordedEvent, Any], Iterator[Write]]:
    """Return a projection that disables or enables a resource."""
    statement = _UPDATE_RESOURCE.values(disabled=disabled)

    def switch(recorded: RecordedEvent, event: Any) -> Iterator[Write]:
        yield statement, {"w": recorded.workspace, "of": event.resource}

    return switch


def mark_deleted(
    recorded: RecordedEvent, event: events.ResourceDeleted
) -> Iterator[Write]:
    """Mark a resource as deleted; delete its roles, shares and channel links.

    Its parent stays in its row.
    """
    values = {"w": recorded.workspace, "of": event.resource}
    for statement in (
        _MARK_DELETED,
        _DELETE_ALL_MEMBERSHIPS,
        _DELETE_ALL_ASSIGNMENTS,
        _DELETE_ALL_SHARES,
        DELETE_STALE_KEYS_OF_RESOURCE,
        DELETE_LINKS_OF_RESOURCE,
    ):
        yield statement, values


def ignore_event(_recorded: RecordedEvent, _event: Any) -> Iterator[Write]:
    """Write nothing: the event changes no table."""
    return iter(())

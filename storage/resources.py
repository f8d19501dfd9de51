"""Resources and the channels that hear of them, as stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, delete, literal, or_, select, update

from collab import events
from collab.events import RecordedEvent
from collab.model import ChannelLink, Resource
from storage import digests
from storage.sql import WorkspaceReader, Write, in_array, of_workspace, param
from storage.tables import (
    assignments,
    channel_links,
    memberships,
    resources,
    shares,
    stale_keys,
)

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
_LINK_COLUMNS = channel_links.c
_SELECT_LINK = select(
    _LINK_COLUMNS.channel,
    _LINK_COLUMNS.resource,
    _LINK_COLUMNS.groups,
    _LINK_COLUMNS.person,
    _LINK_COLUMNS.rhythm,
    _LINK_COLUMNS.hour,
).where(of_workspace(channel_links))
_LINKS_OF_RESOURCE = _SELECT_LINK.where(
    channel_links.c.resource == param("resource")
).order_by(channel_links.c.channel)
_LINKS_OF_CHANNEL = _SELECT_LINK.where(
    channel_links.c.channel == param("channel")
).order_by(channel_links.c.resource)
_ALL_LINKS = _SELECT_LINK.join(
    resources,
    and_(
        resources.c.workspace == channel_links.c.workspace,
        resources.c.id == channel_links.c.resource,
    ),
).order_by(resources.c.title, channel_links.c.resource, channel_links.c.channel)
_ANY_RESOURCE = _SELECT_RESOURCE.where(~resources.c.gone).limit(1)


_CONTENTS = (
    select(*RESOURCE_COLUMNS)
    .join(RESOURCE_TREE, resources.c.id == RESOURCE_TREE.c.id)
    .where(of_workspace(resources), RESOURCE_TREE.c.depth > 0)
    .order_by(RESOURCE_TREE.c.depth, resources.c.title, resources.c.id)
)


class ResourceRepository(WorkspaceReader):
    """Answers about resources and channels."""

    def is_empty(self) -> bool:
        """Whether nothing exists yet."""
        return self._read_row(_ANY_RESOURCE) is None

    def get_resource(self, resource: str) -> Resource | None:
        """A resource by id."""
        return self._read_once(
            "resource", resource, lambda: self._read_first(_RESOURCE_BY_ID, id=resource)
        )

    def get_resources(self, ids: Collection[str]) -> dict[str, Resource]:
        """Many resources by id."""
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
        """A resource by id or by slug, in any case; no id looks like a slug."""
        slug = typed.lower()
        remembered = (
            r for r in self.recall_all("resource") if r.id == typed or r.slug == slug
        )
        return next(remembered, None) or self._read_first(
            _RESOURCE_BY_NAME, typed=typed, slug=slug
        )

    def list_descendants(self, resource: str) -> Sequence[Resource]:
        """What stands in a resource at any depth, the outer before the inner."""
        rows = self._read_once(
            "inside", resource, lambda: self._read_rows(_CONTENTS, outer=resource)
        )
        return [Resource(*row) for row in rows]

    def list_resources_paid_by(self, resource: str) -> Sequence[Resource]:
        """What a resource pays for, by name."""
        return self._resources_from_rows(
            self._read_rows(_RESOURCES_PAID_BY, payer=resource)
        )

    def list_resources_with_plan(self) -> Sequence[Resource]:
        """The resources that are on a plan, by name."""
        return self._resources_from_rows(self._read_rows(_RESOURCES_ON_PLAN))

    def list_slugs_starting_with(self, start: str) -> frozenset[str]:
        """Every slug that starts like this."""
        return frozenset(
            row.slug
            for row in self._read_rows(_SELECT_SLUGS, start=start, stop=start + "\x7f")
        )

    def _resources_from_rows(self, rows: Iterable[Any]) -> list[Resource]:
        """Resources as read, each remembered."""
        matches = [Resource(*row) for row in rows]
        for resource in matches:
            self.remember("resource", resource.id, resource)
        return matches

    def _read_first(self, statement: Any, **values: Any) -> Resource | None:
        return next(
            iter(self._resources_from_rows(self._read_rows(statement, **values))), None
        )


class ChannelLinkRepository(WorkspaceReader):
    """Reads which channels get updates about which resources."""

    def list_channel_links(self, resource: str) -> Sequence[ChannelLink]:
        """The channels that hear of a resource."""
        return [
            ChannelLink(*row)
            for row in self._read_once(
                "links",
                resource,
                lambda: self._read_rows(_LINKS_OF_RESOURCE, resource=resource),
            )
        ]

    def list_links_of_channel(self, channel: str) -> Sequence[ChannelLink]:
        """What a channel hears of."""
        return [
            ChannelLink(*row)
            for row in self._read_rows(_LINKS_OF_CHANNEL, channel=channel)
        ]

    def list_all_channel_links(self) -> Sequence[ChannelLink]:
        """All channels that hear of something, by the name of what they hear of."""
        return [ChannelLink(*row) for row in self._read_rows(_ALL_LINKS)]


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
_DELETE_ALL_SHARES = delete(shares).where(
    of_workspace(shares),
    or_(shares.c.resource == param("of"), shares.c.team == param("of")),
)
_DELETE_ALL_ASSIGNMENTS = delete(assignments).where(
    of_workspace(assignments),
    or_(assignments.c.resource == param("of"), assignments.c.team == param("of")),
)
_INSERT_STALE_KEY = stale_keys.insert()
DELETE_STALE_KEY = delete(stale_keys).where(
    of_workspace(stale_keys),
    stale_keys.c.resource == param("of"),
    stale_keys.c.person == param("whose"),
)
_DELETE_STALE_KEYS = delete(stale_keys).where(
    of_workspace(stale_keys), stale_keys.c.resource == param("of")
)
_DELETE_ALL_LINKS = delete(channel_links).where(
    of_workspace(channel_links), channel_links.c.resource == param("of")
)
_INSERT_LINK = channel_links.insert()
_DELETE_LINK = delete(channel_links).where(
    and_(
        of_workspace(channel_links),
        channel_links.c.channel == param("channel"),
        channel_links.c.resource == param("resource"),
    )
)


def insert_resource(
    recorded: RecordedEvent, event: events.ResourceCreated
) -> Iterator[Write]:
    """One more resource stands."""
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
    """A resource's column is what the event's field says."""
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
    """A resource stands in another place, and whoever lost its code knows keys that are to be rotated."""
    yield (
        _UPDATE_PARENT,
        {"w": recorded.workspace, "of": event.resource, "new": event.parent},
    )
    for resource_id, person in event.list_code_losses():
        yield from mark_keys_stale(recorded, resource_id, person)


def mark_keys_stale(
    recorded: RecordedEvent, resource: str, person: str
) -> Iterator[Write]:
    """A person lost access to the code of a resource, so its keys are to be rotated; the last loss counts."""
    yield DELETE_STALE_KEY, {"w": recorded.workspace, "of": resource, "whose": person}
    row = {"workspace": recorded.workspace, "resource": resource, "person": person}
    yield _INSERT_STALE_KEY, row | {"since": recorded.at}


def start_of_next_day(at: datetime) -> datetime:
    """Return the moment at which the day after that of another moment begins, in UTC."""
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def update_payer(
    recorded: RecordedEvent, event: events.PayerChanged
) -> Iterator[Write]:
    """Something else pays, or nothing does: from now on, or by an offer from the next day (UTC) on (BIL-03)."""
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
    """A payment method pays for nothing more; who could read its invoices still can, while what gave that stands."""
    yield _MARK_RETIRED, {"w": recorded.workspace, "of": event.resource}


def build_switch_projection(
    *, disabled: bool
) -> Callable[[RecordedEvent, Any], Iterator[Write]]:
    """A resource is disabled, or is not."""
    statement = _UPDATE_RESOURCE.values(disabled=disabled)

    def switch(recorded: RecordedEvent, event: Any) -> Iterator[Write]:
        yield statement, {"w": recorded.workspace, "of": event.resource}

    return switch


def mark_deleted(
    recorded: RecordedEvent, event: events.ResourceDeleted
) -> Iterator[Write]:
    """A resource is gone, with its roles, its shares and its channels; where it stood stays known."""
    values = {"w": recorded.workspace, "of": event.resource}
    for statement in (
        _MARK_DELETED,
        _DELETE_ALL_MEMBERSHIPS,
        _DELETE_ALL_ASSIGNMENTS,
        _DELETE_ALL_SHARES,
        _DELETE_STALE_KEYS,
        _DELETE_ALL_LINKS,
    ):
        yield statement, values


def delete_stale_keys(
    recorded: RecordedEvent, event: events.KeysRotated
) -> Iterator[Write]:
    """Nobody who is gone knows the keys any more."""
    yield _DELETE_STALE_KEYS, {"w": recorded.workspace, "of": event.resource}


def ignore_event(_recorded: RecordedEvent, _event: Any) -> Iterator[Write]:
    """A fact that changes no table."""
    return iter(())


def replace_channel_link(
    recorded: RecordedEvent, event: events.ChannelLinked
) -> Iterator[Write]:
    """A channel hears of these groups by this rhythm, in place of how it heard before."""
    yield from _delete_link(recorded, event)
    named = {
        "workspace": recorded.workspace,
        "channel": event.channel,
        "resource": event.resource,
    }
    how = {"groups": event.groups, "rhythm": event.rhythm, "hour": event.hour}
    yield _INSERT_LINK, named | how | {"person": recorded.actor}


def delete_channel_link(
    recorded: RecordedEvent, event: events.ChannelUnlinked
) -> Iterator[Write]:
    """A channel hears no more, of what was held for it neither."""
    yield from _delete_link(recorded, event)
    yield from digests.delete_queued_items(recorded, event)


def _delete_link(
    recorded: RecordedEvent, event: events.ChannelLinked | events.ChannelUnlinked
) -> Iterator[Write]:
    yield (
        _DELETE_LINK,
        {"w": recorded.workspace, "channel": event.channel, "resource": event.resource},
    )

"""Channel links in the database: queries and projections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, delete, select

from collab import events
from collab.events import RecordedEvent
from collab.model import ChannelId, ChannelLink, ResourceId
from storage import digests
from storage.sql import WorkspaceReader, Write, of_workspace, param
from storage.tables import channel_links, resources

_COLUMNS = channel_links.c
_SELECT_LINK = select(
    _COLUMNS.channel,
    _COLUMNS.resource,
    _COLUMNS.groups,
    _COLUMNS.person,
    _COLUMNS.rhythm,
    _COLUMNS.hour,
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


class ChannelLinkRepository(WorkspaceReader):
    """Reads which channels get updates about which resources."""

    def list_channel_links(self, resource: ResourceId) -> Sequence[ChannelLink]:
        """Return the channel links of a resource."""
        return [
            ChannelLink(*row)
            for row in self._read_once(
                "links",
                resource,
                lambda: self._read_rows(_LINKS_OF_RESOURCE, resource=resource),
            )
        ]

    def list_links_of_channel(self, channel: ChannelId) -> Sequence[ChannelLink]:
        """Return the links of a channel."""
        return [
            ChannelLink(*row)
            for row in self._read_rows(_LINKS_OF_CHANNEL, channel=channel)
        ]

    def list_all_channel_links(self) -> Sequence[ChannelLink]:
        """Return all channel links, by the title of their resource."""
        return [ChannelLink(*row) for row in self._read_rows(_ALL_LINKS)]


DELETE_LINKS_OF_RESOURCE = delete(channel_links).where(
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


def replace_channel_link(
    recorded: RecordedEvent, event: events.ChannelLinked
) -> Iterator[Write]:
    """Replace the link of a channel to a resource."""
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
    """Delete a channel link and the items queued for its digests."""
    yield from _delete_link(recorded, event)
    yield from digests.delete_queued_items(recorded, event)


def _delete_link(
    recorded: RecordedEvent, event: events.ChannelLinked | events.ChannelUnlinked
) -> Iterator[Write]:
    yield (
        _DELETE_LINK,
        {"w": recorded.workspace, "channel": event.channel, "resource": event.resource},
    )

"""Resources and the channels that hear of them, as stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, delete, or_, select

from collab import events
from collab.channels import Link
from collab.events import Recorded
from collab.resources import Resource
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import links, resources

_RESOURCE = select(resources.c.id, resources.c.kind, resources.c.slug, resources.c.title).where(in_workspace(resources))
_BY_ID = _RESOURCE.where(resources.c.id == given("id"))
_CALLED = _RESOURCE.where(or_(resources.c.id == given("typed"), resources.c.slug == given("slug")))
_SLUGS = select(resources.c.slug).where(
    in_workspace(resources), resources.c.slug >= given("start"), resources.c.slug < given("stop")
)
_LINK = select(links.c.channel, links.c.resource, links.c.groups, links.c.person).where(in_workspace(links))
_LINKS = _LINK.where(links.c.resource == given("resource")).order_by(links.c.channel)
_OF_CHANNEL = _LINK.where(links.c.channel == given("channel")).order_by(links.c.resource)


class ResourceFacts(Reader):
    """Answers about resources and channels."""

    def resource(self, resource: str) -> Resource | None:
        """A resource by id."""
        row = self._kept("resource", resource, lambda: self._row(_BY_ID, id=resource))
        return Resource(*row) if row else None

    def resource_called(self, typed: str) -> Resource | None:
        """A resource by id or by slug, in any case; no id looks like a slug."""
        row = self._row(_CALLED, typed=typed, slug=typed.lower())
        return Resource(*row) if row else None

    def slugs_like(self, start: str) -> frozenset[str]:
        """Every slug that starts like this."""
        return frozenset(row.slug for row in self._rows(_SLUGS, start=start, stop=start + "\x7f"))

    def links(self, resource: str) -> Sequence[Link]:
        """The channels that hear of a resource."""
        return [Link(*row) for row in self._kept("links", resource, lambda: self._rows(_LINKS, resource=resource))]

    def links_of_channel(self, channel: str) -> Sequence[Link]:
        """What a channel hears of."""
        return [Link(*row) for row in self._rows(_OF_CHANNEL, channel=channel)]


_CREATE = resources.insert()
_LINK_CHANNEL = links.insert()
_UNLINK_CHANNEL = delete(links).where(
    and_(in_workspace(links), links.c.channel == given("channel"), links.c.resource == given("resource"))
)


def created(recorded: Recorded, event: events.ResourceCreated) -> Iterator[Write]:
    """One more resource stands."""
    yield (
        _CREATE,
        {
            "workspace": recorded.workspace,
            "id": event.resource,
            "kind": event.kind,
            "slug": event.slug,
            "title": event.title,
        },
    )


def linked(recorded: Recorded, event: events.ChannelLinked) -> Iterator[Write]:
    """A channel hears of these groups, in place of others that it heard of."""
    yield from unlinked(recorded, event)
    row = {"channel": event.channel, "resource": event.resource, "groups": event.groups, "person": recorded.actor}
    yield _LINK_CHANNEL, {"workspace": recorded.workspace, **row}


def unlinked(recorded: Recorded, event: events.ChannelLinked | events.ChannelUnlinked) -> Iterator[Write]:
    """A channel hears no more."""
    yield _UNLINK_CHANNEL, {"w": recorded.workspace, "channel": event.channel, "resource": event.resource}

"""Resources and the channels that hear of them, as stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, delete, literal, or_, select, update

from collab import events
from collab.channels import Link
from collab.events import Recorded
from collab.resources import Resource
from storage import digests
from storage.statements import Reader, Write, given, in_workspace, one_of
from storage.tables import assignments, links, memberships, resources, shares, stale_keys

RESOURCE = (
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
_ROOT = (
    select(resources.c.id, literal(0).label("depth"))
    .where(in_workspace(resources), resources.c.id == given("outer"))
    .cte("tree", recursive=True)
)
RESOURCE_TREE = _ROOT.union_all(
    select(resources.c.id, _ROOT.c.depth + 1)
    .join(_ROOT, resources.c.parent == _ROOT.c.id)
    .where(in_workspace(resources), ~resources.c.gone)
)
_RESOURCE = select(*RESOURCE).where(in_workspace(resources))
_LIVING = _RESOURCE.where(~resources.c.gone).order_by(resources.c.title, resources.c.id)
_PAID_BY = _LIVING.where(resources.c.payer == given("payer"))
_PLANNED = _LIVING.where(resources.c.plan.is_not(None))
_BY_IDS = _RESOURCE.where(one_of(resources.c.id, "ids"))
_BY_ID = _RESOURCE.where(resources.c.id == given("id"))
_CALLED = _RESOURCE.where(or_(resources.c.id == given("typed"), resources.c.slug == given("slug")))
_SLUGS = select(resources.c.slug).where(
    in_workspace(resources), resources.c.slug >= given("start"), resources.c.slug < given("stop")
)
_L = links.c
_LINK = select(_L.channel, _L.resource, _L.groups, _L.person, _L.rhythm, _L.hour).where(in_workspace(links))
_LINKS = _LINK.where(links.c.resource == given("resource")).order_by(links.c.channel)
_OF_CHANNEL = _LINK.where(links.c.channel == given("channel")).order_by(links.c.resource)
_EVERY = _LINK.join(
    resources, and_(resources.c.workspace == links.c.workspace, resources.c.id == links.c.resource)
).order_by(resources.c.title, links.c.resource, links.c.channel)
_ANY = _RESOURCE.where(~resources.c.gone).limit(1)


class ResourceFacts(Reader):
    """Answers about resources and channels."""

    def is_empty(self) -> bool:
        """Whether nothing exists yet."""
        return self._row(_ANY) is None

    def resource(self, resource: str) -> Resource | None:
        """A resource by id."""
        return self._read_once("resource", resource, lambda: self._first(_BY_ID, id=resource))

    def resources(self, ids: Collection[str]) -> dict[str, Resource]:
        """Many resources by id."""
        known = self.recall_many("resource", ids)
        return known | {r.id: r for r in self._found(self._many(_BY_IDS, "ids", set(ids) - set(known)))}

    def resource_called(self, typed: str) -> Resource | None:
        """A resource by id or by slug, in any case; no id looks like a slug."""
        slug = typed.lower()
        known = (r for r in self.recall_all("resource") if r.id == typed or r.slug == slug)
        return next(known, None) or self._first(_CALLED, typed=typed, slug=slug)

    def paid_by(self, resource: str) -> Sequence[Resource]:
        """What a resource pays for, by name."""
        return self._found(self._rows(_PAID_BY, payer=resource))

    def planned(self) -> Sequence[Resource]:
        """The resources that are on a plan, by name."""
        return self._found(self._rows(_PLANNED))

    def slugs_like(self, start: str) -> frozenset[str]:
        """Every slug that starts like this."""
        return frozenset(row.slug for row in self._rows(_SLUGS, start=start, stop=start + "\x7f"))

    def links(self, resource: str) -> Sequence[Link]:
        """The channels that hear of a resource."""
        return [Link(*row) for row in self._read_once("links", resource, lambda: self._rows(_LINKS, resource=resource))]

    def links_of_channel(self, channel: str) -> Sequence[Link]:
        """What a channel hears of."""
        return [Link(*row) for row in self._rows(_OF_CHANNEL, channel=channel)]

    def every_link(self) -> Sequence[Link]:
        """All channels that hear of something, by the name of what they hear of."""
        return [Link(*row) for row in self._rows(_EVERY)]

    def _found(self, rows: Iterable[Any]) -> list[Resource]:
        """Resources as read, each remembered."""
        found = [Resource(*row) for row in rows]
        for resource in found:
            self.remember("resource", resource.id, resource)
        return found

    def _first(self, statement: Any, **values: Any) -> Resource | None:
        return next(iter(self._found(self._rows(statement, **values))), None)


_CREATE = resources.insert()
_CHANGE = update(resources).where(in_workspace(resources), resources.c.id == given("of"))
_PAID = _CHANGE.values(payer=given("by"), paid_since=given("paid_from"))
_MOVE = _CHANGE.values(parent=given("new"))
_RETIRE = _CHANGE.values(retired=True)
_BURY = _CHANGE.values(gone=True, payer=None, paid_since=None)
_END_ALL = delete(memberships).where(in_workspace(memberships), memberships.c.resource == given("of"))
_UNSHARE_ALL = delete(shares).where(
    in_workspace(shares), or_(shares.c.resource == given("of"), shares.c.team == given("of"))
)
_UNASSIGN_ALL = delete(assignments).where(
    in_workspace(assignments), or_(assignments.c.resource == given("of"), assignments.c.team == given("of"))
)
_STALE = stale_keys.insert()
IS_FRESH = delete(stale_keys).where(
    in_workspace(stale_keys), stale_keys.c.resource == given("of"), stale_keys.c.person == given("whose")
)
_FORGET_KEYS = delete(stale_keys).where(in_workspace(stale_keys), stale_keys.c.resource == given("of"))
_UNLINK_ALL = delete(links).where(in_workspace(links), links.c.resource == given("of"))
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
            "parent": event.parent,
        },
    )


def changed(column: str, field: str) -> Callable[[Recorded, Any], Iterator[Write]]:
    """A resource's column is what the event's field says."""
    statement = _CHANGE.values({column: given("new")})

    def change(recorded: Recorded, event: Any) -> Iterator[Write]:
        yield statement, {"w": recorded.workspace, "of": event.resource, "new": getattr(event, field)}

    return change


def moved(recorded: Recorded, event: events.ResourceMoved) -> Iterator[Write]:
    """A resource stands in another place, and whoever lost its code knows keys that are to be rotated."""
    yield _MOVE, {"w": recorded.workspace, "of": event.resource, "new": event.parent}
    for place, person in event.code_losses():
        yield from lost_code(recorded, place, person)


def lost_code(recorded: Recorded, resource: str, person: str) -> Iterator[Write]:
    """A person lost access to the code of a resource, so its keys are to be rotated; the last loss counts."""
    yield IS_FRESH, {"w": recorded.workspace, "of": resource, "whose": person}
    row = {"workspace": recorded.workspace, "resource": resource, "person": person}
    yield _STALE, row | {"since": recorded.at}


def next_day(at: datetime) -> datetime:
    """Return the moment at which the day after that of another moment begins, in UTC."""
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def payer_changed(recorded: Recorded, event: events.PayerChanged) -> Iterator[Write]:
    """Something else pays, or nothing does: from now on, or by an offer from the next day (UTC) on (BIL-03)."""
    start = next_day(recorded.at) if event.invitation else recorded.at
    since = start if event.payer else None
    yield _PAID, {"w": recorded.workspace, "of": event.resource, "by": event.payer, "paid_from": since}


def retired(recorded: Recorded, event: events.ResourceRetired) -> Iterator[Write]:
    """A payment method pays for nothing more; who could read its invoices still can, while what gave that stands."""
    yield _RETIRE, {"w": recorded.workspace, "of": event.resource}


def switched(*, disabled: bool) -> Callable[[Recorded, Any], Iterator[Write]]:
    """A resource is disabled, or is not."""
    statement = _CHANGE.values(disabled=disabled)

    def switch(recorded: Recorded, event: Any) -> Iterator[Write]:
        yield statement, {"w": recorded.workspace, "of": event.resource}

    return switch


def deleted(recorded: Recorded, event: events.ResourceDeleted) -> Iterator[Write]:
    """A resource is gone, with its roles, its shares and its channels; where it stood stays known."""
    values = {"w": recorded.workspace, "of": event.resource}
    for statement in (_BURY, _END_ALL, _UNASSIGN_ALL, _UNSHARE_ALL, _FORGET_KEYS, _UNLINK_ALL):
        yield statement, values


def rotated(recorded: Recorded, event: events.KeysRotated) -> Iterator[Write]:
    """Nobody who is gone knows the keys any more."""
    yield _FORGET_KEYS, {"w": recorded.workspace, "of": event.resource}


def nothing(_recorded: Recorded, _event: Any) -> Iterator[Write]:
    """A fact that changes no table."""
    return iter(())


def linked(recorded: Recorded, event: events.ChannelLinked) -> Iterator[Write]:
    """A channel hears of these groups by this rhythm, in place of how it heard before."""
    yield from _unlinked(recorded, event)
    named = {"workspace": recorded.workspace, "channel": event.channel, "resource": event.resource}
    how = {"groups": event.groups, "rhythm": event.rhythm, "hour": event.hour}
    yield _LINK_CHANNEL, named | how | {"person": recorded.actor}


def unlinked(recorded: Recorded, event: events.ChannelUnlinked) -> Iterator[Write]:
    """A channel hears no more, of what was held for it neither."""
    yield from _unlinked(recorded, event)
    yield from digests.dropped(recorded, event)


def _unlinked(recorded: Recorded, event: events.ChannelLinked | events.ChannelUnlinked) -> Iterator[Write]:
    yield _UNLINK_CHANNEL, {"w": recorded.workspace, "channel": event.channel, "resource": event.resource}

"""What is held for channels that hear of things together, until it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, text, update

from collab import events
from collab.digests import Gathered
from collab.events import Recorded
from collab.notices import Held
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import held

IS_HELD = text("held.digest IS NULL")  # spelled out, so that the partial index serves
_H = held.c
_DUE = (
    select(_H.channel, _H.resource, func.max(_H.person), func.count())
    .where(in_workspace(held), IS_HELD, _H.due <= given("at"))
    .group_by(_H.channel, _H.resource)
    .order_by(_H.channel, _H.resource)
    .limit(given("most"))
)
_TOLD = (
    select(_H.seq)
    .where(in_workspace(held), _H.digest == given("of"), text("held.digest IS NOT NULL"))
    .order_by(_H.seq)
    .limit(given("most"))
)
_HOLD = held.insert()
_OF_LINK = (in_workspace(held), IS_HELD, _H.channel == given("c"), _H.resource == given("r"))
_TELL = update(held).where(*_OF_LINK, _H.due <= given("at")).values(digest=given("of"))
_DROP = delete(held).where(*_OF_LINK)
_FORGET = delete(held).where(in_workspace(held), _H.digest == given("of"), text("held.digest IS NOT NULL"))


class DigestFacts(Reader):
    """Answers about what channels hear of together."""

    def due_digests(self, at: datetime, most: int) -> Sequence[Gathered]:
        """What channels are to be told together by a moment."""
        return [Gathered(*row) for row in self._rows(_DUE, at=at, most=most)]

    def digested(self, seq: int, most: int) -> Sequence[int]:
        """The numbers of the first few facts that a channel is told together with one event, oldest first."""
        return [row.seq for row in self._rows(_TOLD, of=seq, most=most)]


def put(connection: Connection, workspace: str, kept: Sequence[Held]) -> None:
    """Hold what channels are to hear of later."""
    rows = [
        {"workspace": workspace, "seq": h.seq, "due": h.due, "digest": None}
        | {"channel": h.link.channel, "resource": h.link.resource, "person": h.link.person}
        for h in kept
    ]
    if rows:
        connection.execute(_HOLD, rows)


def forget(connection: Connection, workspace: str, seq: int) -> None:
    """What was told with one event is held no more."""
    connection.execute(_FORGET, {"w": workspace, "of": seq})


def told(recorded: Recorded, event: events.ChannelDigested) -> Iterator[Write]:
    """All that was due for a channel is told with this."""
    of_link = {"w": recorded.workspace, "c": event.channel, "r": event.resource}
    yield _TELL, of_link | {"at": recorded.at, "of": recorded.seq}


def dropped(recorded: Recorded, event: events.ChannelUnlinked) -> Iterator[Write]:
    """A channel that hears of a resource no more is not told what was held for it."""
    yield _DROP, {"w": recorded.workspace, "c": event.channel, "r": event.resource}

"""What is told later: notices that wait for a digest, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, text

from collab import events
from collab.events import Recorded
from collab.notices import HOME, MEMBERS, PROFILE, REFRESH, Delivery, person_target
from collab.telling import Kept, told_in
from storage.outbox import DELIVERY, RETRY, UNDELIVERABLE, delivered
from storage.statements import Reader, Write, given, in_workspace
from storage.tables import kept, outbox

_K = kept.c
_DUE = (
    select(_K.person, _K.seq, _K.message, _K.due)
    .where(in_workspace(kept), _K.due <= given("at"))
    .order_by(_K.person, _K.seq, _K.message)
    .limit(given("most"))
)
_KEEP = kept.insert()
_TAKE = delete(kept).where(
    in_workspace(kept), _K.person == given("p"), _K.seq == given("fact"), _K.message == given("named")
)
_O = outbox.c
_IS_DEAD = text("outbox.state = 'dead'")  # spelled out, so that the partial indexes serve
_UNDELIVERED = (
    select(*DELIVERY)
    .where(in_workspace(outbox), _IS_DEAD, or_(_O.answerable == given("p"), _O.target == given("target")))
    .where(_O.seq.is_not(None), _O.message.not_in([HOME, PROFILE, MEMBERS, REFRESH, UNDELIVERABLE]))
)
_NEWEST = _UNDELIVERED.order_by(_O.id.desc()).limit(given("most"))
_ONE = _UNDELIVERED.where(_O.id == given("row"))


class ToldFacts(Reader):
    """Answers about what is told later."""

    def due_kept(self, at: datetime, most: int) -> Sequence[Kept]:
        """The notices that wait for a digest which is due by a moment, those of one person together, in their order."""
        return [Kept(*row) for row in self._rows(_DUE, at=at, most=most)]

    def undelivered(self, person: str, most: int) -> Sequence[Delivery]:
        """What could not be delivered to a person, or is theirs to answer for; the newest first."""
        return [delivered(row) for row in self._rows(_NEWEST, p=person, target=person_target(person), most=most)]

    def undelivered_one(self, person: str, delivery: int) -> Delivery | None:
        """The one of these of that number."""
        row = self._row(_ONE, p=person, target=person_target(person), row=delivery)
        return delivered(row) if row else None


def keep(connection: Connection, workspace: str, notices: Sequence[Kept]) -> None:
    """Notices wait for their person's digest."""
    if notices:
        connection.execute(_KEEP, [{"workspace": workspace, **asdict(notice)} for notice in notices])


def digested(recorded: Recorded, event: events.PersonDigested) -> Iterator[Write]:
    """What was kept for somebody is on its way."""
    for seq, message in told_in(event):
        yield _TAKE, {"w": recorded.workspace, "p": event.person, "fact": seq, "named": message}


def retried(_recorded: Recorded, event: events.NoticeRetried) -> Iterator[Write]:
    """What could not be delivered waits again."""
    yield RETRY, {"row": event.delivery}

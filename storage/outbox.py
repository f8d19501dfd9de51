"""The outbox: notices that wait to be told, in order per target, claimed under a lease by the database's clock."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, delete, false, func, not_, select, text, update

from collab.notices import DIGEST, HOME, Copy, Delivery, Notice, ThreadStart, home_target, person_of, person_target
from storage import digests
from storage.connections import Connections
from storage.statements import DatabaseNow, given, one_of
from storage.tables import copies, homes, outbox, threads

UNDELIVERABLE = "undeliverable"
_NOW = DatabaseNow()
_O = outbox.c
_EARLIER = outbox.alias("earlier")
# Spelled out, so that the partial indexes serve.
_IS_WAITING = text("outbox.state = 'waiting'")
_IS_DEAD = text("outbox.state = 'dead'")
_EARLIER_IS_WAITING = text("earlier.state = 'waiting'")
DELIVERY = (
    _O.id,
    _O.workspace,
    _O.target,
    _O.message,
    _O.seq,
    _O.about,
    _O.answerable,
    _O.payload,
    _O.attempts,
    _O.lease,
    _O.problem,
)
# A look-up of each target's first row: as an anti-join PostgreSQL compares all that waits with all that waits, when its
# statistics are of the time when the outbox was empty. And a row may well be one: PostgreSQL, expecting hardly any,
# looks at all that waits, where the first few in their order would do.
_FIRST = (
    select(_EARLIER.c.id)
    .where(_EARLIER.c.workspace == _O.workspace, _EARLIER.c.target == _O.target, _EARLIER_IS_WAITING)
    .order_by(_EARLIER.c.id)
    .limit(1)
    .correlate(outbox)
    .scalar_subquery()
)
_HEAD = func.coalesce(_O.id == _FIRST, false())
# A lease or a pause that ends later than any can was given before the clock was set back, and is over.
LONGEST_LEASE, LONGEST_PAUSE = 120.0, 3 * 86_400.0  # seconds
_NOT_BEFORE = case((_O.not_before > _NOW + LONGEST_PAUSE, 0.0), else_=_O.not_before)
_LEASED_UNTIL = case((_O.leased_until > _NOW + LONGEST_LEASE, 0.0), else_=_O.leased_until)
_FREE = (
    select(_O.id)
    .where(_IS_WAITING, _NOT_BEFORE <= _NOW, _LEASED_UNTIL <= _NOW, _HEAD)
    .order_by(_O.id)
    .limit(given("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(outbox)
    .where(one_of(_O.id, "ids"))
    .values(leased_until=_NOW + given("length"), lease=given("token"), attempts=_O.attempts + 1)
)
_CLAIMED = select(*DELIVERY).where(one_of(_O.id, "ids")).order_by(_O.id)
_MINE = and_(_O.id == given("row"), _O.lease == given("token"), _IS_WAITING)
_SENT = update(outbox).where(_MINE).values(state="sent", payload=None, leased_until=0.0)
_AGAIN = (
    update(outbox)
    .where(_MINE)
    .values(
        not_before=_NOW + given("after"),
        leased_until=0.0,
        lease="",
        problem=given("why"),
        attempts=_O.attempts - given("uncounted"),
    )
)
_FAILED_BEFORE = and_(
    _O.workspace == given("w"),
    _IS_WAITING,
    _O.not_before > _NOW,
    _O.problem.is_not(None),
    _O.problem != given("limited"),
)
_HASTEN = update(outbox).where(_FAILED_BEFORE, one_of(_O.message, "messages")).values(not_before=0.0)
_HASTEN_OTHERS = update(outbox).where(_FAILED_BEFORE, not_(one_of(_O.message, "messages"))).values(not_before=0.0)
_DEAD = update(outbox).where(_MINE).values(state="dead", leased_until=0.0, problem=given("why"))
RETRY = (
    update(outbox)
    .where(_O.id == given("row"), _O.state == "dead")
    .values(state="waiting", attempts=0, not_before=0.0, problem=None)
)
_FAILED = select(*DELIVERY).where(_IS_DEAD).order_by(_O.id.desc()).limit(given("most"))
_FREE_AT = case((_NOT_BEFORE > _LEASED_UNTIL, _NOT_BEFORE), else_=_LEASED_UNTIL)
_NEXT = select(func.min(_FREE_AT) - _NOW).where(_IS_WAITING, _HEAD)
_PUT = outbox.insert()
_KEEP_COPY = copies.insert()
_COPIES = (
    select(
        copies.c.workspace,
        copies.c.about,
        copies.c.target,
        copies.c.message,
        copies.c.channel,
        copies.c.ts,
        copies.c.response_url,
    )
    .where(copies.c.workspace == given("w"), copies.c.about == given("about"), copies.c.target == given("target"))
    .order_by(copies.c.id)
)
_FORGET_COPY = delete(copies).where(
    copies.c.workspace == given("workspace"),
    copies.c.about == given("about"),
    copies.c.target == given("target"),
    func.coalesce(copies.c.ts, copies.c.response_url) == given("where"),
)


_OF_THREAD = (threads.c.workspace == given("w"), threads.c.target == given("target"), threads.c.about == given("about"))
_THREAD = select(threads.c.ts).where(*_OF_THREAD)
_BEGIN = text(
    "INSERT INTO threads (workspace, target, about, ts) VALUES (:workspace, :target, :about, :ts)"
    " ON CONFLICT (workspace, target, about) DO UPDATE SET ts = excluded.ts"
)

# A Home that waits shows what is new too, unless a courier has begun to read: then its row is leased, or locked.
_UNREAD = (
    select(_O.target)
    .where(_O.workspace == given("w"), one_of(_O.target, "targets"), _IS_WAITING, _O.lease == "")
    .with_for_update(skip_locked=True)
)
_OPENED = select(homes.c.person).where(homes.c.workspace == given("w"), one_of(homes.c.person, "people"))
_PAGES = select(homes.c.pages).where(homes.c.workspace == given("w"), homes.c.person == given("p"))
_TURN = (
    update(homes).where(homes.c.workspace == given("w"), homes.c.person == given("p")).values(pages=given("new_pages"))
)
_OPEN = text("INSERT INTO homes (workspace, person, pages) VALUES (:w, :p, '') ON CONFLICT DO NOTHING")


def put(connection: Connection, workspace: str, notices: Sequence[Notice]) -> None:
    """Notices wait from now on, in the order given; a Home that was never opened, or that waits already, does not."""
    rows = [_waiting(workspace, n.target, n.message) | _about(n) for n in notices if n.message != HOME]
    if rows:
        connection.execute(_PUT, rows)
    people = [n.target.partition(":")[2] for n in notices if n.message == HOME]
    opened = connection.execute(_OPENED, {"w": workspace, "people": people}).scalars().all() if people else ()
    if opened:
        _put_homes(connection, workspace, opened)


def _put_homes(connection: Connection, workspace: str, people: Iterable[str]) -> None:
    targets = [home_target(person) for person in people]
    unread = set(connection.execute(_UNREAD, {"w": workspace, "targets": targets}).scalars())
    rows = [_waiting(workspace, target, HOME) for target in targets if target not in unread]
    if rows:
        connection.execute(_PUT, rows)


class Outbox:
    """The courier's side: claim, send, settle."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def claim(self, most: int, lease: timedelta) -> list[Delivery]:
        """The heads of up to so many targets, leased to the caller; each attempt is counted when it is claimed."""
        with self._connections.write() as connection:
            ids = list(connection.execute(_FREE, {"most": most}).scalars())
            if not ids:
                return []
            token = secrets.token_hex(8)
            connection.execute(_LEASE, {"ids": ids, "length": lease.total_seconds(), "token": token})
            return [delivered(row) for row in connection.execute(_CLAIMED, {"ids": ids})]

    def sent(self, delivery: Delivery, *kept: Copy | ThreadStart) -> bool:
        """Settle what was sent and remember its copy and its thread; false when the lease had been lost."""
        with self._connections.write() as connection:
            for each in kept:
                connection.execute(_KEEP_COPY if isinstance(each, Copy) else _BEGIN, asdict(each))
            settled = connection.execute(_SENT, _mine(delivery)).rowcount == 1
            if settled and delivery.message == DIGEST and delivery.seq:
                digests.forget(connection, delivery.workspace, delivery.seq)
            return settled

    def again(self, delivery: Delivery, after: timedelta, problem: str, *, counted: bool = True) -> None:
        """Put a delivery back, to be tried after a while; uncounted when it was not tried at all."""
        values = {"after": after.total_seconds(), "why": problem, "uncounted": 0 if counted else 1}
        with self._connections.write() as connection:
            connection.execute(_AGAIN, _mine(delivery) | values)

    def dead(self, delivery: Delivery, problem: str) -> None:
        """Give a delivery up, and tell whoever can do something about it."""
        with self._connections.write() as connection:
            buried = connection.execute(_DEAD, _mine(delivery) | {"why": problem}).rowcount
            if buried and delivery.answerable and delivery.message != UNDELIVERABLE:
                connection.execute(_PUT, _complaint(delivery, delivery.answerable, problem))
            if buried and delivery.message != HOME:
                shows = [delivery.answerable, person_of(delivery.target)]
                seen = [Notice(home_target(person), HOME, 0) for person in shows if person]
                put(connection, delivery.workspace, seen)

    def post(self, workspace: str, target: str, message: str, payload: dict[str, Any]) -> None:
        """An errand of its own, outside any action."""
        row = _waiting(workspace, target, message) | {"payload": json.dumps(payload, ensure_ascii=False)}
        with self._connections.write() as connection:
            connection.execute(_PUT, row)

    def keep_copy(self, copy: Copy) -> None:
        """Remember a message that is to be kept up to date."""
        with self._connections.write() as connection:
            connection.execute(_KEEP_COPY, asdict(copy))

    def forget_copy(self, copy: Copy) -> None:
        """A message is gone."""
        where = {"where": copy.ts or copy.response_url}
        named = {"workspace": copy.workspace, "about": copy.about, "target": copy.target}
        with self._connections.write() as connection:
            connection.execute(_FORGET_COPY, named | where)

    def copies(self, workspace: str, about: str, target: str) -> list[Copy]:
        """The messages that a target was sent about something."""
        with self._connections.read() as connection:
            named = {"w": workspace, "about": about, "target": target}
            return [Copy(*row) for row in connection.execute(_COPIES, named)]

    def thread(self, workspace: str, target: str, about: str) -> str | None:
        """The ts of the message under which a target hears what else happens about something."""
        with self._connections.read() as connection:
            ts: str | None = connection.execute(_THREAD, {"w": workspace, "target": target, "about": about}).scalar()
            return ts

    def show_home(self, workspace: str, person: str, pages: Sequence[int] | None = None) -> None:
        """Bring a person's Home up to date: at these pages from now on, or at those where it is."""
        named = {"w": workspace, "p": person}
        with self._connections.write() as connection:
            if pages is not None:
                connection.execute(_OPEN, named)
                connection.execute(_TURN, named | {"new_pages": tuple(map(str, pages))})
            _put_homes(connection, workspace, [person])

    def home_pages(self, workspace: str, person: str) -> list[int]:
        """The pages at which a person's Home is, one for each of its lists; none when it was never opened."""
        with self._connections.read() as connection:
            found = connection.execute(_PAGES, {"w": workspace, "p": person}).scalar()
            return [int(page) for page in found or ()]

    def hasten(self, workspace: str, messages: Collection[str], *, are_excluded: bool = False) -> None:
        """Make what waits after a failure due at once: these messages, or all but these.

        What Slack asked to wait for goes on waiting.
        """
        with self._connections.write() as connection:
            statement = _HASTEN_OTHERS if are_excluded else _HASTEN
            connection.execute(statement, {"w": workspace, "messages": messages, "limited": "ratelimited"})

    def wait(self) -> float | None:
        """Seconds until something can be claimed; nothing when nothing waits."""
        with self._connections.read() as connection:
            seconds = connection.execute(_NEXT).scalar()
            return None if seconds is None else max(0.0, float(seconds))

    def failed(self, most: int = 100) -> list[Delivery]:
        """What was given up, newest first."""
        with self._connections.read() as connection:
            return [delivered(row) for row in connection.execute(_FAILED, {"most": most})]

    def retry(self, row: int) -> bool:
        """Try again what was given up; false when there is no such thing."""
        with self._connections.write() as connection:
            return connection.execute(RETRY, {"row": row}).rowcount == 1


def _waiting(workspace: str, target: str, message: str) -> dict[str, Any]:
    fresh = {"state": "waiting", "attempts": 0, "not_before": 0.0, "leased_until": 0.0, "lease": ""}
    return {"workspace": workspace, "target": target, "message": message, **fresh}


def _about(notice: Notice) -> dict[str, Any]:
    return {"seq": notice.seq, "about": notice.about, "answerable": notice.answerable}


def _complaint(delivery: Delivery, person: str, problem: str) -> dict[str, Any]:
    named = {"target": delivery.target, "message": delivery.message, "delivery": delivery.id}
    said = json.dumps({"problem": problem, **named})
    about = {"seq": delivery.seq, "about": delivery.about, "payload": said}
    return _waiting(delivery.workspace, person_target(person), UNDELIVERABLE) | about


def _mine(delivery: Delivery) -> dict[str, Any]:
    return {"row": delivery.id, "token": delivery.lease}


def delivered(row: Any) -> Delivery:
    """Return a row of the outbox as a delivery; a damaged one as well, so that it holds up no other."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor
    stored = values.pop("payload")
    payload = _read_payload(stored)
    return Delivery(**values, payload=payload, is_damaged=bool(stored) and payload is None)


def _read_payload(stored: str | None) -> dict[str, Any] | None:
    try:
        payload = json.loads(stored) if stored else None
    except (ValueError, TypeError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None

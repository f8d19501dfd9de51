"""A query of the event log as the value of a button, or in the outbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from collab.event_log import ListEvents
from collab.model import Account, Address, Caller

MAX_SEQUENCE = 2**63 - 1  # what a database holds as a number
MAX_TIMESTAMP = 2**32  # seconds


def encode_event_query(query: ListEvents) -> str:
    """Return a query as a value."""
    since = int(query.since.timestamp()) if query.since else 0
    parts = [
        query.what,
        query.before,
        _encode_person(query.who),
        _encode_person(query.about),
        list(query.names),
        since,
    ]
    return json.dumps(parts)


def decode_event_query(by: Caller, value: str) -> ListEvents:
    """Return the query in a value; one that finds nothing if it cannot be read."""
    try:
        what, before, who, about, names, since = json.loads(value)
        return ListEvents(
            by,
            what and str(what),
            _decode_person(who),
            _decode_time(since),
            before and _limit(before, MAX_SEQUENCE),
            _decode_person(about),
            tuple(str(name) for name in names),
        )
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return ListEvents(by, "")


def _encode_person(person_ref: Account | Address | None) -> list[str] | None:
    if isinstance(person_ref, Address):
        return [person_ref.email]
    return [person_ref.team, person_ref.user] if person_ref else None


def _decode_person(parts: Any) -> Account | Address | None:
    if not parts:
        return None
    if len(parts) == 1:
        return Address(str(parts[0]))
    return Account(str(parts[0]), str(parts[1]))


def _decode_time(timestamp: Any) -> datetime | None:
    if not timestamp:
        return None
    return datetime.fromtimestamp(_limit(timestamp, MAX_TIMESTAMP), UTC)


def _limit(number: Any, maximum: int) -> int:
    return min(max(int(number), 0), maximum)

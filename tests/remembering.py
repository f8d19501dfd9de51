"""What a transaction remembers, its own and what others learnt, is what it would read: checked at every answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.sql.visitors import iterate

from storage.cache import Cache, Lasting
from storage.statements import SOURCES, Reader
from storage.unit import StoredFacts, StoredUnit

Ask = Callable[[], Any]
BEHIND = 3  # events


class _OfThread(threading.local):
    """How the answers of a thread's transaction were asked for, and what is being asked for just now."""

    def __init__(self) -> None:
        self.asks: dict[tuple[int, str, str], Ask] = {}
        self.asking: list[str] = []


@contextmanager
def remembering_rightly() -> Iterator[None]:
    """Every answer names the tables that it is read from, and what outlives a write is asked for again and compared.

    So is what was learnt; most of it some events ago, as in a workspace in which another process is at work.
    """
    kept, rows, row, record, begin = Reader._kept, Reader._rows, Reader._row, StoredUnit.record, StoredFacts.begin
    here = _OfThread()

    def begun(facts: Any, row: Any) -> None:
        own = set(facts._memory)
        begin(facts, row)
        facts.recalled = {*facts._memory} - own - {("workspace", "")}

    def heard(facts: Any, what: str, key: str, ask: Ask) -> Any:
        learnt = (what, key) in getattr(facts, "recalled", ()) and facts.knows(what, key)
        here.asks[id(facts), what, key] = ask
        here.asking.append(what)
        try:
            if learnt:
                facts.recalled.discard((what, key))
                assert plain(ask()) == plain(facts._memory[what, key]), f"what was learnt of {what} {key} is not so"
            return kept(facts, what, key, ask)
        finally:
            here.asking.pop()

    def named(read: Callable[..., Any]) -> Callable[..., Any]:
        def reads(facts: Reader, statement: Any, **values: Any) -> Any:
            for what in here.asking:
                assert tables_of(statement) <= SOURCES[what], f"{what} is read from another table too"
            return read(facts, statement, **values)

        return reads

    def checked(unit: StoredUnit, *of: Any) -> None:
        record(unit, *of)
        for (what, key), answer in list(unit.facts._memory.items()):
            ask = here.asks.get((id(unit.facts), what, key)) or anew(unit, what, key)
            assert ask is None or plain(ask()) == plain(answer), f"what is remembered of {what} {key} is so no more"
        here.asks.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cache, "put", behind)
        patch.setattr(StoredFacts, "begin", begun)
        patch.setattr(Reader, "_kept", heard)
        patch.setattr(Reader, "_rows", named(rows))
        patch.setattr(Reader, "_row", named(row))
        patch.setattr(StoredUnit, "record", checked)
        yield


def plain(answer: Any) -> Any:
    """An answer, and when it ends, whenever it was asked for."""
    return (answer.answer, answer.until) if isinstance(answer, Lasting) else answer


def anew(unit: StoredUnit, what: str, key: str) -> Ask | None:
    """How an answer is asked for that was not asked for before, but is known."""
    facts = StoredFacts(unit._connection, unit._workspace)
    by_key = {"person": facts.person, "invitation": facts.invitation, "resource": facts.resource}
    return partial(by_key[what], key) if what in by_key else None


_put = Cache.put


def behind(cache: Cache, workspace: str, seq: int, memory: Any) -> None:
    """Learn now and then."""
    if seq % BEHIND == 0:
        _put(cache, workspace, seq, memory)


@cache
def tables_of(statement: Any) -> set[str]:
    """The tables that a statement reads."""
    return {str(part.name) for part in iterate(statement) if isinstance(part, Table)}

"""Every measure that starts no server runs once, with hardly anything to measure, so that the bench does not rot."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.bench import dispatch, rendering, sweep, transaction
from tests.bench.__main__ import MEASURES, table
from tests.bench.http_client import Answers
from tests.bench.http_load import Both, row
from tests.bench.measure import Row
from tests.bench.place import Place, place

TINY = sweep.Sizes(few=20, many=40, due=2, rounds=3, restarted=2, pause=0.2)
SERVERS = {"http", "start"}
SMALL: dict[str, Callable[[Place], Iterator[Row]]] = {
    "dispatch": lambda here: dispatch.measure(here, 2),
    "transaction": lambda here: transaction.measure(here, 2),
    "command": lambda here: dispatch.measure_command(here, 2),
    "sweep": lambda here: sweep.measure(here, TINY),
    "rendering": lambda here: rendering.measure(here, 4),
}


@pytest.fixture
def here() -> Iterator[Place]:
    with place(postgres=False) as made:
        yield made


def test_nothing_is_left_out() -> None:
    assert SMALL.keys() | SERVERS == MEASURES.keys()


@pytest.mark.parametrize("name", SMALL)
def test_a_measure_gives_rows(name: str, here: Place) -> None:
    rows = list(SMALL[name](here))

    assert rows
    assert table(rows).row_count == len(rows)
    assert all(row.found for row in rows)


def test_what_was_refused_or_failed_misses_the_aim() -> None:
    fine = Answers(1.0, [0.01, 0.02], {"200": 2})

    assert row("SQLite", 16, Both([fine], [fine], kept=2)).verdict == "met"
    assert row("SQLite", 16, Both([fine], [fine], kept=1)).verdict == "not met"
    assert row("SQLite", 16, Both([Answers(1.0, [0.01], {"503": 1})], [fine], kept=1)).verdict == "not met"
    assert row("SQLite", 64, Both([Answers(4.0, [3.5], {"200": 1})], [fine], kept=1)).verdict == "not met"

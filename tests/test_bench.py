"""Every measure that starts no server runs once, with hardly anything to measure, so that the bench does not rot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from collab.unit_of_work import Unavailable
from storage.database import Database
from tests.bench import (
    crowd,
    decisions,
    dispatch,
    files,
    lists,
    rendering,
    sweep,
    transaction,
    world,
)
from tests.bench.__main__ import MEASURES, table
from tests.bench.company import AT, TEAM, core
from tests.bench.engines import Answers as Engine
from tests.bench.http_client import Answers
from tests.bench.http_load import Both, row
from tests.bench.measure import Row
from tests.bench.place import Place, place
from tests.support.load import LoadProfile

TINY = sweep.Sizes(few=20, many=40, due=2, rounds=3, restarted=2, pause=0.2)
FEW_DECISIONS = decisions.Sizes(
    memberships=(100, 200), questions=50, sample=50, seconds=0
)
FEW_PEOPLE = crowd.Sizes(
    LoadProfile(5, 2, 1), LoadProfile(30, 4, 2), rounds=2, seconds=0
)
SERVERS = {"http", "start", "workspaces"}
SMALL: dict[str, Callable[[Place], Iterator[Row]]] = {
    "dispatch": lambda here: dispatch.measure(here, 2),
    "transaction": lambda here: transaction.measure(here, 2),
    "command": lambda here: dispatch.measure_command(here, 2),
    "files": files.measure,
    "sweep": lambda here: sweep.measure(here, TINY),
    "rendering": lambda here: rendering.measure(here, 4),
    "decisions": lambda here: decisions.measure(here, FEW_DECISIONS),
    "lists": lambda here: lists.measure(
        here, lists.Sizes(few=20, many=40, rounds=2, seconds=0)
    ),
    "crowd": lambda here: crowd.measure(here, FEW_PEOPLE),
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
    assert (
        row(
            "SQLite", 16, Both([Answers(1.0, [0.01], {"503": 1})], [fine], kept=1)
        ).verdict
        == "not met"
    )
    assert (
        row(
            "SQLite", 64, Both([Answers(4.0, [3.5], {"200": 1})], [fine], kept=1)
        ).verdict
        == "not met"
    )


def test_a_decision_reads_as_much_among_few_as_among_many(here: Place) -> None:
    few, many = (read_by_decisions(here, size) for size in (100, 20_000))

    assert [statements for statements, _ in few] == [
        statements for statements, _ in many
    ]
    assert max(steps for _, steps in many) <= 1.2 * max(steps for _, steps in few)


def read_by_decisions(here: Place, size: int) -> list[tuple[int, int]]:
    """How many statements and how many steps of SQLite each decision about a company's apps takes."""
    with closing(decisions.filled(here, "SQLite", size)) as database:
        people = [given.person for given in world.read(database).memberships[:50]]
        asked = [
            world.Question(p, "edit", f"RA{n:07}") for p in people for n in range(8)
        ]
        return [read_by(database, question) for question in asked]


def read_by(database: Database, question: world.Question) -> tuple[int, int]:
    statements, steps = [], []
    with (
        database.unit_of_work_factory.read(TEAM) as facts,
        transaction.listening(lambda *said: statements.append(said)),
    ):
        driver = facts.people._connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(lambda: steps.append(1), 1)
        decisions.decided(core(database).context(facts, AT), question)
        driver.set_progress_handler(None, 1)
    return len(statements), len(steps)


def test_nobody_is_measured_on_a_wrong_answer(here: Place) -> None:
    with closing(decisions.filled(here, "SQLite", 100)) as database:
        asked = list(world.read(database).questions(50))

        def ours(questions: Iterator[world.Question]) -> Iterator[bool]:
            return decisions.one_by_one(database, questions)

        engines: dict[str, Engine] = {
            "ours": ours,
            "yes-man": lambda questions: (True for _ in questions),
        }
        with pytest.raises(AssertionError, match="yes-man answers differently"):
            decisions.agree(decisions.Ground(100, asked, engines), 50)


def test_what_would_be_read_for_too_long_is_reported_and_not_tried() -> None:
    small = decisions.Ground(100, [], {}, loading={"cedarpy": 1.0})
    large = decisions.Ground(10_000, [], {})

    decisions.load(large, "cedarpy", world.World([], []), [small], limit=60)

    assert large.missing == {"cedarpy": "would read for about 100 s"}
    assert not large.answers


def test_a_page_that_does_not_come_misses_the_aim() -> None:
    def busy() -> None:
        raise Unavailable("busy")

    page = lists.Page(busy, "lines")

    page()

    assert lists.page_row("events", "of 1", page, [0.1], [2.0]).verdict == "not met"

"""May this person do that on this app? Our answers, from what is stored, beside those of two engines in memory.

All are asked the same questions in turn, and first must agree on some. Theirs hold the world as it was when they read
it; what that reading takes is reported too. Ours read each time what is so now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from statistics import median

from collab import authorization
from collab.context import Context
from collab.model import PersonId, ResourceId
from storage.database import Database
from tests.bench import world
from tests.bench.company import AT, TEAM, core, found
from tests.bench.engines import Answers, cedar, pycasbin
from tests.bench.measure import Row, at_most, by_turns, ms, percentile, without
from tests.bench.place import KINDS, Place
from tests.bench.world import Question, World

TOGETHER = 100  # decisions in one transaction
RUN = 25  # decisions in one turn
OTHERS: dict[str, Callable[[World], Answers]] = {"PyCasbin": pycasbin, "cedarpy": cedar}
MOST = 1.6

Taken = dict[tuple[int, str], list[float]]


@dataclass(frozen=True)
class Sizes:
    """How many memberships, how many questions, and for how many seconds."""

    memberships: tuple[int, ...] = (100, 10_000, 100_000, 1_000_000)
    questions: int = 3_000
    sample: int = 200
    seconds: float = 20
    loading: float = 60


@dataclass(frozen=True)
class Ground:
    """One world: who answers about it, what it took them to read it, and who could not."""

    size: int
    questions: list[Question]
    answers: dict[str, Answers]
    loading: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def measure(place: Place, sizes: Sizes = Sizes()) -> Iterator[Row]:
    """Every size on both databases, all in turn."""
    grounds: list[Ground] = []
    with ExitStack() as until_measured:
        for size in sizes.memberships:
            grounds.append(ground(place, size, sizes, until_measured, grounds))
            agree(grounds[-1], sizes.sample)
        taken = measured(grounds, sizes)
    here = place.kinds()
    for kind in KINDS:
        if kind in here:
            yield from decision_rows(kind, grounds, taken)
        else:
            yield without(kind, f"a decision, {kind}", ", ".join(OTHERS), "")
    yield from (loading(g) for g in grounds)


def measured(grounds: list[Ground], sizes: Sizes) -> Taken:
    """The seconds of each decision, by how many memberships there are and who decides."""
    works = {
        (g.size, who): partial(next, answers(cycle(g.questions)))
        for g in grounds
        for who, answers in g.answers.items()
    }
    times = by_turns(sizes.seconds, sizes.questions // RUN, *works.values(), run=RUN)
    return dict(zip(works, times, strict=True))


# Who answers


def ground(
    place: Place, size: int, sizes: Sizes, stack: ExitStack, smaller: list[Ground]
) -> Ground:
    """A world in every database that is here, and in the memory of those who can read it in time."""
    databases = {
        kind: stack.enter_context(closing(filled(place, kind, size)))
        for kind in place.kinds()
    }
    answers: dict[str, Answers] = {}
    for kind, database in databases.items():
        answers |= {
            alone(kind): partial(one_by_one, database),
            together(kind): partial(by_the_hundred, database),
        }
    read = world.read(databases["SQLite"])
    made = Ground(size, list(read.questions(sizes.questions)), answers)
    for name in OTHERS:
        load(made, name, read, smaller[-1:], sizes.loading)
    return made


def filled(place: Place, kind: str, size: int) -> Database:
    """A database with so many memberships in it."""
    database = Database.open(place.seeded(kind, found))
    world.fill(database, kind, size)
    return database


def load(
    into: Ground, name: str, read: World, smaller: list[Ground], limit: float
) -> None:
    """Let another engine read the world, unless it would take too long, as the next smaller one tells."""
    for before in smaller:
        expected = before.loading.get(name, limit) * into.size / before.size
        if expected > limit:
            into.missing[name] = f"would read for about {expected:.0f} s"
            return
    start = time.perf_counter()
    into.answers[name] = OTHERS[name](read)
    into.loading[name] = time.perf_counter() - start


def one_by_one(database: Database, questions: Iterator[Question]) -> Iterator[bool]:
    """Our answers, each in a transaction of its own."""
    collab = core(database)
    for question in questions:
        with database.unit_of_work_factory.read(TEAM) as facts:
            answer = decided(collab.context(facts, AT), question)
        yield answer


def by_the_hundred(database: Database, questions: Iterator[Question]) -> Iterator[bool]:
    """Our answers, many in each transaction, which reads each resource once."""
    collab = core(database)
    while some := list(islice(questions, TOGETHER)):
        with database.unit_of_work_factory.read(TEAM) as facts:
            case = collab.context(facts, AT)
            yield from (decided(case, question) for question in some)


def decided(case: Context, question: Question) -> bool:
    """One decision, by the core's own road."""
    app = case.resources.get_resource(ResourceId(question.app))
    return app is not None and authorization.check(
        case, PersonId(question.person), question.capability, app
    )


def agree(on: Ground, many: int) -> None:
    """Nobody is measured on a wrong answer."""
    said = {
        who: list(answers(iter(on.questions[:many])))
        for who, answers in on.answers.items()
    }
    first = next(iter(said.values()))
    assert set(first) == {True, False}, "these questions tell nothing"
    for who, theirs in said.items():
        assert theirs == first, f"{who} answers differently among {on.size:,}"


# In words


def alone(kind: str) -> str:
    """Who answers each question in a transaction of its own."""
    return f"a transaction each, {kind}"


def together(kind: str) -> str:
    """Who answers many in one transaction."""
    return f"{TOGETHER} in a transaction, {kind}"


def decision_rows(kind: str, grounds: list[Ground], taken: Taken) -> Iterator[Row]:
    """What one database's answers took, beside the others', and how that grows."""
    for g in grounds:
        others = [f"{name} {speed(g, name, taken)}" for name in OTHERS]
        for who in (alone(kind), together(kind)):
            yield Row(
                f"decisions among {g.size:,}, {who}",
                "; ".join(others),
                speed(g, who, taken),
            )
    few, *more = (g.size for g in grounds)
    base = median(taken[few, alone(kind)])
    for size in more:
        ours = median(taken[size, alone(kind)])
        what = f"a decision among {size:,} memberships, {kind}"
        yield at_most(
            what, f"among {few:,}", ours / base, MOST, f"{ms(ours)} against {ms(base)}"
        )


def speed(on: Ground, who: str, taken: Taken) -> str:
    """Decisions in a second, and what one in a hundred takes at least."""
    if who in on.missing:
        return on.missing[who]
    times = taken[on.size, who]
    return f"{len(times) / sum(times):,.0f}/s, p99 {ms(percentile(times, 0.99))}"


def loading(on: Ground) -> Row:
    """What it takes before the first answer."""
    others = [
        f"{name} {on.missing.get(name) or ms(on.loading[name])}" for name in OTHERS
    ]
    return Row(
        f"reading {on.size:,} memberships before the first decision",
        "; ".join(others),
        "nothing is read",
    )

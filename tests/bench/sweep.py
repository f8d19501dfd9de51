"""What is due among many that wait: one sweep over an index against one APScheduler job per invitation.

Each job does the same as the sweep does for one invitation, in a transaction of its own, and the scheduler keeps its
jobs in a database of the same kind with the same settings.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from collab.answers import due_events
from collab.people import Caller
from collab.service import Collab
from storage.database import Database
from tests.bench.company import AT, POLICY, TEAM, core, found
from tests.bench.measure import Row, at_least, at_most, interleaved, ms, timed, without
from tests.bench.place import KINDS, Place

GRID = 1000  # people, each invited to as many companies as it takes
FIRST_MARK = POLICY.reminders[0]
PAUSE = 3.0
GIVE_UP = 60.0

NUMBERS = {
    "SQLite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :n) ",
    "PostgreSQL": "WITH n(i) AS (SELECT generate_series(0, :n - 1)) ",
}
LATER = {
    "SQLite": "strftime('%Y-%m-%d %H:%M:%f000', :{0}, '+' || i || ' seconds')",
    "PostgreSQL": "CAST(:{0} AS timestamptz) + i * interval '1 second'",
}
PEOPLE = """INSERT INTO people (workspace, id, team, account, title, tz, bot, guest, active, profiled)
{numbers} SELECT :w, 'PB' || i, :w, 'UB' || i, 'Somebody', 'UTC', false, false, true, true FROM n"""
COMPANIES = """INSERT INTO resources (workspace, id, kind, slug, title)
{numbers} SELECT :w, 'RB' || i, 'company', 'company-' || i, 'Company' FROM n"""
INVITATIONS = """INSERT INTO invitations
(workspace, id, resource, person, inviter, role, state, sent, expires, due, marks, muted)
{numbers} SELECT :w, 'IB' || i, 'RB' || (i / :grid), 'PB' || (i % :grid), 'PB0', 'admin', 'pending',
{sent}, {expires}, {due}, 0, false FROM n"""


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    few: int = 10_000
    many: int = 1_000_000
    due: int = 1_000
    rounds: int = 5
    restarted: int = 200
    pause: float = PAUSE


def measure(place: Place, sizes: Sizes = Sizes()) -> Iterator[Row]:
    """Both databases, one after the other."""
    here = place.kinds()
    for kind in KINDS:
        if kind in here:
            yield from measured(place, kind, sizes)
        else:
            yield without(kind, *wording(kind, sizes)[:2], "≤ 1.6 ×")


def wording(kind: str, sizes: Sizes) -> tuple[str, str, str]:
    """What is measured, in words."""
    what = f"sweep of {sizes.due:,} due among {sizes.many:,} pending, {kind}"
    return what, f"among {sizes.few:,}", f"{sizes.due:,} APScheduler jobs that do the same"


def measured(place: Place, kind: str, sizes: Sizes) -> Iterator[Row]:
    """One kind of database."""
    what, few_words, job_words = wording(kind, sizes)
    few, many, jobs = compared(place, kind, sizes)
    yield at_most(what, few_words, many / few, 1.6, f"{ms(many)} against {ms(few)}")
    yield at_least(what, job_words, jobs / many, 8, f"{ms(many)} against {ms(jobs)}")
    yield restarted(place, kind, sizes)


def compared(place: Place, kind: str, sizes: Sizes) -> list[float]:
    """Seconds of a sweep among few, of one among many, and of the same work as jobs."""
    rounds = sizes.rounds + 1
    with (
        sweeping(place, kind, sizes.few, sizes.due) as few,
        sweeping(place, kind, sizes.many, sizes.due) as many,
        scheduling(place, kind, sizes.due * rounds, sizes.due) as jobs,
    ):
        return interleaved_with_jobs(sizes.rounds, few, many, jobs)


def interleaved_with_jobs(
    rounds: int, few: Callable[[], Any], many: Callable[[], Any], jobs: Callable[[], float]
) -> list[float]:
    """Medians; setting the jobs up is not counted."""
    took: list[float] = []
    medians = interleaved(rounds, few, many, lambda: took.append(jobs()), warm=1)
    return [*medians[:2], sorted(took[1:])[len(took[1:]) // 2]]


@contextmanager
def sweeping(place: Place, kind: str, pending: int, due: int) -> Iterator[Callable[[], None]]:
    """A work that lets time pass until as many more are due."""
    with waiting(place, kind, pending, AT) as database:
        collab, rounds = core(database), count(1)

        def sweep() -> None:
            done = collab.pass_time(AT + timedelta(seconds=due * next(rounds) - 1))
            assert done == due, f"{done} of {due} were done"

        yield sweep


@contextmanager
def waiting(place: Place, kind: str, pending: int, first: datetime) -> Iterator[Database]:
    """A database in which one reminder a second is due from a moment on."""
    with closing(Database.open(place.seeded(kind, found))) as database:
        fill(database, kind, pending, first)
        yield database


def fill(database: Database, kind: str, pending: int, first: datetime) -> None:
    """Write the people, their companies and their invitations straight into the tables."""
    with database.engine.begin() as connection:
        if kind == "PostgreSQL":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement, many in ((PEOPLE, GRID), (COMPANIES, -(-pending // GRID)), (INVITATIONS, pending)):
            moments = {name: LATER[kind].format(name) for name in ("sent", "expires", "due")}
            said = text(statement.format(numbers=NUMBERS[kind], **moments))
            names = said.compile().params
            values = {"n": many, "w": TEAM, "grid": GRID, **life(kind, first)}
            connection.execute(said, {name: values[name] for name in names})
    with database.engine.execution_options(isolation_level="AUTOCOMMIT", begin=None).connect() as connection:
        connection.execute(text("ANALYZE"))


def life(kind: str, first: datetime) -> dict[str, Any]:
    """The moments of the first invitation, as the database takes them."""
    sent = first - FIRST_MARK
    moments = {"sent": sent, "expires": sent + POLICY.lifetime, "due": first}
    return {n: m.strftime("%Y-%m-%d %H:%M:%S.%f") if kind == "SQLite" else m for n, m in moments.items()}


# One job per invitation

_TURN: dict[str, Callable[[int], None]] = {}


def run_job(key: str, number: int) -> None:
    """What a stored job calls: it finds its work by name, for it outlives the process."""
    _TURN[key](number)


@contextmanager
def scheduling(place: Place, kind: str, pending: int, due: int) -> Iterator[Callable[[], float]]:
    """A work that hands as many jobs to a scheduler and gives the seconds that it needs for them."""
    with waiting(place, kind, pending, AT) as database, closing(Database.open(place.database(kind))) as jobs:
        collab, rounds = core(database), count()

        def work() -> float:
            first = next(rounds) * due
            at = AT + timedelta(seconds=first + due)
            return by_jobs(jobs, range(first, first + due), lambda number: remind(database, collab, number, at))

        yield work


def remind(database: Database, collab: Collab, number: int, at: datetime) -> None:
    """What the sweep does, for one invitation, in a transaction of its own."""
    by = Caller(TEAM, None, "time")
    with database.units.change(TEAM) as unit:
        case = collab._case(unit.facts, by, at)
        invitation = unit.facts.invitation(f"IB{number}")
        assert invitation is not None
        collab._keep(unit, case, by, due_events(case, [invitation]))


def by_jobs(database: Database, numbers: range, work: Callable[[int], None]) -> float:
    """Seconds from the start of a scheduler to the end of its last job."""
    done, left = Event(), count(1)

    def counted(number: int) -> None:
        work(number)
        if next(left) == len(numbers):
            done.set()

    with scheduler(database, misfire_grace_time=None) as running:
        schedule(running, "reminder", numbers, counted, datetime.now(UTC))
        return timed(lambda: (running.resume(), done.wait(GIVE_UP)))


@contextmanager
def scheduler(database: Database, **defaults: Any) -> Iterator[BackgroundScheduler]:
    """A scheduler that keeps its jobs in a database; started, but paused."""
    made = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=database.engine)},
        executors={"default": ThreadPoolExecutor(8, {"thread_name_prefix": "job"})},
        job_defaults=defaults,
        timezone=UTC,
    )
    made.start(paused=True)
    try:
        yield made
    finally:
        made.shutdown(wait=True)


def schedule(
    to: BackgroundScheduler, key: str, numbers: range, work: Callable[[int], None], at: datetime
) -> None:
    """One job for each number."""
    _TURN[key] = work
    for number in numbers:
        to.add_job(run_job, "date", run_date=at, args=(key, number), id=f"{key}{number}")


# A restart


def restarted(place: Place, kind: str, sizes: Sizes) -> Row:
    """Stop with some due, start again a little later: how many are done."""
    due = datetime.now(UTC) + timedelta(seconds=1)
    first = due - timedelta(seconds=sizes.restarted - 1)
    ran: list[int] = []
    with closing(Database.open(place.database(kind))) as jobs, waiting(place, kind, sizes.restarted, first) as database:
        with scheduler(jobs) as stopped:
            schedule(stopped, "restart", range(sizes.restarted), ran.append, due)
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()) + sizes.pause)
        done = core(database).pass_time(datetime.now(UTC))
        with scheduler(jobs) as again:
            again.resume()
            time.sleep(min(1.0, sizes.pause))
    what = f"{sizes.restarted} due while stopped for {sizes.pause:g} s, {kind}"
    told = f"{done} of {sizes.restarted} done; of the jobs {len(ran)}"
    return Row(what, "APScheduler jobs with its usual settings", told, "nothing lost", done == sizes.restarted)

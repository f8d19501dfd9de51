"""What is due among many that wait: one sweep over an index against one APScheduler job per invitation.

Each job does the same as the sweep does for one invitation, in a transaction of its own, and the scheduler keeps its
jobs in a database of the same kind with the same settings.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median
from threading import Event
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import func, select

from collab.bus import Bus
from collab.invitations.due_invitations import expire_or_remind_all
from collab.model import Caller, InvitationId
from storage.database import Database
from tests.bench.bulk import PEOPLE, write
from tests.bench.company import AT, POLICY, TEAM, core, found
from tests.bench.measure import Row, at_least, at_most, ms, timed, without
from tests.bench.place import KINDS, Place

GRID = 1000  # people, each invited to as many companies as it takes
FIRST_MARK = POLICY.reminders[0]
PAUSE = 3.0
GIVE_UP = 60.0
JOBS_EVERY = 3  # a turn of theirs after so many sweeps: they take long

COMPANIES = """INSERT INTO resources (workspace, id, kind, slug, title)
{numbers} SELECT :w, 'RB' || {i}, 'company', 'company-' || {i}, 'Company' FROM n"""
INVITATIONS = """INSERT INTO invitations
(workspace, id, resource, person, inviter, role, state, sent, expires, due, marks, muted)
{numbers} SELECT :w, 'IB' || {i}, 'RB' || {company}, 'PB' || {person}, 'PB0000000', 'admin', 'pending',
{sent}, {expires}, {due}, 0, false FROM n"""


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    few: int = 10_000
    many: int = 1_000_000
    due: int = 1_000
    rounds: int = 9
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
    return (
        what,
        f"among {sizes.few:,}",
        f"{sizes.due:,} APScheduler jobs that do the same",
    )


def measured(place: Place, kind: str, sizes: Sizes) -> Iterator[Row]:
    """One kind of database."""
    what, few_words, job_words = wording(kind, sizes)
    few, many, jobs = compared(place, kind, sizes)
    yield at_most(what, few_words, many / few, 1.6, f"{ms(many)} against {ms(few)}")
    yield at_least(what, job_words, jobs / many, 8, f"{ms(many)} against {ms(jobs)}")
    yield restarted(place, kind, sizes)


def compared(place: Place, kind: str, sizes: Sizes) -> list[float]:
    """Seconds of a sweep among few, of one among many, and of the same work as jobs; medians, in turn."""
    took: dict[int, list[float]] = {0: [], 1: [], 2: []}
    with (
        sweeping(place, kind, sizes.few, sizes.due) as few,
        sweeping(place, kind, sizes.many, sizes.due) as many,
        scheduling(place, kind, sizes) as jobs,
    ):
        for turn in range(sizes.rounds):
            took[0].append(timed(few))
            took[1].append(timed(many))
            if turn % JOBS_EVERY == JOBS_EVERY - 1:
                took[2].append(jobs())
    # The first turn of a sweep reads the database from the disk.
    return [median(took[0][1:]), median(took[1][1:]), median(took[2])]


@contextmanager
def sweeping(
    place: Place, kind: str, pending: int, due: int
) -> Iterator[Callable[[], None]]:
    """A work that lets time pass until as many more are due."""
    with waiting(place, kind, pending, AT) as database:
        collab, rounds = core(database), count(1)

        def sweep() -> None:
            done = collab.run_due(AT + timedelta(seconds=due * next(rounds) - 1))
            assert done == due, f"{done} of {due} were done"

        yield sweep


@contextmanager
def waiting(
    place: Place, kind: str, pending: int, first: datetime
) -> Iterator[Database]:
    """A database in which one reminder a second is due from a moment on."""
    with closing(Database.open(place.seeded(kind, found))) as database:
        fill(database, kind, pending, first)
        yield database


def fill(database: Database, kind: str, pending: int, first: datetime) -> None:
    """Write the people, their companies and their invitations straight into the tables."""
    sent = first - FIRST_MARK
    rows = ((PEOPLE, GRID), (COMPANIES, -(-pending // GRID)), (INVITATIONS, pending))
    ids = {"company": f"i / {GRID}", "person": f"i % {GRID}"}
    write(
        database,
        kind,
        rows,
        ids,
        {"sent": sent, "expires": sent + POLICY.lifetime, "due": first},
    )


# One job per invitation

_TURN: dict[str, Callable[[int], None]] = {}


def run_job(key: str, number: int) -> None:
    """What a stored job calls: it finds its work by name, for it outlives the process."""
    _TURN[key](number)


@contextmanager
def scheduling(place: Place, kind: str, sizes: Sizes) -> Iterator[Callable[[], float]]:
    """A work that hands the next jobs to a scheduler and gives the seconds that it needs for those that are due."""
    turns = sizes.rounds // JOBS_EVERY
    with (
        waiting(place, kind, sizes.due * turns, AT) as database,
        closing(Database.open(place.database(kind))) as jobs,
        scheduler(jobs, misfire_grace_time=None) as running,
    ):
        collab, rounds = core(database), count()
        schedule(
            running,
            "later",
            range(sizes.few - sizes.due),
            print,
            datetime.now(UTC) + timedelta(days=1),
        )

        def work() -> float:
            first = next(rounds) * sizes.due
            at = AT + timedelta(seconds=first + sizes.due)
            return by_jobs(
                running,
                range(first, first + sizes.due),
                lambda n: remind(database, collab, n, at),
            )

        yield work


def remind(database: Database, collab: Bus, number: int, at: datetime) -> None:
    """What the sweep does, for one invitation, in a transaction of its own."""
    by = Caller(TEAM, None, "time")
    with database.unit_of_work_factory.write(TEAM) as unit:
        case = collab.context(unit.repositories, at)
        invitation = unit.repositories.invitations.get_invitation(
            InvitationId(f"IB{number:07}")
        )
        assert invitation is not None
        collab._store(unit, case, by, expire_or_remind_all(case, [invitation]))


def by_jobs(
    running: BackgroundScheduler, numbers: range, work: Callable[[int], None]
) -> float:
    """Seconds that a paused scheduler needs for jobs that are all due."""
    done, ended = Event(), count(1)

    def counted(number: int) -> None:
        work(number)
        if next(ended) == len(numbers):
            done.set()

    schedule(running, "due", numbers, counted, datetime.now(UTC))
    took = timed(lambda: (running.resume(), done.wait(GIVE_UP)))
    running.pause()
    assert done.is_set(), "the jobs did not end"
    return took


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
    to: BackgroundScheduler,
    key: str,
    numbers: range,
    work: Callable[[int], None],
    at: datetime,
) -> None:
    """One job for each number, as `add_job` would write them one by one."""
    _TURN[key] = work
    usual = {
        "func": run_job,
        "kwargs": {},
        "name": key,
        "executor": "default",
        "trigger": DateTrigger(at, UTC),
    }
    usual |= {
        "misfire_grace_time": 1,
        "coalesce": True,
        "max_instances": 1,
        "next_run_time": at,
        **to._job_defaults,
    }
    jobs = [
        Job(to, id=f"{key}{number}", args=(key, number), **usual) for number in numbers
    ]
    states = [
        {
            "id": j.id,
            "next_run_time": at.timestamp(),
            "job_state": pickle.dumps(j.__getstate__()),
        }
        for j in jobs
    ]
    store = to._jobstores["default"]
    with store.engine.begin() as connection:
        connection.execute(store.jobs_t.insert(), states)


def kept_jobs(of: BackgroundScheduler) -> int:
    """Count the jobs in the database, without the scheduler, which removes what it lists and cannot restore."""
    store = of._jobstores["default"]
    with store.engine.begin() as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(store.jobs_t)
            ).scalar_one()
        )


# A restart


def restarted(place: Place, kind: str, sizes: Sizes) -> Row:
    """Stop with some due, start again a little later: how many are done."""
    with closing(Database.open(place.database(kind))) as jobs:
        due = datetime.now(UTC) + timedelta(seconds=sizes.pause)
        ran: list[int] = []
        with scheduler(jobs) as stopped:
            schedule(stopped, "restart", range(sizes.restarted), ran.append, due)
        with waiting(
            place, kind, sizes.restarted, due - timedelta(seconds=sizes.restarted - 1)
        ) as database:
            stopped_at = due + timedelta(seconds=sizes.pause)
            time.sleep(max(0.0, (stopped_at - datetime.now(UTC)).total_seconds()))
            done = core(database).run_due(datetime.now(UTC))
        with scheduler(jobs) as again:
            again.resume()
            until(lambda: kept_jobs(again) == 0)
    what = f"{sizes.restarted} due while stopped for {sizes.pause:g} s, {kind}"
    result = f"{done} of {sizes.restarted} done; of the jobs {len(ran)}"
    return Row(
        what,
        "APScheduler jobs with its usual settings",
        result,
        "nothing lost",
        done == sizes.restarted,
    )


def until(settled: Callable[[], bool]) -> None:
    """Wait for it, at most so long."""
    end = time.monotonic() + GIVE_UP
    while not settled() and time.monotonic() < end:
        time.sleep(0.05)

"""A request has one deadline: queue, lock, connection and statement share what is left of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from threading import Thread, Timer
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from collab import deadline
from collab.deadline import get_seconds_left, request_deadline
from collab.model import WorkspaceId
from collab.resources import RenameResource
from collab.unit_of_work import Unavailable
from storage.database import Database
from tests.support.app_harness import run_app
from tests.support.builders import Scenario

pytestmark = pytest.mark.pooled

SECONDS = 0.5  # of a request here
GRACE = 0.35  # seconds that an answer may come after the deadline, on a busy machine
PEOPLE = 20


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "REQUEST_SECONDS", SECONDS)


def refused_in_time(
    act: Callable[[], object], *, started_at: float | None = None
) -> float:
    """Whether something is refused as busy; answers the seconds that it took."""
    began = monotonic()
    with pytest.raises(Unavailable) as refused, request_deadline(started_at):
        act()
    assert refused.value.reason == "busy"
    return monotonic() - began


@contextmanager
def held_by_another_program(
    database: Database, *, table: str | None = None
) -> Iterator[None]:
    """The database's lock, the workspace's row, or a whole table, is held by another process."""
    if database.is_sqlite:
        with closing(
            sqlite3.connect(database.engine.url.database or "", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    url = database.engine.url.set(drivername="postgresql").render_as_string(
        hide_password=False
    )
    with psycopg.connect(url) as holder:
        lock = (
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
            if table
            else "SELECT 1 FROM workspaces FOR UPDATE"
        )
        holder.execute(lock)
        yield
        holder.rollback()


@pytest.fixture
def office(database: Database) -> Scenario:
    world = Scenario(database)
    world.create_company()
    return world


def test_a_held_lock_is_waited_for_until_the_deadline_and_nothing_is_done_later(
    office: Scenario,
) -> None:
    with held_by_another_program(office.database):
        rename = RenameResource(office.caller_for("ada"), "acme", "Later")
        assert (
            SECONDS * 0.9
            < refused_in_time(lambda: office.execute(rename))
            < SECONDS + GRACE
        )
    assert office.get_resource("acme").title == "Acme"
    office.execute(RenameResource(office.caller_for("ada"), "acme", "Now"))


@pytest.mark.postgres
def test_on_postgresql_the_statements_after_a_wait_for_the_row_get_what_is_left(
    postgres_database: Database,
) -> None:
    office = Scenario(postgres_database)
    office.create_company()
    rename = RenameResource(office.caller_for("ada"), "acme", "Later")
    with held_by_another_program(postgres_database, table="events"), ExitStack() as row:
        row.enter_context(held_by_another_program(postgres_database))
        soon = Timer(SECONDS * 0.6, row.close)
        soon.start()
        assert refused_in_time(lambda: office.execute(rename)) < SECONDS + GRACE
        soon.join()
    assert office.get_resource("acme").title == "Acme"


def test_what_arrived_long_ago_is_not_even_tried(office: Scenario) -> None:
    before = len(office.list_recorded_events())
    rename = RenameResource(office.caller_for("ada"), "acme", "Later")
    assert (
        refused_in_time(
            lambda: office.execute(rename), started_at=monotonic() - 2 * SECONDS
        )
        < GRACE
    )
    assert len(office.list_recorded_events()) == before


def test_what_takes_too_long_is_taken_back_before_the_commit(office: Scenario) -> None:
    rename = RenameResource(office.caller_for("ada"), "acme", "Later")
    refused_in_time(
        lambda: office.bus.execute(rename, office.at, lambda *_: sleep(SECONDS))
    )
    assert office.get_resource("acme").title == "Acme"


def test_all_connections_in_use_are_waited_for_until_the_deadline(
    office: Scenario,
) -> None:
    with closing_all(office.database):
        assert refused_in_time(lambda: office.get_resource("acme")) < SECONDS + GRACE
    assert office.get_resource("acme").title == "Acme"


@contextmanager
def closing_all(database: Database) -> Iterator[None]:
    looks = [database.unit_of_work_factory.read(WorkspaceId("T1")) for _ in range(8)]
    for look in looks:
        look.__enter__().get_workspace()
    try:
        yield
    finally:
        for look in looks:
            look.__exit__(None, None, None)


def test_without_a_request_nothing_is_shortened() -> None:
    assert get_seconds_left() is None


def test_a_deadline_inside_another_does_not_lengthen_it() -> None:
    with request_deadline(monotonic() - SECONDS / 2), request_deadline():
        assert (get_seconds_left() or 0) < SECONDS * 0.6


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_twenty_people_are_all_answered_in_time_while_another_program_holds_the_lock(
    sqlite_url: str, transport: str
) -> None:
    answers: list[tuple[float, Any]] = []

    def asks(who: str, number: int) -> None:
        began = monotonic()
        answer = stage.playground.get_user(who).type_text(
            f"/collab create company C{number}", channel="general"
        )
        answers.append((monotonic() - began, answer))

    with run_app(sqlite_url, transport) as stage:
        people = ["ada", "bo", "carl", "devi"] * (PEOPLE // 4)
        with held_by_another_program(stage.app.database):
            threads = [
                Thread(target=asks, args=(who, number))
                for number, who in enumerate(people)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(answers) == PEOPLE
        assert max(seconds for seconds, _ in answers) < 3 * SECONDS
        assert all("nothing was changed" in answer["text"] for _, answer in answers)
        sleep(SECONDS)
        assert "*C" not in str(stage.run_command("ada", "/collab mine"))

"""Opening and upgrading a database, and clear errors that leave it unchanged."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import storage.tables.partial_indexes  # noqa: F401 - adds its indexes
from collab.model import PersonId
from collab.unit_of_work import Unavailable
from storage.database import (
    MAX_CONNECTIONS,
    MIGRATIONS_FOLDER,
    Database,
    DatabaseUnusable,
    read_head_version,
)
from storage.locks import FairLock, WriterQueue
from storage.migration_runner import build_migration_config
from storage.tables import metadata
from tests.support.builders import Scenario


def reason_for_rejecting(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as refused:
        Database.open(url)
    return refused.value.reason


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://x/y", "sqlite://", "oracle+x://"]
)
def test_an_address_of_another_kind_is_malformed(url: str) -> None:
    assert reason_for_rejecting(url) == "malformed_url"


def test_a_database_that_is_not_there_is_unreachable_and_its_password_stays_unsaid() -> (
    None
):
    with pytest.raises(DatabaseUnusable) as refused:
        Database.open("postgresql://ada:s3cret@127.0.0.1:1/none")
    assert refused.value.reason == "unreachable"
    assert "s3cret" not in str(refused.value)
    assert reason_for_rejecting("sqlite:////nowhere/at/all.sqlite3") == "unreachable"


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(
    database: Database,
) -> None:
    with database.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert (
        database.schema_version()
        == read_head_version()
        == ScriptDirectory.from_config(
            build_migration_config(None, MIGRATIONS_FOLDER)
        ).get_current_head()
    )


def test_an_empty_database_is_old_until_it_is_upgraded(tmp_path: Path) -> None:
    with contextlib.closing(
        Database.open(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    ) as database:
        with pytest.raises(DatabaseUnusable) as refused:
            database.require_current_schema()
        assert refused.value.reason == "old"
        database.upgrade_schema()
        database.upgrade_schema()
        database.require_current_schema()


def test_a_database_newer_than_the_code_is_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        for attempt in (database.require_current_schema, database.upgrade_schema):
            with pytest.raises(DatabaseUnusable) as refused:
                attempt()
            assert refused.value.reason == "newer"
    finally:
        with database.engine.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :head"),
                {"head": read_head_version()},
            )


def test_a_locked_sqlite_file_is_busy_within_three_seconds(
    acme: Scenario, sqlite_file: Path
) -> None:
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    with contextlib.closing(other):
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(Unavailable) as refused:
            acme.send_invitation("carl")
        assert time.monotonic() - started < 3
        other.execute("ROLLBACK")
    assert refused.value.reason == "busy"
    assert acme.pending_invitation_ids("carl") == []
    assert acme.send_invitation("carl")


def test_a_locked_workspace_in_postgresql_is_busy(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    world.create_company()
    with postgres_database.engine.begin() as other:
        other.execute(text("SELECT * FROM workspaces FOR UPDATE"))
        with pytest.raises(Unavailable) as refused:
            world.send_invitation("carl")
    assert refused.value.reason == "busy"
    assert world.send_invitation("carl")


def test_a_read_only_database_says_so_and_still_answers_questions(
    acme: Scenario,
) -> None:
    acme.database.engine.dispose()
    with acme.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(Unavailable) as refused:
        acme.send_invitation("carl")
    assert refused.value.reason == "read_only"
    assert acme.roles_by_name() == {"ada": "owner"}
    acme.database.engine.dispose()


def test_a_full_disk_says_so_and_keeps_what_was(acme: Scenario) -> None:
    acme.database.engine.dispose()
    with acme.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unavailable) as refused:
        for n in range(200):
            acme.send_invitation(f"p{n}", note="x" * 500)
    assert refused.value.reason == "full"
    assert acme.roles_by_name() == {"ada": "owner"}


def test_a_postgresql_that_breaks_off_is_unreachable_and_comes_back(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    world.create_company()
    with (
        pytest.raises(Unavailable) as refused,
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        with postgres_database.engine.begin() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                )
            )
        unit.repositories.get_workspace()
    assert refused.value.reason == "unreachable"
    assert world.send_invitation("carl")


def test_connections_that_broke_off_while_nobody_used_them_are_not_noticed(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    world.create_company()
    with postgres_database.engine.begin() as other:
        with postgres_database.unit_of_work_factory.read(world.workspace):
            pass
        waiting = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        other.execute(text(waiting))
        with postgres_database.unit_of_work_factory.read(world.workspace) as facts:
            assert facts.get_workspace()
    assert world.send_invitation("carl")


def test_many_more_ids_than_values_fit_in_a_statement_are_looked_up_at_once(
    acme: Scenario,
) -> None:
    ada = acme.person_id_of("ada")
    with acme.database.unit_of_work_factory.read(acme.workspace) as facts:
        assert list(
            facts.people.get_people(
                {ada, *(PersonId(f"PNOBODY{n}") for n in range(100_000))}
            )
        ) == [ada]


def test_the_fair_lock_serves_first_who_came_first() -> None:
    lock, order, started = FairLock(5), [], []

    def wait(n: int) -> None:
        started.append(n)
        with lock.acquire():
            order.append(n)

    threads = [threading.Thread(target=wait, args=(n,)) for n in range(8)]
    with lock.acquire():
        for n, thread in enumerate(threads):
            thread.start()
            while len(lock._queue) <= n:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_the_fair_lock_gives_up_after_its_patience_and_serves_the_others() -> None:
    lock = FairLock(0.05)
    with lock.acquire(), pytest.raises(Unavailable), lock.acquire():
        pass
    with lock.acquire():
        assert lock._queue == type(lock._queue)()


def test_writers_queue_in_their_workspace_on_postgresql_and_all_together_on_sqlite() -> (
    None
):
    for one_for_all in (False, True):
        turns = WriterQueue(0.05, is_shared=one_for_all)
        with turns.acquire("T1"):
            with pytest.raises(Unavailable), turns.acquire("T1"):
                pass
            for other in ("T2", None):
                with (
                    pytest.raises(Unavailable)
                    if one_for_all
                    else contextlib.nullcontext(),
                    turns.acquire(other),
                ):
                    pass


def test_who_waits_for_a_turn_keeps_no_connection_from_others(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    world.create_company()

    def change() -> int:
        with postgres_database.unit_of_work_factory.write(world.workspace) as unit:
            return unit.last_seq

    with ThreadPoolExecutor(MAX_CONNECTIONS + 2) as pool:
        with postgres_database.unit_of_work_factory.write(world.workspace):
            waiting = [pool.submit(change) for _ in range(MAX_CONNECTIONS + 2)]
            time.sleep(0.2)
            with postgres_database.unit_of_work_factory.read(world.workspace) as facts:
                assert facts.get_workspace()
        assert all(changed.result() for changed in waiting)


def test_more_people_than_one_statement_can_name_are_looked_up_all_the_same(
    database: Database,
) -> None:
    world = Scenario(database)
    world.create_company()
    ada = world.person_id_of("ada")
    with database.unit_of_work_factory.read(world.workspace) as facts:
        assert list(
            facts.people.get_people([*(PersonId(f"P{n}") for n in range(70_000)), ada])
        ) == [ada]

"""PostgreSQL directly and behind PgBouncer: settings, and that nothing stays in a session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from collab import deadline
from collab.deadline import request_deadline
from collab.unit_of_work import Unavailable
from storage.database import MAX_CONNECTIONS, Database
from tests.support.builders import Scenario
from tests.support.pgbouncer import find_pgbouncer, run_pgbouncer

pytestmark = pytest.mark.postgres
SETTINGS = ("lock_timeout", "statement_timeout", "TimeZone", "random_page_cost", "jit")
needs_pgbouncer = pytest.mark.skipif(
    not find_pgbouncer(), reason="PgBouncer is not installed"
)


def read_settings(connection: Connection) -> list[str]:
    return [str(connection.execute(text(f"SHOW {name}")).scalar()) for name in SETTINGS]


@pytest.mark.pooled
def test_every_transaction_has_its_settings(postgres_database: Database) -> None:
    ours = ["2s", "2s", "UTC", "1.1", "off"]
    for _ in range(20):
        for how in ("read", "write"):
            open_transaction = getattr(postgres_database._connections, how)
            with open_transaction() as connection:
                assert read_settings(connection) == ours


@pytest.mark.pooled
def test_a_deadline_shortens_the_limits_from_the_first_statement(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "REQUEST_SECONDS", 0.5)
    for how in ("read", "write"):
        with (
            request_deadline(),
            getattr(postgres_database._connections, how)() as connection,
        ):
            limits = read_settings(connection)[:2]
            assert all(0 < int(limit.removesuffix("ms")) <= 500 for limit in limits)


def test_behind_pgbouncer_settings_end_with_the_transaction(
    pgbouncer_database: Database, postgres_server: str
) -> None:
    with pgbouncer_database._connections.write() as connection:
        assert read_settings(connection)[0] == "2s"
    with pgbouncer_database.engine.connect() as connection:
        assert read_settings(connection)[0] == "0"


def test_behind_pgbouncer_one_connection_meets_several_servers(
    pgbouncer_database: Database,
) -> None:
    """Otherwise the tests behind it would prove nothing."""
    with (
        pgbouncer_database._connections.write(),
        pgbouncer_database._connections.write(),
    ):
        pass  # opens a second connection to the server
    process_ids = set()
    for _ in range(6):
        with pgbouncer_database._connections.read() as connection:
            process_ids.add(
                connection.execute(text("SELECT pg_backend_pid()")).scalar()
            )
    assert len(process_ids) > 1


def test_settings_take_no_round_trip_of_their_own(
    pgbouncer_database: Database,
) -> None:
    waited: list[str] = []

    def note(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if cursor.connection.info.pipeline_status and cursor.pgresult is not None:
            waited.append(statement)

    event.listen(pgbouncer_database.engine, "after_cursor_execute", note)
    try:
        with pgbouncer_database._connections.write() as connection:
            assert waited == []
            connection.execute(text("SELECT 1"))
        assert waited == ["SELECT 1"]
    finally:
        event.remove(pgbouncer_database.engine, "after_cursor_execute", note)


@needs_pgbouncer
@pytest.mark.parametrize("ignored", ["", "options", "options,extra_float_digits"])
def test_a_pooler_is_found_whether_it_refuses_or_ignores_settings(
    postgres_server: str, tmp_path: Path, ignored: str
) -> None:
    with (
        run_pgbouncer(postgres_server, tmp_path, ignored=ignored) as url,
        closing(Database.open(url)) as database,
    ):
        assert database.is_pooled


def test_a_server_without_a_pooler_is_recognised(postgres: Database) -> None:
    assert not postgres.is_pooled


@pytest.mark.parametrize(("said", "is_pooled"), [("on", True), ("off", False)])
def test_the_address_can_say_whether_there_is_a_pooler(
    postgres_url: str, said: str, is_pooled: bool
) -> None:
    sign = "&" if "?" in postgres_url else "?"
    with closing(
        Database.open(f"{postgres_url}{sign}collab_pooled={said}")
    ) as database:
        assert database.is_pooled is is_pooled
        assert "collab_pooled" not in database.masked_url
        world = Scenario(database)
        world.create_company()
        assert world.send_invitation("carl")


@needs_pgbouncer
def test_more_transactions_than_servers_wait_for_one(
    postgres_server: str, postgres: Database, tmp_path: Path
) -> None:
    with (
        run_pgbouncer(postgres_server, tmp_path, pool_size=1) as url,
        closing(Database.open(url)) as database,
        ThreadPoolExecutor(MAX_CONNECTIONS) as pool,
    ):
        list(pool.map(lambda _: database.write_heartbeat(), range(50)))


@needs_pgbouncer
def test_a_pooler_that_ends_is_unreachable_and_comes_back(
    postgres_server: str, postgres: Database, tmp_path: Path
) -> None:
    with run_pgbouncer(postgres_server, tmp_path) as url:
        database = Database.open(url)
        database.write_heartbeat()
    with closing(database):
        with pytest.raises(Unavailable) as refused:
            database.write_heartbeat()
        assert refused.value.reason == "unreachable"


def test_the_schema_is_made_through_pgbouncer(
    pgbouncer_server: str, postgres: Database
) -> None:
    name = "made_through_pgbouncer"
    with postgres._autocommit_engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = pgbouncer_server.rpartition("/")[0] + f"/{name}"
    with closing(Database.open(url)) as database:
        assert database.is_pooled
        assert database.schema_version() is None
        database.upgrade_schema()
        database.require_current_schema()
        world = Scenario(database)
        world.create_company()
        assert world.send_invitation("carl")

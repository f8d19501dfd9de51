"""`collab backup`, `restore` and `verify`, as the operator runs them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.support.builders import Scenario
from tests.support.tty import run_in_process


@pytest.fixture
def environ(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """Return the settings of the installation that is backed up."""
    return {"DATABASE_URL": sqlite_url, "COLLAB_FILES": str(tmp_path / "files")}


def test_a_backup_is_written_restored_and_checked(
    tmp_path: Path, environ: dict[str, str], acme: Scenario
) -> None:
    count = len(list(acme.database.event_log.export_events(acme.workspace)))
    lines = f"{acme.workspace}: {count} events\n1 workspace is "
    done = run_in_process(tmp_path, environ, "backup", "monday.zip")
    assert (done.returncode, done.stdout) == (0, f"{lines}in monday.zip.\n")
    again = run_in_process(tmp_path, environ, "backup", "monday.zip")
    assert again.returncode == 1
    assert "monday.zip exists" in again.stderr

    refused = run_in_process(tmp_path, environ, "restore", "monday.zip")
    assert refused.returncode == 1
    assert "restore into an empty one" in refused.stderr

    other = {**environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}"}
    restored = run_in_process(tmp_path, other, "restore", "monday.zip")
    assert (restored.returncode, restored.stdout) == (0, f"{lines}in order.\n")
    checked = run_in_process(tmp_path, other, "verify")
    assert (checked.returncode, checked.stdout) == (0, f"{lines}in order.\n")

    with (
        closing(Database.open(other["DATABASE_URL"])) as database,
        database.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM memberships"))
    differs = run_in_process(tmp_path, other, "verify")
    assert differs.returncode == 1
    assert "the table memberships isn't what the events say" in differs.stderr
    with (
        closing(Database.open(other["DATABASE_URL"])) as database,
        database.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM events WHERE seq = 1"))
    wrong = run_in_process(tmp_path, other, "verify")
    assert wrong.returncode == 1
    assert (
        f"{acme.workspace}: 1 events are missing, unreadable or unexpected"
        in wrong.stderr
    )


def test_what_is_no_backup_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    done = run_in_process(tmp_path, environ, "restore", "notes.txt")
    assert done.returncode == 1
    assert "This isn't a backup of Collab" in done.stderr


def test_a_database_of_another_version_is_not_upgraded_by_a_restore(
    tmp_path: Path, environ: dict[str, str], acme: Scenario
) -> None:
    run_in_process(tmp_path, environ, "backup", "monday.zip")
    other = {**environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'old.sqlite3'}"}
    with closing(Database.open(other["DATABASE_URL"])) as database:
        database.upgrade_schema()
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        done = run_in_process(tmp_path, other, "restore", "monday.zip")
        assert done.returncode == 1
        assert "restore into an empty one" in done.stderr
        assert database.schema_version() == "0001"

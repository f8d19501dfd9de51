"""A check of a database notices what something else than the app has changed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.support.builders import Scenario


@pytest.mark.rule("EVT-02")
@pytest.mark.parametrize(
    ("statement", "tables", "missing"),
    [
        ("DELETE FROM memberships", ["memberships"], 0),
        ("UPDATE memberships SET role = 'accountant'", ["memberships"], 0),
        ("UPDATE resources SET title = 'Other'", ["resources"], 0),
        ("DELETE FROM events WHERE seq = 2", None, 1),
        (
            "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
            None,
            1,
        ),
        ("UPDATE events SET data = '{}' WHERE seq = 3", None, 1),
        ("UPDATE events SET data = 'x' WHERE seq = 3", None, 1),
        ("UPDATE events SET name = 'x.y' WHERE seq = 3", None, 1),
        (
            "INSERT INTO events (workspace, seq, at, origin, name, data)"
            " SELECT workspace, seq + 100, at, origin, name, data FROM events"
            " WHERE seq = 3",
            None,
            1,
        ),
    ],
)
def test_a_change_behind_the_app_is_noticed(
    acme: Scenario,
    tmp_path: Path,
    statement: str,
    tables: list[str] | None,
    missing: int,
) -> None:
    count = len(list(acme.database.event_log.export_events(acme.workspace)))
    acme.database.write_backup(None, tmp_path / "backup.zip")
    with closing(Database.open(f"sqlite:///{tmp_path / 'copy.sqlite3'}")) as copy:
        copy.upgrade_schema()
        copy.restore_backup(tmp_path / "backup.zip", None)
        fine = copy.verify()
        assert fine.is_fine
        assert fine.counts == {acme.workspace: count}

        with copy.engine.begin() as connection:
            connection.execute(text(statement))

        found = copy.verify()
        assert not found.is_fine
        assert sum(map(len, found.wrong_events.values())) == missing
        if tables is not None:
            assert list(found.differing_tables) == tables

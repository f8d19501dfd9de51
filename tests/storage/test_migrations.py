"""Databases of each landed schema are upgraded, with what is in them."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from collab.model import WorkspaceId
from storage.database import Database, DatabaseUnusable
from tests.support.builders import Scenario
from tests.support.replay import assert_replay_gives_state

LANDED_SCHEMAS = sorted(Path(__file__).parent.glob("landed_schemas/*.sqlite.sql"))


@pytest.mark.parametrize("dump", LANDED_SCHEMAS, ids=lambda path: path.name)
def test_a_landed_schema_is_upgraded_with_its_data(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "landed.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    with contextlib.closing(Database.open(f"sqlite:///{path}")) as database:
        with pytest.raises(DatabaseUnusable) as refused:
            database.require_current_schema()
        assert refused.value.reason == "old"
        events_before = count_rows(database, "events")
        people_before = count_rows(database, "people")

        database.upgrade_schema()

        database.require_current_schema()
        assert count_rows(database, "events") == events_before > 0
        assert count_rows(database, "people") == people_before > 0
        assert_replay_gives_state(database)
        (workspace,) = database.event_log.list_workspaces()
        world = Scenario(database, workspace=WorkspaceId(workspace), id_prefix="N")
        world.create_company()
        assert world.send_invitation("carl")
        assert_replay_gives_state(database)


def count_rows(database: Database, table: str) -> int:
    with database.engine.begin() as connection:
        count: int = connection.execute(
            text(f"SELECT count(*) FROM {table}")
        ).scalar_one()
        return count

"""Write the demo's SQLite database as SQL, to test upgrades from the schema that it has.

Run it in the tree of the commit whose schema is kept:
`PYTHONPATH=. python tests/tools/dump_schema.py 0001.sqlite.sql`.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.demo import build_demo, build_demo_settings, create_sample_data
from bot.demo_history import HISTORY_LENGTH, DemoHistory
from bot.playground.server import Playground
from bot.slack.socket_mode import open_connection
from storage.database import Database


def main() -> None:
    """Play the demo's history and write the database to the file that is named."""
    target = Path(sys.argv[1])
    with TemporaryDirectory() as folder:
        _dump_sqlite(Path(folder), target)


def _dump_sqlite(folder: Path, target: Path) -> None:
    path = folder / "collab.sqlite3"
    _play_demo(folder, f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        target.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")


def _play_demo(folder: Path, url: str) -> None:
    with closing(Database.open(url)) as database:
        database.upgrade_schema()
    with Playground(port=0) as playground:
        config = dataclasses.replace(
            build_demo_settings(playground, folder), database_url=url
        )
        playground.clock.set_now(playground.clock.now() - HISTORY_LENGTH)
        app, identity = build_demo(config, playground)
        connection = open_connection(app.bolt_app, config, app.slack_client.client)
        app.start()
        try:
            create_sample_data(app, identity, playground)
            DemoHistory(app, playground, identity.workspace_id).play()
        finally:
            connection.close()
            app.stop()


if __name__ == "__main__":
    main()

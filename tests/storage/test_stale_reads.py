"""Decisions are made on what their own transaction read: nothing that was read before it decides a right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from collab.events import ResourceCreated
from collab.resources import Create, Disable, Enable
from storage.database import Database
from tests.bot.test_app import Face
from tests.support.builders import World

LINES = (
    "role <@UBO> {role} web",
    "describe web anew {role}",
    "show web",
    "members web",
    "who web create",
)
ROLES = ("administrator", "member")
MOST_READS = 15


@contextmanager
def interrupted(database: Database, nth: int, interrupt: Callable[[], object]) -> Iterator[list[str]]:
    """Call `interrupt` once, right after the nth statement of the transactions that only read."""
    statements: list[str] = []

    def after(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            return
        statements.append(statement)
        if len(statements) == nth:
            interrupt()

    event.listen(database.engine, "after_cursor_execute", after)
    try:
        yield statements
    finally:
        event.remove(database.engine, "after_cursor_execute", after)


@pytest.mark.postgres
@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("line", LINES)
def test_nothing_is_created_in_a_project_that_another_process_disabled_between_two_reads(
    postgres_database: Database, line: str
) -> None:
    world = World(postgres_database)
    world.company()
    world.member("bo")
    web = world.do(Create(world.by("ada"), "project", "Web", "acme")).first(ResourceCreated).resource
    world.member("bo", ROLES[0], web)
    face, url = Face(world), postgres_database.engine.url.render_as_string(hide_password=False)
    with closing(Database.open(url)) as other_database:
        other = World(other_database, workspace=world.workspace, prefix="X")
        for nth in range(1, MOST_READS):
            with interrupted(postgres_database, nth, lambda: other.do(Disable(other.by("ada"), web))) as statements:
                face.types("ada", line.format(role=ROLES[nth % 2]))
            if len(statements) < nth:
                break
            face.types("ada", f"create app Blog in {web}")
            assert [e.title for e in world.happened(ResourceCreated)] == ["Acme", "Web"], f"after read {nth}"
            other.do(Enable(other.by("ada"), web))

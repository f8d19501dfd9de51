"""How many statements an invitation sends to the database: as few as stated here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from storage import pipeline
from storage.connections import BEGIN_WRITE
from storage.database import Database
from tests.bot.slack.test_app import Face
from tests.support.builders import Scenario

OF_NEW_PERSON = 11
OF_KNOWN_PERSON = 10
WAITS = (
    4  # for the lock, the request's facts, the resource, the channels; then the commit
)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements of a while, but the beginnings of transactions on SQLite."""
    statements: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement != BEGIN_WRITE:
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)


@pytest.fixture
def face(database: Database) -> Face:
    world = Scenario(database)
    world.create_company()
    world.register_people("devi")
    face = Face(world, get_locale=lambda _: "en-US")
    face.types("ada", "invite <@UBO> admin acme")
    return face


def test_an_invitation_of_a_new_person_takes_few_statements(face: Face) -> None:
    with counted(face.world.database) as statements:
        face.types("ada", "invite <@UCARL> admin acme")
    assert len(statements) <= OF_NEW_PERSON, "\n".join(statements)


def test_an_invitation_of_a_known_person_takes_few_statements(face: Face) -> None:
    with counted(face.world.database) as statements:
        face.types("ada", "invite <@UDEVI> admin acme")
    assert len(statements) <= OF_KNOWN_PERSON, "\n".join(statements)


def test_on_postgresql_an_invitation_waits_few_times(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Scenario(postgres_database)
    world.create_company()
    face = Face(world, get_locale=lambda _: "en-US")
    waited: list[Any] = []
    wait = pipeline.PipelineCursor._wait_for_result

    def counted_wait(cursor: Any) -> None:
        waited.append(cursor)
        wait(cursor)

    monkeypatch.setattr(pipeline.PipelineCursor, "_wait_for_result", counted_wait)
    face.types("ada", "invite <@UCARL> admin acme")
    assert len(waited) <= WAITS

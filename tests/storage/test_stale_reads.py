"""Decisions are made on what their own transaction read: nothing that was read before it decides a right.

What a question reads is one state, whatever others commit meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from collab.events import ResourceCreated
from collab.memberships.queries import ListMembers
from collab.model import InvitationId
from collab.resources import (
    CreateResource,
    DisableResource,
    EnableResource,
    RenameResource,
)
from storage.connections import BEGIN_READ, BEGIN_WRITE
from storage.database import Database
from tests.bot.slack.test_app import Face
from tests.support.builders import Scenario

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
def interrupted(
    database: Database, nth: int, interrupt: Callable[[], object]
) -> Iterator[list[str]]:
    """Call `interrupt` once, right after the nth statement of the transactions that only read."""
    statements: list[str] = []
    writing: set[int] = set()  # SQLite's connections in a transaction that may write

    def after(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if statement in {BEGIN_READ, BEGIN_WRITE}:
            (writing.add if statement == BEGIN_WRITE else writing.discard)(
                id(cursor.connection)
            )
            return
        isolation_level = connection.get_execution_options().get("isolation_level")
        is_reading = (
            id(cursor.connection) not in writing
            if database.is_sqlite
            else isolation_level is not None
        )
        if is_reading:
            statements.append(statement)
            if len(statements) == nth:
                interrupt()

    event.listen(database.engine, "after_cursor_execute", after)
    try:
        yield statements
    finally:
        event.remove(database.engine, "after_cursor_execute", after)


@contextmanager
def another_process(world: Scenario) -> Iterator[Scenario]:
    """The same world as another process has it."""
    url = world.database.engine.url.render_as_string(hide_password=False)
    with closing(Database.open(url)) as database:
        yield Scenario(database, workspace=world.workspace, id_prefix="X")


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("line", LINES)
def test_nothing_is_created_in_a_project_that_another_process_disabled_between_two_reads(
    database: Database, line: str
) -> None:
    world = Scenario(database)
    world.create_company()
    world.add_member("bo")
    web = (
        world.execute(CreateResource(world.caller_for("ada"), "project", "Web", "acme"))
        .get_event(ResourceCreated)
        .resource
    )
    world.add_member("bo", ROLES[0], web)
    face = Face(world)
    with another_process(world) as other:
        for nth in range(1, MOST_READS):
            with interrupted(
                database,
                nth,
                lambda: other.execute(DisableResource(other.caller_for("ada"), web)),
            ) as statements:
                face.types("ada", line.format(role=ROLES[nth % 2]))
            if len(statements) < nth:
                break
            face.types("ada", f"create app Blog in {web}")
            assert [e.title for e in world.events_of_type(ResourceCreated)] == [
                "Acme",
                "Web",
            ], f"after read {nth}"
            other.execute(EnableResource(other.caller_for("ada"), web))
        assert nth > 1, "no read was interrupted"


def times_listed(world: Scenario) -> set[int]:
    """How often a person stands in a list of members and invitations, who accepts between two of its reads."""
    found = set()
    with another_process(world) as other:
        for nth in range(1, MOST_READS):
            other.register_people(f"p{nth}")
            invitation = other.send_invitation(f"p{nth}")
            person = other.person_id_of(f"p{nth}")

            def accept(who: str = f"p{nth}", which: InvitationId = invitation) -> None:
                other.accept_invitation(who, which)

            with interrupted(world.database, nth, accept) as statements:
                page = world.bus.query(
                    ListMembers(world.caller_for("ada"), "acme"), world.at
                )
            members = sum(member.person.id == person for member in page.members)
            found.add(
                members + sum(pending.invitee.id == person for pending in page.pending)
            )
            if len(statements) < nth:
                return found
    raise AssertionError("the list reads more than expected")


def test_what_a_question_reads_is_one_state_although_another_process_commits_between_two_reads(
    database: Database,
) -> None:
    world = Scenario(database)
    world.create_company()
    assert times_listed(world) == {1}


def test_without_a_snapshot_a_question_reads_two_states(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Scenario(database)
    world.create_company()
    connections = database.unit_of_work_factory._connections
    monkeypatch.setattr(
        connections,
        "_read_engine",
        database.engine.execution_options(isolation_level="AUTOCOMMIT"),
    )
    monkeypatch.setattr(connections, "_begin_read", None)
    assert times_listed(world) != {1}


def test_after_its_own_write_a_transaction_reads_again(database: Database) -> None:
    world = Scenario(database)
    world.create_company()
    titles = []

    def read(case: Any, _outcome: Any) -> None:
        titles.append(case.resources.find_resource_by_id_or_slug("acme").title)

    world.bus.execute(
        RenameResource(world.caller_for("ada"), "acme", "Apex"), world.at, read
    )
    assert titles == ["Apex"]


def test_a_transaction_reads_the_same_thing_once(database: Database) -> None:
    world = Scenario(database)
    acme = world.create_company()
    with (
        interrupted(database, 0, lambda: None) as statements,
        database.unit_of_work_factory.read(world.workspace) as facts,
    ):
        first = facts.resources.get_resource(acme)
        assert (
            facts.resources.get_resource(acme)
            is facts.resources.find_resource_by_id_or_slug("acme")
            is first
        )
    assert len(statements) == 1


def test_a_read_transaction_is_over_at_the_end_of_its_block(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    world.create_company()
    with (
        pytest.raises(RuntimeError),
        postgres_database.unit_of_work_factory.read(world.workspace) as facts,
    ):
        facts.get_workspace()
        raise RuntimeError
    with postgres_database.unit_of_work_factory.read(world.workspace) as facts:
        facts.get_workspace()
    with postgres_database.engine.connect() as connection:
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        open_transactions = f"SELECT count(*) {others} AND xact_start IS NOT NULL"
        assert connection.exec_driver_sql(open_transactions).scalar() == 0
